/* That another sender's message is another table and no other code. */
#include "wire/mapping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct mapping_row rows[] = {
    {QUANTITY_SOC, "/bms/0/soc", 0.1, true},
    {QUANTITY_TEMP, "/bms/0/t~1c", 1, true},
    {QUANTITY_CURRENT, "/bms/0/i", -0.001, false},
    {QUANTITY_POWER, "p~w", 1, false},
};
static const struct mapping mapping = {"bat/+/json", ARRAY_LENGTH(rows), rows};

static enum refusal read_payload(struct mapped *out, const char *payload,
				 struct refusal_detail *detail)
{
	return mapping_read(out, &mapping, NULL, payload, strlen(payload), detail);
}

static void mapping_follows_pointers_scale_and_sign(void **state)
{
	struct mapped mapped;
	(void)state;

	assert_int_equal(
	    read_payload(&mapped, "{\"bms\":[{\"soc\":552,\"t/c\":24.1,\"i\":13400}],\"P~W\":5}",
			 NULL),
	    REFUSAL_NONE);
	assert_true(mapped.number[QUANTITY_SOC] > 55.19 && mapped.number[QUANTITY_SOC] < 55.21);
	assert_true(mapped.number[QUANTITY_TEMP] == 24.1);
	assert_true(mapped.number[QUANTITY_CURRENT] == -13.4);
	assert_true(mapped.number[QUANTITY_POWER] == 5);
	assert_false(mapped.has[QUANTITY_NODE] || mapped.has[QUANTITY_TIME]);
}

static void mapping_refuses_by_the_place_in_the_message(void **state)
{
	static const struct {
		const char *payload;
		enum refusal why;
		const char *field;
	} refused[] = {
	    {"{\"bms\":[]}", REFUSAL_MISSING_FIELD, "/bms/0/soc"},
	    {"{\"bms\":{\"0\":{\"soc\":1}}}", REFUSAL_MISSING_FIELD, "/bms/0/t~1c"},
	    {"{\"bms\":[{\"SOC\":1,\"t/c\":1}]}", REFUSAL_MISSING_FIELD, "/bms/0/soc"},
	    {"{\"bms\":5}", REFUSAL_MISSING_FIELD, "/bms/0/soc"},
	    {"{\"bms\":[{\"soc\":1001,\"t/c\":1}]}", REFUSAL_OUT_OF_RANGE, "/bms/0/soc"},
	    {"{\"bms\":[{\"soc\":1,\"t/c\":\"1\"}]}", REFUSAL_WRONG_TYPE, "/bms/0/t~1c"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		struct refusal_detail detail;
		struct mapped mapped;

		assert_int_equal(read_payload(&mapped, refused[i].payload, &detail),
				 refused[i].why);
		assert_string_equal(detail.field, refused[i].field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mapping_follows_pointers_scale_and_sign),
	    cmocka_unit_test(mapping_refuses_by_the_place_in_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
