/* Keys of what was done, over a restart: kept as a text, and taken back while they count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/api_once.h"

#define NOW_WALL_MS INT64_C(1764072000000)

static struct api_once before, later;

/* One that was asked by `user` (empty: nobody's name) with `key`, until an hour from now. */
static size_t write_one(const char *user, const char *key, char out[192])
{
	struct text text = text_in(out, 192);

	before = (struct api_once){.last = 9};
	before.list[5] = (struct api_asked){.number = 9,
					    .caller.kind = HTTP_CALLER_USER,
					    .asked = UINT64_C(0xfedcba9876543210),
					    .until_ms = 3600000};
	strcpy(before.list[5].caller.name.text, user);
	strcpy(before.list[5].key, key);
	return api_once_write(&before, 9, NOW_WALL_MS, 0, &text);
}

static void a_key_comes_back_as_what_was_done_before(void **state)
{
	char text[192];

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct api_asked *asked = &later.list[5];

		later = (struct api_once){0};
		assert_int_equal(write_one(i == 0 ? "anna" : "", "key-%s-1", text), 5);
		api_once_recall(&later, 5, text, NOW_WALL_MS + 1000, 70);
		assert_true(asked->is_of_before);
		assert_int_equal(asked->number, 1);
		assert_string_equal(asked->key, "key-%s-1");
		assert_string_equal(asked->caller.name.text, i == 0 ? "anna" : "");
		assert_int_equal(asked->caller.kind, HTTP_CALLER_USER);
		assert_true(asked->asked == before.list[5].asked);
		assert_int_equal(asked->until_ms, 70 + 3599000);
	}
}

static void what_is_over_or_is_no_such_text_does_not_come_back(void **state)
{
	static const char *const TEXTS[] = {
	    "",
	    "000001764075600000",
	    "000001764075600000 1 anna 00",
	    "000001764075600000 1 anna 00 key more",
	    "000001764075600000 x anna 00 key",
	    "000001764075600000 1 anna 00 "
	    "k1234567890123456789012345678901234567890123456789012345678901234567890"};
	char text[192];

	(void)state;
	later = (struct api_once){0};
	write_one("anna", "key", text);
	api_once_recall(&later, 5, text, NOW_WALL_MS + 3600000, 0);
	api_once_recall(&later, API_ONCE_MAX, text, NOW_WALL_MS, 0);
	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
		api_once_recall(&later, i, TEXTS[i], NOW_WALL_MS, 0);
	for (size_t i = 0; i < API_ONCE_MAX; i++)
		assert_int_equal(later.list[i].number, 0);
	/* A clock that went back prolongs nothing beyond a day. */
	api_once_recall(&later, 5, text, NOW_WALL_MS - INT64_C(30) * 86400000, 0);
	assert_int_equal(later.list[5].until_ms, API_ONCE_KEPT_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_comes_back_as_what_was_done_before),
	    cmocka_unit_test(what_is_over_or_is_no_such_text_does_not_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
