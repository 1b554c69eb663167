/* A relay that a person lets in: kept as a text, and never one of which somebody else would know.
 */
#include "model/relay_admission.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct relay_admission admitted(const char *node, const char *battery, const char *uri)
{
	struct relay_admission out = {.role = RELAY_SOURCE, .has_lease = true};

	assert_int_equal(ident_parse(&out.node, node, strlen(node)), 0);
	assert_int_equal(ident_parse(&out.battery, battery, strlen(battery)), 0);
	strcpy(out.uri, uri);
	return out;
}

static void it_is_kept_as_a_text_and_read_back(void **state)
{
	static const struct {
		enum relay_role role;
		bool has_lease;
		const char *text;
	} CASES[] = {
	    {RELAY_SOURCE, true, "relay source b1 leased coap://10.0.0.7/relay"},
	    {RELAY_LOAD, false, "relay load b1 unleased coap://10.0.0.7/relay"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct relay_admission before = admitted("r3", "b1", "coap://10.0.0.7/relay");
		struct relay_admission after;
		char room[RELAY_ADMISSION_TEXT_MAX];
		struct text text = text_in(room, sizeof room);

		before.role = CASES[i].role;
		before.has_lease = CASES[i].has_lease;
		relay_admission_format(&before, &text);
		assert_string_equal(room, CASES[i].text);
		assert_true(relay_admission_is(room));
		assert_int_equal(relay_admission_parse(&after, "r3", room), 0);
		assert_memory_equal(&before, &after, sizeof after);
	}
}

static void what_is_no_such_text_is_refused_and_leaves_the_rest_alone(void **state)
{
	static const char *const TEXTS[] = {
	    "",
	    "lfp 5000 2000",
	    "relay ",
	    "relay source",
	    "relay source b1",
	    "relay source b1 leased",
	    "relay both b1 leased coap://h/r",
	    "relay source no name leased coap://h/r",
	    "relay source b1 none coap://h/r",
	    "relay source "
	    "a123456789012345678901234567890123456789012345678901234567890123456789 leased x"};
	struct relay_admission out = {.uri = "kept"};
	char longer[RELAY_ADMISSION_TEXT_MAX + 300] = "relay source b1 leased coap://h/";

	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
		assert_int_equal(relay_admission_parse(&out, "r3", TEXTS[i]), -EINVAL);
	memset(longer + strlen(longer), 'x', PATH_TEXT_MAX);
	assert_int_equal(relay_admission_parse(&out, "r3", longer), -EINVAL);
	assert_int_equal(
	    relay_admission_parse(&out, "no name", "relay source b1 leased coap://h/r"), -EINVAL);
	assert_string_equal(out.uri, "kept");
}

static int checked(const struct house *house, const char *node, const char *battery,
		   const char *uri)
{
	struct relay_admission admission = admitted(node, battery, uri);
	char room[512];
	struct text error = text_in(room, sizeof room);
	int result = relay_admission_check(&admission, house, &error);

	assert_true((result == 0) == (error.length == 0));
	return result;
}

static void what_the_house_has_or_cannot_have_is_refused(void **state)
{
	static const char *const ADDRESSES[] = {
	    "coaps://10.0.0.7/relay", "coap://10.0.0.7",  "coap://10.0.0.7/", "coap:///relay",
	    "coap://a b/relay",       "coap://a@b/relay", "coap://h/r?q",     "http://h/relay"};
	static struct house house;

	(void)state;
	house_init(&house);
	house.battery_count = 1;
	house.batteries[0] = (struct battery_config){.id = {"b1"}, .node = {"s1"}};
	house.relay_count = 1;
	house.relays[0] = (struct relay_config){.id = {"r1"}, .uri = "coap://10.0.0.1/relay"};
	assert_int_equal(checked(&house, "r3", "b1", "coap://10.0.0.7/relay"), 0);
	assert_int_equal(checked(&house, "r3", "b1", ""), 0);
	assert_int_equal(checked(&house, "r1", "b1", "coap://10.0.0.7/relay"), -EEXIST);
	assert_int_equal(checked(&house, "b1", "b1", "coap://10.0.0.7/relay"), -EEXIST);
	assert_int_equal(checked(&house, "s1", "b1", "coap://10.0.0.7/relay"), -EEXIST);
	assert_int_equal(checked(&house, "r3", "b1", "coap://10.0.0.1/relay"), -EEXIST);
	assert_int_equal(checked(&house, "r3", "b2", "coap://10.0.0.7/relay"), -ENOENT);
	for (size_t i = 0; i < sizeof ADDRESSES / sizeof *ADDRESSES; i++)
		assert_int_equal(checked(&house, "r3", "b1", ADDRESSES[i]), -EINVAL);
	house.relay_count = RELAYS_MAX - 1;
	assert_int_equal(checked(&house, "r3", "b1", "coap://10.0.0.7/relay"), 0);
	house.relay_count = RELAYS_MAX;
	assert_int_equal(checked(&house, "r3", "b1", "coap://10.0.0.7/relay"), -ENOBUFS);
}

static void it_becomes_a_relay_of_its_battery(void **state)
{
	static struct house house;
	struct relay_admission admission = admitted("r3", "b2", "coap://10.0.0.7/relay");
	struct relay_config relay;

	(void)state;
	house_init(&house);
	house.battery_count = 2;
	strcpy(house.batteries[0].id.text, "b1");
	strcpy(house.batteries[1].id.text, "b2");
	admission.role = RELAY_LOAD;
	admission.has_lease = false;
	relay_admission_relay(&admission, &house, &relay);
	assert_string_equal(relay.id.text, "r3");
	assert_int_equal(relay.battery, 1);
	assert_int_equal(relay.role, RELAY_LOAD);
	assert_false(relay.has_lease);
	assert_true(relay.is_admitted);
	assert_string_equal(relay.uri, "coap://10.0.0.7/relay");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_kept_as_a_text_and_read_back),
	    cmocka_unit_test(what_is_no_such_text_is_refused_and_leaves_the_rest_alone),
	    cmocka_unit_test(what_the_house_has_or_cannot_have_is_refused),
	    cmocka_unit_test(it_becomes_a_relay_of_its_battery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
