/* Announcements of others: what is named is found, however much else there is. */
#include "wire/ha_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ha_wish wishes[] = {
    {"pack_soc", SOURCE_SOC, true, 60000, SOURCE_LEASE_UNSUPPORTED},
    {"charger", SOURCE_STATE, true, 60000, SOURCE_LEASE_NONE},
};

static struct ha_book *book;
static const struct source_now now = {.mono = {5000}};

static int setup(void **state)
{
	(void)state;
	book = ha_book_new("homeassistant", wishes, ARRAY_LENGTH(wishes));
	return book != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ha_book_free(book);
	return 0;
}

static enum refusal hear(const char *topic, const char *payload)
{
	bool is_ours;

	return ha_book_hear(book, topic, payload, strlen(payload), &is_ours);
}

static void announce_soc(const char *object)
{
	char topic[128];

	snprintf(topic, sizeof topic, "homeassistant/sensor/%s/config", object);
	assert_int_equal(hear(topic, "{\"uniq_id\":\"pack_soc\",\"dev_cla\":\"battery\","
				     "\"unit_of_meas\":\"%\",\"stat_t\":\"pack/soc\","
				     "\"dev\":{\"name\":\"Pack\"}}"),
			 REFUSAL_NONE);
}

static bool soc(double *value)
{
	const struct ha_bound *bound = ha_book_bound(book, 0);
	int64_t age_ms;

	return bound->binding != NULL && source_value(value, &age_ms, &bound->binding->source,
						      &bound->state, SOURCE_SOC, now.mono);
}

static size_t take(const char *topic, const char *payload)
{
	const struct source_message message = {
	    .topic = topic, .payload = payload, .length = strlen(payload)};

	return ha_book_take(book, &message, &now);
}

/* ---- topics ---- */

static void announcements_are_told_from_other_topics(void **state)
{
	static const struct {
		const char *topic, *platform, *object; /* NULL: it is none */
	} rows[] = {
	    {"homeassistant/sensor/x/config", "sensor", "x"},
	    {"homeassistant/sensor/node-1/x_2/config", "sensor", "node-1/x_2"},
	    {"homeassistant/device/pack/config", "device", "pack"},
	    {"homeassistant/status", NULL, NULL},
	    {"homeassistant/sensor/config", NULL, NULL},
	    {"homeassistant/sensor//config", NULL, NULL},
	    {"homeassistant/sensor/a/b/c/config", NULL, NULL},
	    {"homeassistant/sensor/a//config", NULL, NULL},
	    {"homeassistant/sensor/a b/config", NULL, NULL},
	    {"homeassistant/sensor/x/state", NULL, NULL},
	    {"homeassistants/sensor/x/config", NULL, NULL},
	    {"homeassistant//x/config", NULL, NULL},
	    {"homeassistant/config", NULL, NULL},
	    {"", NULL, NULL},
	};
	struct ha_place place;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		bool is_one = ha_place_of(&place, "homeassistant", rows[i].topic);

		assert_int_equal(is_one, rows[i].platform != NULL);
		if (!is_one)
			continue;
		assert_string_equal(place.platform, rows[i].platform);
		assert_string_equal(place.object, rows[i].object);
		assert_int_equal(place.is_device, strcmp(rows[i].platform, "device") == 0);
	}
}

/* ---- binding ---- */

static void nothing_is_bound_unasked(void **state)
{
	double value;
	(void)state;

	assert_int_equal(hear("homeassistant/sensor/door/config",
			      "{\"uniq_id\":\"door\",\"dev_cla\":\"battery\",\"unit_of_meas\":"
			      "\"%\",\"stat_t\":\"door/s\"}"),
			 REFUSAL_NONE);
	assert_int_equal(take("door/s", "87"), 0);
	assert_false(soc(&value));
	announce_soc("pack");
	assert_int_equal(take("pack/soc", "55.2"), 1);
	assert_true(soc(&value) && value == 55.2);
}

static void what_is_taken_away_is_unavailable_and_comes_back_empty(void **state)
{
	uint32_t version;
	double value;
	(void)state;

	announce_soc("pack");
	take("pack/soc", "55.2");
	version = ha_book_bound(book, 0)->version;
	announce_soc("pack");
	assert_int_equal(ha_book_bound(book, 0)->version, version);
	assert_true(soc(&value));
	assert_int_equal(hear("homeassistant/sensor/pack/config", ""), REFUSAL_NONE);
	assert_false(soc(&value));
	assert_true(ha_book_bound(book, 0)->version != version);
	assert_int_equal(take("pack/soc", "12"), 0);
	announce_soc("pack");
	assert_false(soc(&value));
}

static void a_second_of_the_same_name_waits_until_the_first_is_gone(void **state)
{
	double value;
	(void)state;

	announce_soc("pack");
	assert_int_equal(hear("homeassistant/sensor/other/config",
			      "{\"uniq_id\":\"pack_soc\",\"dev_cla\":\"battery\","
			      "\"unit_of_meas\":\"%\",\"stat_t\":\"other\"}"),
			 REFUSAL_NONE);
	assert_int_equal(take("other", "1"), 0);
	assert_int_equal(hear("homeassistant/sensor/pack/config", ""), REFUSAL_NONE);
	assert_int_equal(hear("homeassistant/sensor/other/config",
			      "{\"uniq_id\":\"pack_soc\",\"dev_cla\":\"battery\","
			      "\"unit_of_meas\":\"%\",\"stat_t\":\"other\"}"),
			 REFUSAL_NONE);
	assert_int_equal(take("other", "1"), 1);
	assert_true(soc(&value) && value == 1);
}

static void what_is_named_and_cannot_be_says_why(void **state)
{
	(void)state;

	assert_int_equal(
	    hear("homeassistant/switch/c/config", "{\"uniq_id\":\"charger\",\"cmd_t\":\"c/set\"}"),
	    REFUSAL_NONE);
	assert_int_equal(ha_book_bound(book, 1)->why, REFUSAL_NO_READBACK);
	assert_null(ha_book_bound(book, 1)->binding);
	/* And is bound once it is announced as it should be. */
	assert_int_equal(hear("homeassistant/switch/c/config",
			      "{\"uniq_id\":\"charger\",\"cmd_t\":\"c/set\",\"stat_t\":\"c\"}"),
			 REFUSAL_NONE);
	assert_int_equal(ha_book_bound(book, 1)->why, REFUSAL_NONE);
	assert_non_null(ha_book_bound(book, 1)->binding);
	assert_int_equal(take("c", "ON"), 1);
	assert_true(ha_book_bound(book, 1)->news.value[SOURCE_STATE] == 1);
	/* What cannot be read changes nothing. */
	assert_int_equal(hear("homeassistant/switch/c/config", "{"), REFUSAL_NOT_JSON);
	assert_non_null(ha_book_bound(book, 1)->binding);
}

/* ---- what there is ---- */

struct listed {
	size_t count, bound, batteries;
	char device[HA_NAME_MAX];
};

static void count(void *user, const struct ha_seen *seen)
{
	struct listed *listed = user;

	listed->count++;
	listed->bound += seen->is_bound;
	listed->batteries += seen->suits[SOURCE_SOC];
	if (seen->is_bound)
		memcpy(listed->device, seen->device, sizeof listed->device);
}

static void what_was_found_is_listed_with_what_it_could_be(void **state)
{
	struct listed listed = {0};
	(void)state;

	announce_soc("pack");
	assert_int_equal(hear("homeassistant/sensor/coin/config",
			      "{\"uniq_id\":\"coin\",\"dev_cla\":\"battery\",\"unit_of_meas\":"
			      "\"%\",\"stat_t\":\"door/s\",\"ent_cat\":\"diagnostic\"}"),
			 REFUSAL_NONE);
	assert_int_equal(ha_book_list(book, count, &listed), 0);
	assert_int_equal(listed.count, 2);
	assert_int_equal(listed.bound, 1);
	assert_int_equal(listed.batteries, 1);
	assert_string_equal(listed.device, "Pack");
}

static void a_flood_is_bounded_and_what_is_named_is_found_in_it(void **state)
{
	struct listed listed = {0};
	double value;
	(void)state;

	for (int i = 0; i < 5000; i++) {
		char topic[64], payload[128];

		snprintf(topic, sizeof topic, "homeassistant/sensor/x%d/config", i);
		snprintf(payload, sizeof payload, "{\"uniq_id\":\"u%d\",\"stat_t\":\"s/%d\"}", i,
			 i);
		assert_int_equal(hear(topic, payload), REFUSAL_NONE);
	}
	announce_soc("pack");
	take("pack/soc", "50");
	assert_true(soc(&value));
	assert_int_equal(ha_book_list(book, count, &listed), 5001 - HA_SEEN_MAX);
	assert_int_equal(listed.count, HA_SEEN_MAX);
	/* Room comes back. */
	for (int i = 0; i < 5000; i++) {
		char topic[64];

		snprintf(topic, sizeof topic, "homeassistant/sensor/x%d/config", i);
		assert_int_equal(hear(topic, ""), REFUSAL_NONE);
	}
	listed = (struct listed){0};
	ha_book_list(book, count, &listed);
	assert_int_equal(listed.count, 0);
	announce_soc("pack");
	ha_book_list(book, count, &listed);
	assert_int_equal(listed.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(announcements_are_told_from_other_topics, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(nothing_is_bound_unasked, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_taken_away_is_unavailable_and_comes_back_empty,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(a_second_of_the_same_name_waits_until_the_first_is_gone,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_named_and_cannot_be_says_why, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_was_found_is_listed_with_what_it_could_be, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(a_flood_is_bounded_and_what_is_named_is_found_in_it,
					    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
