/* SenML in both its forms: base fields carry on, what must be understood is. */
#include "wire/senml_message.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S 1780315200.0
#define HEX_MAX 256

static size_t from_hex(uint8_t out[HEX_MAX], const char *hex)
{
	size_t length = strlen(hex) / 2;

	assert_true(length <= HEX_MAX);
	for (size_t i = 0; i < length; i++) {
		char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return length;
}

/* Text that begins with `[` or `{` is JSON, anything else CBOR in hexadecimal digits. */
static enum refusal read_either(struct named_values *out, const char *pack)
{
	uint8_t bytes[HEX_MAX];

	if (pack[0] == '[' || pack[0] == '{')
		return senml_json_read(out, pack, strlen(pack));
	return senml_cbor_read(out, bytes, from_hex(bytes, pack));
}

static void senml_values_have_what_carries_on_from_base_fields(void **state)
{
	static const struct {
		const char *pack, *name, *unit;
		double number, age_s; /* NaN: without a time */
	} rows[] = {
	    {"[{\"bn\":\"d/\",\"bt\":1780315190,\"bu\":\"Cel\",\"n\":\"t\",\"v\":24.1},"
	     "{\"n\":\"s\",\"u\":\"%EL\",\"v\":55.2}]",
	     "d/s", "%EL", 55.2, 10},
	    {"[{\"bn\":\"d/\",\"bt\":1780315190,\"bu\":\"Cel\"},{\"n\":\"t\",\"v\":24.1,\"t\":-5}]",
	     "d/t", "Cel", 24.1, 15},
	    {"[{\"n\":\"t\",\"v\":1},{\"n\":\"t\",\"v\":2,\"t\":-3}]", "t", "", 1, NAN},
	    {"[{\"n\":\"t\",\"v\":40,\"t\":-120},{\"n\":\"t\",\"v\":55,\"t\":-5}]", "t", "", 55, 5},
	    {"[{\"n\":\"t\",\"v\":55,\"t\":-5},{\"n\":\"t\",\"v\":40,\"t\":-120}]", "t", "", 55, 5},
	    {"[{\"n\":\"t\",\"v\":1,\"t\":1780315190},{\"n\":\"t\",\"v\":2,\"t\":-20}]", "t", "", 1,
	     10},
	    {"[{\"n\":\"t\",\"v\":1,\"t\":-7},{\"n\":\"t\",\"v\":2,\"t\":-7}]", "t", "", 2, 7},
	    {"[{\"n\":\"t\",\"v\":1,\"t\":268435455}]", "t", "", 1, -268435455},
	    {"[{\"n\":\"t\",\"v\":1,\"t\":268435456}]", "t", "", 1, NOW_S - 268435456},
	    {"[{\"bn\":\"a\",\"v\":3}]", "a", "", 3, NAN},
	    {"[{\"bv\":20,\"n\":\"t\",\"v\":1.5}]", "t", "", 21.5, NAN},
	    {"[{\"bv\":20,\"n\":\"t\"}]", "t", "", 20, NAN},
	    {"[{\"n\":\"t\",\"v\":1,\"hint\":{\"a\":[1]}}]", "t", "", 1, NAN},
	    {"[{\"bver\":10,\"n\":\"t\",\"v\":1}]", "t", "", 1, NAN},
	    {"[{\"n\":\"t\",\"v\":1,\"bn\":\"d/\"}]", "d/t", "", 1, NAN},
	    {"81a2216c2f333330332f302f3537303002fb403819999999999a", "/3303/0/5700", "", 24.1, NAN},
	    {"9fbf006174016343656c02f94e0606382bffff", "t", "Cel", 24.09375, 44},
	    {"81a200617402c4822018f1", "t", "", 24.1, NAN}, /* 241 tenths */
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct named_values values;
		const struct named_value *value;

		print_message("# %s\n", rows[i].pack);
		assert_int_equal(read_either(&values, rows[i].pack), REFUSAL_NONE);
		value = named_values_find(&values, rows[i].name, NOW_S);
		assert_non_null(value);
		assert_int_equal(value->why, REFUSAL_NONE);
		assert_string_equal(value->unit, rows[i].unit);
		assert_true(fabs(value->number - rows[i].number) < 1e-9);
		assert_int_equal(value->has_time, !isnan(rows[i].age_s));
		if (value->has_time)
			assert_true(NOW_S - named_value_time_s(value, NOW_S) == rows[i].age_s);
	}
}

static void senml_pack_that_is_not_understood_is_refused_whole(void **state)
{
	static const struct {
		const char *pack;
		enum refusal why;
	} rows[] = {
	    {"[{\"bver\":11,\"n\":\"t\",\"v\":1}]", REFUSAL_UNSUPPORTED_VERSION},
	    {"[{\"n\":\"t\",\"v\":1},{\"bver\":11}]", REFUSAL_UNSUPPORTED_VERSION},
	    {"[{\"bver\":\"10\",\"n\":\"t\",\"v\":1}]", REFUSAL_WRONG_TYPE},
	    {"[{\"n\":\"t\",\"v\":1,\"x_\":1}]", REFUSAL_UNSUPPORTED_VERSION},
	    {"[{\"n\":\"t\",\"v\":1},{\"x_\":null}]", REFUSAL_UNSUPPORTED_VERSION},
	    {"[{\"n\":\"t\",\"v\":1,\"vb\":true}]", REFUSAL_WRONG_TYPE},
	    {"[{\"v\":1}]", REFUSAL_MISSING_FIELD},
	    {"[{\"n\":1,\"v\":1}]", REFUSAL_WRONG_TYPE},
	    {"[{\"n\":\"t\",\"v\":1,\"t\":\"now\"}]", REFUSAL_WRONG_TYPE},
	    {"[{\"n\":\"t\",\"v\":1,\"v\":2}]", REFUSAL_DUPLICATE_KEY},
	    {"[{\"n\":\"t\",\"v\":1e999}]", REFUSAL_NOT_FINITE},
	    {"[{\"bv\":1e308,\"n\":\"t\",\"v\":1e308}]", REFUSAL_NOT_FINITE},
	    {"[1]", REFUSAL_WRONG_TYPE},
	    {"{\"n\":\"t\",\"v\":1}", REFUSAL_WRONG_TYPE},
	    {"[{'n':'t','v':1}]", REFUSAL_NOT_JSON},
	    {"[{\"n\":\"t\",\"v\":1}", REFUSAL_NOT_JSON},
	    {"", REFUSAL_EMPTY},
	    {"81a2006174", REFUSAL_BAD_LENGTH},           /* ends within the map */
	    {"81a10061740201", REFUSAL_BAD_LENGTH},       /* a pair too many */
	    {"9bffffffffffffffff", REFUSAL_BAD_LENGTH},   /* more than there can be */
	    {"81bbffffffffffffffff", REFUSAL_BAD_LENGTH}, /* likewise */
	    {"81a2007bffffffffffffffff610201", REFUSAL_BAD_LENGTH},
	    {"81a2006174"
	     "02f97e00",
	     REFUSAL_NOT_FINITE},
	    {"81a300617402010201", REFUSAL_DUPLICATE_KEY},
	    {"81a3006174020162785f01", REFUSAL_UNSUPPORTED_VERSION},
	    {"81a3200b0061740201", REFUSAL_UNSUPPORTED_VERSION},
	    {"81a30061740201"
	     "0a818181818181818181818101",
	     REFUSAL_TOO_DEEP},
	    {"a20061740201", REFUSAL_WRONG_TYPE},
	    {"8101", REFUSAL_WRONG_TYPE},
	    {"81a2007f6174ff0201", REFUSAL_WRONG_TYPE},
	    {"81a2006174ff01", REFUSAL_WRONG_TYPE},
	    {"81a2006174"
	     "02c11a00000000",
	     REFUSAL_WRONG_TYPE}, /* a date */
	    {"1c", REFUSAL_WRONG_TYPE},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct named_values values = {.count = 4711};

		print_message("# %s\n", rows[i].pack);
		assert_int_equal(read_either(&values, rows[i].pack), rows[i].why);
		assert_int_equal(values.count, 4711);
	}
}

static void senml_value_of_the_wrong_type_spoils_itself_alone(void **state)
{
	static const char pack[] = "[{\"n\":\"a\",\"v\":\"55\"},{\"n\":\"b\",\"v\":1},"
				   "{\"n\":\"c\",\"vs\":\"on\"},{\"n\":\"d\",\"vb\":true},"
				   "{\"n\":\"e\",\"v\":null},{\"n\":\"f\",\"vd\":\"AA\"},"
				   "{\"n\":\"g\",\"s\":12},{\"n\":\"h\",\"vb\":1}]";
	struct named_values values;
	(void)state;

	assert_int_equal(senml_json_read(&values, pack, strlen(pack)), REFUSAL_NONE);
	assert_int_equal(values.count, 7);
	assert_int_equal(named_values_find(&values, "a", 0)->why, REFUSAL_WRONG_TYPE);
	assert_true(named_values_find(&values, "b", 0)->number == 1);
	assert_int_equal(named_values_find(&values, "c", 0)->kind, NAMED_WORD);
	assert_string_equal(named_values_find(&values, "c", 0)->word, "on");
	assert_int_equal(named_values_find(&values, "d", 0)->kind, NAMED_BOOL);
	assert_true(named_values_find(&values, "d", 0)->number == 1);
	assert_int_equal(named_values_find(&values, "e", 0)->why, REFUSAL_NULL_VALUE);
	assert_int_equal(named_values_find(&values, "f", 0)->kind, NAMED_OTHER);
	assert_null(named_values_find(&values, "g", 0));
	assert_int_equal(named_values_find(&values, "h", 0)->why, REFUSAL_WRONG_TYPE);
}

static void senml_of_more_values_or_longer_names_than_fit_is_refused(void **state)
{
	char pack[NAMED_VALUES_MAX * 32], name[NAMED_VALUE_NAME_MAX + 32];
	struct named_values values;
	size_t length = 0;
	(void)state;

	for (int i = 0; i <= NAMED_VALUES_MAX; i++)
		length +=
		    (size_t)sprintf(pack + length, "%s{\"n\":\"t%d\",\"v\":1}", i ? "," : "[", i);
	strcpy(pack + length, "]");
	assert_int_equal(senml_json_read(&values, pack, length + 1), REFUSAL_TOO_LARGE);
	sprintf(name, "[{\"bn\":\"%0*d\",\"n\":\"x\",\"v\":1}]", NAMED_VALUE_NAME_MAX - 1, 0);
	assert_int_equal(senml_json_read(&values, name, strlen(name)), REFUSAL_TOO_LARGE);
	sprintf(name, "[{\"bn\":\"%0*d\",\"n\":\"x\",\"v\":1}]", NAMED_VALUE_NAME_MAX - 2, 0);
	assert_int_equal(senml_json_read(&values, name, strlen(name)), REFUSAL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(senml_values_have_what_carries_on_from_base_fields),
	    cmocka_unit_test(senml_pack_that_is_not_understood_is_refused_whole),
	    cmocka_unit_test(senml_value_of_the_wrong_type_spoils_itself_alone),
	    cmocka_unit_test(senml_of_more_values_or_longer_names_than_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
