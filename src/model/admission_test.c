/* What a person lets in: kept as a text, and a battery that is watched only. */
#include "model/admission.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct admission admitted(const char *node, enum chemistry chemistry, int32_t capacity_wh,
				 int32_t power_w)
{
	struct admission out = {
	    .chemistry = chemistry, .capacity_wh = capacity_wh, .power_w = power_w};

	assert_int_equal(ident_parse(&out.node, node, strlen(node)), 0);
	return out;
}

static void it_is_kept_as_a_text_and_read_back(void **state)
{
	static const struct {
		enum chemistry chemistry;
		int32_t capacity_wh, power_w;
		const char *text;
	} CASES[] = {
	    {CHEMISTRY_NONE, 0, 0, "none 0 0"},
	    {CHEMISTRY_LFP, 5000, 2000, "lfp 5000 2000"},
	    {CHEMISTRY_LEAD_ACID, ADMISSION_WATTS_MAX, 1, "lead-acid 10000000 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct admission before =
		    admitted("shed", CASES[i].chemistry, CASES[i].capacity_wh, CASES[i].power_w);
		struct admission after;
		char room[ADMISSION_TEXT_MAX];
		struct text text = text_in(room, sizeof room);

		admission_format(&before, &text);
		assert_string_equal(room, CASES[i].text);
		assert_int_equal(admission_parse(&after, "shed", room), 0);
		assert_memory_equal(&before, &after, sizeof after);
	}
}

static void what_is_no_such_text_is_refused_and_leaves_the_rest_alone(void **state)
{
	static const char *const TEXTS[] = {"",           "lfp",
					    "lfp 5000",   "lfp 5000 ",
					    "lfp  1 2",   "lfp 1 2 3",
					    "lfp -1 2",   "lfp 1 2 ",
					    "custom 1 2", "lfp 10000001 1",
					    "tar 1 2",    "lfp 99999999999999999999 1"};
	struct admission out = {.power_w = 7};

	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
		assert_int_equal(admission_parse(&out, "shed", TEXTS[i]), -EINVAL);
	assert_int_equal(admission_parse(&out, "no name", "none 0 0"), -EINVAL);
	assert_int_equal(out.power_w, 7);
}

static void it_becomes_a_battery_that_is_watched(void **state)
{
	struct admission admission = admitted("shed", CHEMISTRY_LFP, 5000, 2000);
	struct battery_config battery;
	struct settings settings;
	char room[64];
	struct text none = text_in(room, sizeof room);
	static const struct parameter_layer EMPTY;

	(void)state;
	admission_battery(&admission, &battery);
	assert_string_equal(battery.id.text, "shed");
	assert_string_equal(battery.node.text, "shed");
	assert_true(battery.is_admitted);
	assert_int_equal(battery.transport, SENSOR_MQTT);
	/* Also where the house is told to use the threshold. */
	assert_int_equal(settings_resolve(&settings, battery.chemistry, &EMPTY, NULL,
					  &battery.layer, NULL, &none),
			 0);
	assert_int_equal(setting(&settings, PARAMETER_LOGIC), LOGIC_MONITOR);
}

static void a_name_of_the_house_and_a_full_house_are_refused(void **state)
{
	static struct house house;
	struct admission shed = admitted("shed", CHEMISTRY_NONE, 0, 0);
	char room[128];
	struct text error = text_in(room, sizeof room);

	(void)state;
	house_init(&house);
	assert_int_equal(admission_check(&shed, &house, &error), 0);
	house.relay_count = 1;
	house.relays[0].id = shed.node;
	assert_int_equal(admission_check(&shed, &house, &error), -EEXIST);
	house.relay_count = 0;
	house.battery_count = 1;
	house.batteries[0].node = shed.node;
	assert_int_equal(admission_check(&shed, &house, &error), -EEXIST);
	house.batteries[0] = (struct battery_config){.id = shed.node};
	assert_int_equal(admission_check(&shed, &house, &error), -EEXIST);
	memset(house.batteries, 0, sizeof house.batteries);
	house.battery_count = BATTERIES_MAX - 1;
	assert_int_equal(admission_check(&shed, &house, &error), 0);
	house.battery_count = BATTERIES_MAX;
	assert_int_equal(admission_check(&shed, &house, &error), -ENOBUFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_kept_as_a_text_and_read_back),
	    cmocka_unit_test(what_is_no_such_text_is_refused_and_leaves_the_rest_alone),
	    cmocka_unit_test(it_becomes_a_battery_that_is_watched),
	    cmocka_unit_test(a_name_of_the_house_and_a_full_house_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
