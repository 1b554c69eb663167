/* Prices over a restart: what was written is read, unless it means something else now. */
#include "wire/feed_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "wire/json_message.h"

#define NOW 1796083200

static struct feed feed;
static struct feed_news news;
static char bytes[FEED_BOOK_BYTES_MAX];

static void fill(int count)
{
	feed.count = 0;
	for (int i = 0; i < count; i++)
		feed_take(&feed,
			  &(struct feed_slot){NOW + (i - count) * 600, 600, 0.123456789 + i * 1e-4},
			  1, NOW);
}

static void feed_book_is_read_as_it_was_written(void **state)
{
	const struct feed_config config = {.url = "https://example.org", .scale = 0.01};
	struct text text = text_in(bytes, sizeof bytes);
	int64_t good_s = 0;

	(void)state;
	fill(FEED_BOOK_SLOTS_MAX);
	feed_hold(&feed, -0.5, 3600, NOW);
	feed_book_write(&text, &feed, &config, NOW - 60);
	assert_false(text.is_cut);
	assert_true(text.length < JSON_MESSAGE_BYTES_MAX);
	assert_int_equal(feed_book_read(&news, &good_s, &config, bytes, text.length), 0);
	assert_int_equal(good_s, NOW - 60);
	assert_int_equal(news.count, FEED_BOOK_SLOTS_MAX); /* without the oldest */
	for (size_t i = 0; i < news.count; i++) {
		assert_int_equal(news.slots[i].from_s, feed.slots[i + 1].from_s);
		assert_int_equal(news.slots[i].length_s, feed.slots[i + 1].length_s);
		assert_float_equal(news.slots[i].value, feed.slots[i + 1].value, 0);
	}
}

static void feed_book_of_another_configuration_is_not_taken(void **state)
{
	const struct feed_config config = {.url = "https://example.org", .scale = 0.01};
	struct feed_config other = config;
	struct text text = text_in(bytes, sizeof bytes);
	int64_t good_s;

	(void)state;
	fill(3);
	feed_book_write(&text, &feed, &config, NOW);
	other.every_s = 900;
	assert_int_equal(feed_book_read(&news, &good_s, &other, bytes, text.length), 0);
	other.scale = 1;
	assert_int_not_equal(feed_book_read(&news, &good_s, &other, bytes, text.length), 0);
	other = config;
	strcpy(other.url, "https://example.net");
	assert_int_not_equal(feed_book_read(&news, &good_s, &other, bytes, text.length), 0);
	assert_int_not_equal(feed_book_read(&news, &good_s, &config, bytes, text.length / 2), 0);
	assert_int_not_equal(feed_book_read(&news, &good_s, &config, "{}", 2), 0);
	assert_int_not_equal(feed_book_read(&news, &good_s, &config, "", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(feed_book_is_read_as_it_was_written),
	    cmocka_unit_test(feed_book_of_another_configuration_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
