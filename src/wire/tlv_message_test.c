/* LwM2M's TLV: kinds by the registry, lengths that are believed only when they fit. */
#include "wire/tlv_message.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEX_MAX 128

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

static enum refusal read_hex(struct named_values *out, const char *path, const char *hex)
{
	uint8_t bytes[HEX_MAX];

	return tlv_message_read(out, path, bytes, from_hex(bytes, hex));
}

static void tlv_numbers_are_read_by_the_kind_of_their_resource(void **state)
{
	static const struct {
		const char *path, *hex, *name;
		enum named_kind kind;
		double number;
	} rows[] = {
	    {"/3303/0/5700", "e4164441c0cccd", "/3303/0/5700", NAMED_NUMBER, 24.1},
	    {"/3303/0/5700", "e8164408c016000000000000", "/3303/0/5700", NAMED_NUMBER, -5.5},
	    {"/3303/0", "08000be4164441f80000e1164563", "/3303/0/5700", NAMED_NUMBER, 31},
	    {"/3303/0", "e4164441f80000", "/3303/0/5700", NAMED_NUMBER, 31},
	    {"/3303", "080007e4164441c0cccd080207e4164441f80000", "/3303/2/5700", NAMED_NUMBER, 31},
	    {"/3303/0/5700", "f01644000441f80000", "/3303/0/5700", NAMED_NUMBER, 31},
	    {"/3303/0/5700", "f8164400000441f80000", "/3303/0/5700", NAMED_NUMBER, 31},
	    {"/3306/0/5850", "e116da01", "/3306/0/5850", NAMED_BOOL, 1},
	    {"/3312/0/5850", "e116da00", "/3312/0/5850", NAMED_BOOL, 0},
	    {"/3411/0/1", "c10137", "/3411/0/1", NAMED_NUMBER, 55},
	    {"/3411/0/1", "c101ff", "/3411/0/1", NAMED_NUMBER, -1},
	    {"/3411/0/1", "c2010037", "/3411/0/1", NAMED_NUMBER, 55},
	    {"/3411/0/1", "c401ffffffff", "/3411/0/1", NAMED_NUMBER, -1},
	    {"/3411/0/1", "c80108fffffffffffffffe", "/3411/0/1", NAMED_NUMBER, -2},
	    {"/3411/0/3", "c4034251999a", "/3411/0/3", NAMED_NUMBER, 52.4},
	    {"/3306/0/5852", "e216dcfffe", "/3306/0/5852", NAMED_NUMBER, -2},
	    {"/3/0/6", "8606410001410105", "/3/0/6/1", NAMED_NUMBER, 5},
	    {"/33000/0/7", "c107fe", "/33000/0/7", NAMED_NUMBER, -2},
	    {"/33000/0/7", "c40741c0cccd", "/33000/0/7", NAMED_OTHER, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct named_values values;
		const struct named_value *value;

		assert_int_equal(read_hex(&values, rows[i].path, rows[i].hex), REFUSAL_NONE);
		value = named_values_find(&values, rows[i].name, 0);
		assert_non_null(value);
		assert_int_equal(value->why, REFUSAL_NONE);
		assert_int_equal(value->kind, rows[i].kind);
		assert_true(fabs(value->number - rows[i].number) < 1e-5);
	}
}

static void tlv_whose_lengths_do_not_fit_is_refused(void **state)
{
	static const struct {
		const char *path, *hex;
		enum refusal why;
	} rows[] = {
	    {"/3303/0/5700", "e4164441c0cc", REFUSAL_BAD_TLV}, /* one byte short */
	    {"/3303/0/5700", "f81644ffffff41c0cccd", REFUSAL_BAD_TLV},
	    {"/3303/0/5700", "e4164441c0cccd00", REFUSAL_BAD_TLV}, /* a head alone */
	    {"/3303/0/5700", "e416", REFUSAL_BAD_TLV},
	    {"/3303/0/5700", "f8164400", REFUSAL_BAD_TLV},
	    {"/3303/0", "08000ce4164441f80000e1164563", REFUSAL_BAD_TLV},
	    {"/3303/0", "08000ae4164441f80000e1164563", REFUSAL_BAD_TLV}, /* cuts one within */
	    {"/3303/0",
	     "080003"
	     "080000",
	     REFUSAL_BAD_TLV},                        /* an instance within an instance */
	    {"/3303/0/5700", "414455", REFUSAL_NONE}, /* its instance, which may be told */
	    {"/3303/0/5700", "", REFUSAL_EMPTY},
	    {"/sensors/temperature", "e4164441c0cccd", REFUSAL_NOT_USABLE},
	    {"/3303/0/5700/1/2", "e4164441c0cccd", REFUSAL_NOT_USABLE},
	    {"/65536", "e4164441c0cccd", REFUSAL_NOT_USABLE},
	    {"", "e4164441c0cccd", REFUSAL_NOT_USABLE},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct named_values values = {.count = 4711};

		assert_int_equal(read_hex(&values, rows[i].path, rows[i].hex), rows[i].why);
		assert_true(rows[i].why == REFUSAL_NONE || values.count == 4711);
	}
}

static void tlv_value_of_an_impossible_length_spoils_itself_alone(void **state)
{
	static const struct {
		const char *path, *hex, *name;
		enum refusal why;
	} rows[] = {
	    {"/3303/0/5700", "e3164441c0cc", "/3303/0/5700", REFUSAL_BAD_TLV},
	    {"/3303/0/5700", "e01644", "/3303/0/5700", REFUSAL_BAD_TLV},
	    {"/3303/0/5700", "e416447fc00000", "/3303/0/5700", REFUSAL_NOT_FINITE},
	    {"/3411/0", "c301000037c4034251999a", "/3411/0/1", REFUSAL_BAD_TLV},
	    {"/3411/0", "c301000037c4034251999a", "/3411/0/3", REFUSAL_NONE},
	    {"/3312/0/5850", "e116da02", "/3312/0/5850", REFUSAL_BAD_TLV},
	    {"/3312/0/5850", "e216da0001", "/3312/0/5850", REFUSAL_BAD_TLV},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct named_values values;

		assert_int_equal(read_hex(&values, rows[i].path, rows[i].hex), REFUSAL_NONE);
		assert_int_equal(named_values_find(&values, rows[i].name, 0)->why, rows[i].why);
	}
}

static void tlv_of_more_values_than_there_is_room_for_is_refused(void **state)
{
	uint8_t bytes[3 * (NAMED_VALUES_MAX + 1)], large[TLV_MESSAGE_MAX + 1] = {0};
	struct named_values values;
	(void)state;

	for (size_t i = 0; i <= NAMED_VALUES_MAX; i++)
		memcpy(bytes + 3 * i, (const uint8_t[]){0xc1, (uint8_t)i, 1}, 3);
	assert_int_equal(tlv_message_read(&values, "/33000/0", bytes, sizeof bytes - 3),
			 REFUSAL_NONE);
	assert_int_equal(values.count, NAMED_VALUES_MAX);
	assert_int_equal(tlv_message_read(&values, "/33000/0", bytes, sizeof bytes),
			 REFUSAL_TOO_LARGE);
	assert_int_equal(tlv_message_read(&values, "/33000/0", large, sizeof large),
			 REFUSAL_TOO_LARGE);
}

static void resource_as_text_is_a_whole_number_or_one_and_zero(void **state)
{
	static const struct {
		const char *path, *text;
		enum refusal why;
		double number;
	} rows[] = {
	    {"/3303/0/5700", "24.1", REFUSAL_NONE, 24.1},
	    {"/3303/0/5700", "-5\n", REFUSAL_NONE, -5},
	    {"/3303/0/5700", "24,1", REFUSAL_BAD_NUMBER, 0},
	    {"/3303/0/5700", "24.1 Cel", REFUSAL_BAD_NUMBER, 0},
	    {"/3303/0/5700", " ", REFUSAL_EMPTY, 0},
	    {"/3306/0/5850", "1", REFUSAL_NONE, 1},
	    {"/3306/0/5850", "0", REFUSAL_NONE, 0},
	    {"/3306/0/5850", "2", REFUSAL_UNKNOWN_STATE, 0},
	    {"/3306/0/5850", "on", REFUSAL_BAD_NUMBER, 0},
	    {"/3411/0/1", "55", REFUSAL_NONE, 55},
	    {"/3303/0", "24.1", REFUSAL_NOT_USABLE, 0},
	    {"/s", "24.1", REFUSAL_NOT_USABLE, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct named_values values = {0};

		assert_int_equal(
		    tlv_text_read(&values, rows[i].path, rows[i].text, strlen(rows[i].text)),
		    rows[i].why);
		if (rows[i].why == REFUSAL_NONE)
			assert_true(named_values_find(&values, rows[i].path, 0)->number ==
				    rows[i].number);
		else
			assert_int_equal(values.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tlv_numbers_are_read_by_the_kind_of_their_resource),
	    cmocka_unit_test(tlv_whose_lengths_do_not_fit_is_refused),
	    cmocka_unit_test(tlv_value_of_an_impossible_length_spoils_itself_alone),
	    cmocka_unit_test(tlv_of_more_values_than_there_is_room_for_is_refused),
	    cmocka_unit_test(resource_as_text_is_a_whole_number_or_one_and_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
