/* What all batteries come to: who is silent counts for nothing, and that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/result.h"
#include "cli/status_total.h"

#define BATTERY(capacity_wh, soc_pct) "{\"capacity_wh\":" capacity_wh ",\"soc_pct\":" soc_pct "}"

static void a_silent_battery_is_left_out_and_counted(void **state)
{
	static const struct {
		const char *batteries, *words;
	} rows[] = {
	    {"[]", ""},
	    {"[" BATTERY("10000", "50") "]", ""},
	    {"[" BATTERY("10000", "50") "," BATTERY("0", "90") "]", ""},
	    {"[" BATTERY("10000", "50") "," BATTERY("10000", "60") "," BATTERY("10000", "70") "]",
	     "3 batteries: 60.0 %, 18.0 of 30.0 kWh"},
	    {"[" BATTERY("10000", "50") "," BATTERY("10000", "null") "," BATTERY("5000", "80") "]",
	     "2 of 3 batteries: 60.0 %, 9.0 of 15.0 kWh"},
	    {"[" BATTERY("10000", "0") "," BATTERY("10000", "null") "]",
	     "1 of 2 batteries: 0.0 %, 0.0 of 10.0 kWh"},
	    {"[" BATTERY("10000", "null") "," BATTERY("10000", "null") "]",
	     "0 of 2 batteries: nothing is known now"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char buffer[128] = "";
		struct text out = text_in(buffer, sizeof(buffer));
		json_t *batteries = json_loads(rows[i].batteries, 0, NULL);

		status_total(&out, batteries);
		assert_string_equal(buffer, rows[i].words);
		json_decref(batteries);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_silent_battery_is_left_out_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
