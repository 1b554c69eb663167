/* What is said to leave the machine in the open, and what is not. */
#include "wire/plain_channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct house house;

struct found {
	char text[1024]; /* "mqtt h:1883;relay coap://…;" */
	size_t length;
};

static void note(void *user, const struct plain_channel *channel)
{
	struct found *found = user;
	char words[512];
	struct text sentence = text_in(words, sizeof words);

	found->length +=
	    (size_t)snprintf(found->text + found->length, sizeof found->text - found->length,
			     "%s %s;", plain_kind_name(channel->kind), channel->address);
	plain_channel_format(channel, &sentence);
	assert_false(sentence.is_cut);
	assert_non_null(strstr(words, channel->address));
	assert_non_null(strstr(words, channel->subject));
}

static void assert_open(const char *expected)
{
	struct found found = {.length = 0};

	plain_channels_visit(&house, note, &found);
	assert_string_equal(found.text, expected);
}

static void nothing_of_an_empty_house_leaves_the_machine(void **state)
{
	(void)state;
	house_init(&house);
	assert_open("");
}

static void broker_elsewhere_is_open_without_tls(void **state)
{
	static const char *const here[] = {"127.0.0.1", "127.1.2.3", "localhost", "::1", ""};

	(void)state;
	house_init(&house);
	for (size_t i = 0; i < ARRAY_LENGTH(here); i++) {
		snprintf(house.broker.host, sizeof house.broker.host, "%s", here[i]);
		assert_open("");
	}
	snprintf(house.broker.host, sizeof house.broker.host, "fd00::1");
	assert_open("mqtt [fd00::1]:1883;");
	house.broker.tls.is_required = true;
	assert_open("");
}

static void relay_elsewhere_is_open_without_a_key(void **state)
{
	struct relay_config *relay = &house.relays[0];

	(void)state;
	house_init(&house);
	house.relay_count = 1;
	*relay = (struct relay_config){.id = {"r1"}, .uri = "coap://192.0.2.1/relay"};
	assert_open("relay coap://192.0.2.1/relay;");
	snprintf(relay->uri, sizeof relay->uri, "coaps://192.0.2.1/relay");
	assert_open("");
	snprintf(relay->uri, sizeof relay->uri, "coap://[::1]/relay");
	assert_open("");
	relay->uri[0] = '\0';
	assert_open("");
}

static void registration_elsewhere_is_open_and_so_is_who_comes_by_it(void **state)
{
	struct relay_config *relay = &house.relays[0];

	(void)state;
	house_init(&house);
	house.coap.listen = (struct listen_config){"0.0.0.0", 5683};
	assert_open("registration 0.0.0.0:5683;");
	house.relay_count = 1;
	*relay = (struct relay_config){.id = {"r1"}};
	assert_open("relay where it registers;registration 0.0.0.0:5683;");
	snprintf(relay->key_file, sizeof relay->key_file, "/k");
	assert_open("registration 0.0.0.0:5683;");
	house.coap.listen = (struct listen_config){"127.0.0.1", 5683};
	house.coap.listen_secure = (struct listen_config){"0.0.0.0", 5684};
	assert_open("");
}

static void a_source_over_coap_elsewhere_is_open(void **state)
{
	(void)state;
	house_init(&house);
	house.coap_source_count = 2;
	snprintf(house.coap_sources[0].id.text, sizeof house.coap_sources[0].id.text, "mote");
	snprintf(house.coap_sources[0].uri, sizeof house.coap_sources[0].uri, "coap://127.0.0.1");
	assert_open("");
	snprintf(house.coap_sources[0].uri, sizeof house.coap_sources[0].uri, "coap://[fd00::2]");
	assert_open("source coap://[fd00::2];");
	snprintf(house.coap.listen.address, sizeof house.coap.listen.address, "::");
	house.coap.listen.port = 5683;
	assert_open("source coap://[fd00::2];source where it registers;registration [::]:5683;");
}

static void sensor_and_server_elsewhere_are_open_unless_encrypted(void **state)
{
	struct server_config *server = &house.store.server;

	(void)state;
	house_init(&house);
	house.battery_count = 1;
	house.batteries[0] = (struct battery_config){.id = {"b1"}, .uri = "coap://h/battery"};
	*server = (struct server_config){.is_configured = true, .host = "db", .port = 3306};
	assert_open("sensor coap://h/battery;server db:3306;");
	snprintf(house.batteries[0].uri, sizeof house.batteries[0].uri, "coaps://h/battery");
	server->tls_is_required = true;
	assert_open("");
	*server = (struct server_config){.is_configured = true, .socket = "/run/db.sock"};
	assert_open("");
}

static void outlet_elsewhere_is_open_where_tls_is_off_and_its_path_stays_secret(void **state)
{
	static const char *const closed[] = {"http://127.0.0.1/x", "https://h/x", "smtps://h",
					     "smtp://localhost", ""};
	struct outlet_config *outlet = &house.outlets[0];

	(void)state;
	house_init(&house);
	house.outlet_count = 1;
	for (size_t i = 0; i < ARRAY_LENGTH(closed); i++) {
		*outlet = (struct outlet_config){.name = {"a"}, .tls = OUTLET_TLS_OFF};
		snprintf(outlet->url, sizeof outlet->url, "%s", closed[i]);
		assert_open("");
	}
	snprintf(outlet->url, sizeof outlet->url, "http://user.lan:80/secret");
	assert_open("outlet user.lan;");
	snprintf(outlet->url, sizeof outlet->url, "smtp://[fd00::1]:25");
	assert_open("outlet fd00::1;");
	outlet->tls = OUTLET_TLS_REQUIRED;
	assert_open("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_an_empty_house_leaves_the_machine),
	    cmocka_unit_test(broker_elsewhere_is_open_without_tls),
	    cmocka_unit_test(relay_elsewhere_is_open_without_a_key),
	    cmocka_unit_test(registration_elsewhere_is_open_and_so_is_who_comes_by_it),
	    cmocka_unit_test(a_source_over_coap_elsewhere_is_open),
	    cmocka_unit_test(sensor_and_server_elsewhere_are_open_unless_encrypted),
	    cmocka_unit_test(outlet_elsewhere_is_open_where_tls_is_off_and_its_path_stays_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
