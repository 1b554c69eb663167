/* Packets of MQTT 5.0, byte for byte; the sections are those of the OASIS standard. */
#include "wire/mqtt_packet.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PACKET_MAX 4096

struct bytes {
	const char *at;
	size_t length;
};
#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}

/* Reads from memory of just that size, so that a sanitizer sees the first byte read past it. */
static enum mqtt_reading reads(struct mqtt_packet *out, const char *bytes, size_t length,
			       size_t packet_max)
{
	static uint8_t *exact;
	enum mqtt_reading reading;

	free(exact); /* the last one's, which a test may have looked into */
	exact = malloc(length > 0 ? length : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, length);
	reading = mqtt_packet_read(out, exact, length, packet_max);
	if (reading != MQTT_READ_PACKET) {
		free(exact);
		exact = NULL;
	}
	return reading;
}

#define READS(packet, text) reads(packet, text, sizeof(text) - 1, PACKET_MAX)

/* --- what a broker sends ------------------------------------------------------ */

static void
connack_says_what_the_broker_grants_and_the_standards_word_where_it_says_none(void **state)
{
	struct mqtt_packet packet;
	(void)state;

	assert_int_equal(READS(&packet, "\x20\x03\x01\x00\x00"), MQTT_READ_PACKET); /* 3.2 */
	assert_int_equal(packet.kind, MQTT_IS_CONNACK);
	assert_int_equal(packet.size, 5);
	assert_true(packet.connack.has_session);
	assert_int_equal(packet.connack.reason, 0);
	assert_int_equal(packet.connack.receive_max, 65535);
	assert_int_equal(packet.connack.qos_max, 2);
	assert_int_equal(packet.connack.keepalive_s, -1);
	assert_true(packet.connack.packet_max == UINT32_MAX);

	/* 3.2.2.3: receive maximum 20, QoS 1, packets of 1000, keep alive 60; others pass by. */
	assert_int_equal(READS(&packet,
			       "\x20\x1e\x00\x00\x1b\x21\x00\x14\x24\x01\x27\x00\x00\x03\xe8"
			       "\x13\x00\x3c\x26\x00\x01k\x00\x01v\x12\x00\x01i\x22\x00\x0a"),
			 MQTT_READ_PACKET);
	assert_false(packet.connack.has_session);
	assert_int_equal(packet.connack.receive_max, 20);
	assert_int_equal(packet.connack.qos_max, 1);
	assert_int_equal(packet.connack.packet_max, 1000);
	assert_int_equal(packet.connack.keepalive_s, 60);
}

static void a_broker_of_an_older_version_refuses_in_two_bytes(void **state)
{
	struct mqtt_packet packet;
	(void)state;

	assert_int_equal(READS(&packet, "\x20\x02\x00\x01"), MQTT_READ_PACKET);
	assert_int_equal(packet.connack.reason, MQTT_REASON_VERSION);
	assert_int_equal(READS(&packet, "\x20\x02\x00\x00"), MQTT_READ_MALFORMED);
}

static void publish_is_borrowed_where_it_lies(void **state)
{
	struct mqtt_packet packet;
	(void)state;

	assert_int_equal(READS(&packet, "\x3b\x0a\x00\x03"
					"a/b\x12\x34\x00hi"),
			 MQTT_READ_PACKET); /* 3.3: duplicate, QoS 1, retained */
	assert_int_equal(packet.kind, MQTT_IS_PUBLISH);
	assert_true(packet.publish.is_duplicate && packet.publish.is_retained);
	assert_int_equal(packet.publish.qos, 1);
	assert_int_equal(packet.publish.id, 0x1234);
	assert_int_equal(packet.publish.topic_length, 3);
	assert_memory_equal(packet.publish.topic, "a/b", 3);
	assert_int_equal(packet.publish.length, 2);
	assert_memory_equal(packet.publish.payload, "hi", 2);

	assert_int_equal(READS(&packet, "\x30\x04\x00\x01t\x00"),
			 MQTT_READ_PACKET); /* empty, QoS 0 */
	assert_int_equal(packet.publish.id, 0);
	assert_int_equal(packet.publish.length, 0);

	/* 3.3.2.3: expiry, type, two subscription identifiers, user property. */
	assert_int_equal(READS(&packet,
			       "\x30\x19\x00\x01t\x13\x02\x00\x00\x00\x3c\x03\x00\x01j\x0b\x01"
			       "\x0b\x80\x01\x26\x00\x00\x00\x00pp"),
			 MQTT_READ_PACKET);
	assert_int_equal(packet.publish.length, 2);
}

static void puback_suback_pingresp_and_disconnect_are_read(void **state)
{
	struct mqtt_packet packet;
	(void)state;

	assert_int_equal(READS(&packet, "\x40\x02\x00\x07"), MQTT_READ_PACKET); /* 3.4.2.1 */
	assert_int_equal(packet.puback.id, 7);
	assert_int_equal(packet.puback.reason, 0);
	assert_int_equal(READS(&packet, "\x40\x03\x00\x07\x87"), MQTT_READ_PACKET);
	assert_int_equal(packet.puback.reason, 0x87);
	assert_int_equal(READS(&packet, "\x40\x09\x00\x07\x87\x05\x1f\x00\x02no"),
			 MQTT_READ_PACKET);

	assert_int_equal(READS(&packet, "\x90\x06\x00\x09\x00\x01\x00\x80"),
			 MQTT_READ_PACKET); /* 3.9 */
	assert_int_equal(packet.suback.id, 9);
	assert_int_equal(packet.suback.count, 3);
	assert_memory_equal(packet.suback.reasons, "\x01\x00\x80", 3);

	assert_int_equal(READS(&packet, "\xd0\x00"), MQTT_READ_PACKET); /* 3.13 */
	assert_int_equal(packet.kind, MQTT_IS_PINGRESP);
	assert_int_equal(packet.size, 2);

	assert_int_equal(READS(&packet, "\xe0\x00"), MQTT_READ_PACKET); /* 3.14.2.1 */
	assert_int_equal(packet.disconnect.reason, 0);
	assert_int_equal(READS(&packet, "\xe0\x02\x8e\x00"), MQTT_READ_PACKET);
	assert_int_equal(packet.disconnect.reason, MQTT_REASON_TAKEN_OVER);
}

static void what_breaks_a_rule_is_refused_for_it(void **state)
{
	static const struct {
		const char *section;
		struct bytes packet;
		enum mqtt_reading reading;
	} rows[] = {
	    {"1.5.5 a length of five bytes", BYTES("\x30\x80\x80\x80\x80\x01"),
	     MQTT_READ_MALFORMED},
	    {"2.1.2 kind 0", BYTES("\x00\x00"), MQTT_READ_PROTOCOL},
	    {"2.1.2 CONNECT", BYTES("\x10\x00"), MQTT_READ_PROTOCOL},
	    {"2.1.2 AUTH, which we never asked for", BYTES("\xf0\x00"), MQTT_READ_PROTOCOL},
	    {"2.1.3 flags of CONNACK", BYTES("\x21\x03\x00\x00\x00"), MQTT_READ_MALFORMED},
	    {"2.1.3 flags of PUBACK", BYTES("\x42\x02\x00\x01"), MQTT_READ_MALFORMED},
	    {"2.2.2.2 unknown property", BYTES("\x30\x06\x00\x01t\x02\x7f\x00"),
	     MQTT_READ_MALFORMED},
	    {"2.2.2.2 property elsewhere", BYTES("\x30\x07\x00\x01t\x03\x21\x00\x01"),
	     MQTT_READ_PROTOCOL},
	    {"2.2.2.2 properties longer than the packet", BYTES("\x30\x05\x00\x01t\x02\x01"),
	     MQTT_READ_MALFORMED},
	    {"2.2.2.2 property cut off", BYTES("\x30\x06\x00\x01t\x02\x02\x00"),
	     MQTT_READ_MALFORMED},
	    {"3.2.2.1 flags", BYTES("\x20\x03\x02\x00\x00"), MQTT_READ_MALFORMED},
	    {"3.2.2.3.3 receive maximum 0", BYTES("\x20\x06\x00\x00\x03\x21\x00\x00"),
	     MQTT_READ_PROTOCOL},
	    {"3.2.2.3.3 twice", BYTES("\x20\x09\x00\x00\x06\x21\x00\x01\x21\x00\x01"),
	     MQTT_READ_PROTOCOL},
	    {"3.2.2.3.4 QoS 2 said", BYTES("\x20\x05\x00\x00\x02\x24\x02"), MQTT_READ_PROTOCOL},
	    {"3.2.2.3.6 packets of 0", BYTES("\x20\x08\x00\x00\x05\x27\x00\x00\x00\x00"),
	     MQTT_READ_PROTOCOL},
	    {"3.3.1.1 duplicate with QoS 0", BYTES("\x38\x04\x00\x01t\x00"), MQTT_READ_MALFORMED},
	    {"3.3.1.2 QoS 3", BYTES("\x36\x06\x00\x01t\x00\x01\x00"), MQTT_READ_MALFORMED},
	    {"3.8.3.1 QoS 2, which we never subscribe with", BYTES("\x34\x06\x00\x01t\x00\x01\x00"),
	     MQTT_READ_PROTOCOL},
	    {"3.3.2.1 no topic", BYTES("\x30\x03\x00\x00\x00"), MQTT_READ_PROTOCOL},
	    {"3.3.2.1 topic cut off", BYTES("\x30\x03\x00\x05t"), MQTT_READ_MALFORMED},
	    {"3.3.2.1 wildcard",
	     BYTES("\x30\x06\x00\x03"
		   "a/+\x00"),
	     MQTT_READ_MALFORMED},
	    {"3.3.2.1 wildcard", BYTES("\x30\x04\x00\x01#\x00"), MQTT_READ_MALFORMED},
	    {"1.5.4 NUL", BYTES("\x30\x04\x00\x01\x00\x00"), MQTT_READ_MALFORMED},
	    {"1.5.4 overlong", BYTES("\x30\x05\x00\x02\xc0\x80\x00"), MQTT_READ_MALFORMED},
	    {"1.5.4 surrogate", BYTES("\x30\x06\x00\x03\xed\xa0\x80\x00"), MQTT_READ_MALFORMED},
	    {"1.5.4 beyond U+10FFFF", BYTES("\x30\x07\x00\x04\xf4\x90\x80\x80\x00"),
	     MQTT_READ_MALFORMED},
	    {"1.5.4 cut off", BYTES("\x30\x04\x00\x01\xc3\x00"), MQTT_READ_MALFORMED},
	    {"2.2.1 id 0", BYTES("\x32\x06\x00\x01t\x00\x00\x00"), MQTT_READ_MALFORMED},
	    {"3.3.2.3.4 alias, which we never allow", BYTES("\x30\x07\x00\x01t\x03\x23\x00\x01"),
	     MQTT_READ_PROTOCOL},
	    {"3.3 no properties", BYTES("\x30\x03\x00\x01t"), MQTT_READ_MALFORMED},
	    {"3.4.2 no id", BYTES("\x40\x01\x00"), MQTT_READ_MALFORMED},
	    {"3.9.3 no reason", BYTES("\x90\x03\x00\x01\x00"), MQTT_READ_PROTOCOL},
	    {"3.13.1 longer", BYTES("\xd0\x01\x00"), MQTT_READ_MALFORMED},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct mqtt_packet packet = {.size = 77};

		print_message("# %s\n", rows[i].section);
		assert_int_equal(
		    reads(&packet, rows[i].packet.at, rows[i].packet.length, PACKET_MAX),
		    rows[i].reading);
		assert_int_equal(packet.size, 77); /* written only on success */
	}
}

static void topics_of_any_language_pass(void **state)
{
	static const struct bytes rows[] = {
	    BYTES("\x30\x05\x00\x02\xc3\xa9\x00"),         /* U+00E9 */
	    BYTES("\x30\x06\x00\x03\xe2\x82\xac\x00"),     /* U+20AC */
	    BYTES("\x30\x07\x00\x04\xf0\x9f\x94\x8b\x00"), /* U+1F50B */
	    BYTES("\x30\x07\x00\x04\xf4\x8f\xbf\xbf\x00"), /* U+10FFFF */
	    BYTES("\x30\x06\x00\x03\xed\x9f\xbf\x00"),     /* before the surrogates */
	};
	struct mqtt_packet packet;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		assert_int_equal(reads(&packet, rows[i].at, rows[i].length, PACKET_MAX),
				 MQTT_READ_PACKET);
}

static void any_beginning_of_a_packet_waits_for_the_rest(void **state)
{
	static const char whole[] = "\x32\x09\x00\x03"
				    "a/b\x00\x01\x00"
				    "5\xd0\x00";
	const size_t size = 11;
	struct mqtt_packet packet;
	(void)state;

	for (size_t length = 0; length < size; length++)
		assert_int_equal(reads(&packet, whole, length, PACKET_MAX), MQTT_READ_PART);
	assert_int_equal(reads(&packet, whole, sizeof(whole) - 1, PACKET_MAX), MQTT_READ_PACKET);
	assert_int_equal(packet.size, size); /* and the next one stays */
}

static void a_packet_is_as_large_as_allowed_or_refused_by_its_header_alone(void **state)
{
	static const char header[] = "\x30\xfe\x1f"; /* 4094 and the three before it: 4097 */
	struct mqtt_packet packet;
	(void)state;

	assert_int_equal(reads(&packet, header, 3, 4097), MQTT_READ_PART);
	assert_int_equal(reads(&packet, header, 3, 4096), MQTT_READ_TOO_LARGE);
}

/* --- what a client says --------------------------------------------------------- */

static void connect_keeps_its_session_and_says_its_limits(void **state)
{
	static const char wanted[] = "\x10\x26\x00\x04MQTT\x05\xc0\x00\x1e"
				     "\x0d\x11\x00\x09\x3a\x80\x21\x03\xe8\x27\x00\x04\x00\x00"
				     "\x00\x03"
				     "amp\x00\x02me\x00\x03pwd";
	const struct mqtt_connect connect = {.client_id = "amp",
					     .user = "me",
					     .password = "pwd",
					     .keepalive_s = 30,
					     .session_expiry_s = 604800,
					     .receive_max = 1000,
					     .packet_max = 256 * 1024};
	const struct mqtt_connect anonymous = {.client_id = "a", .user = "", .password = ""};
	uint8_t bytes[256];
	struct mqtt_outbox out = {bytes, sizeof(bytes), 0};
	(void)state;

	assert_int_equal(mqtt_packet_connect(&out, &connect), 0);
	assert_int_equal(out.length, sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	out.length = 0;
	assert_int_equal(mqtt_packet_connect(&out, &anonymous), 0);
	assert_int_equal(bytes[9], 0); /* no user, no password, no will, no clean start (3.1.2.3) */
	assert_int_equal(out.length, 2 + 10 + 14 + 3);
}

static void subscribe_takes_as_many_topics_as_fit(void **state)
{
	static const char *const topics[] = {"a/+", "b", "cc"};
	static const char wanted[] = "\x82\x0d\x00\x05\x00\x00\x03"
				     "a/+\x11\x00\x01"
				     "b\x11";
	uint8_t bytes[64];
	struct mqtt_outbox out = {bytes, sizeof(bytes), 0};
	(void)state;

	assert_int_equal(mqtt_packet_subscribe(&out, 5, topics, 3, 1, 15), 2); /* 3.8 */
	assert_int_equal(out.length, sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	assert_int_equal(mqtt_packet_subscribe(&out, 5, topics, 3, 1, 1000), 3);
	assert_int_equal(out.length, 15 + 20);
	assert_int_equal(mqtt_packet_subscribe(&out, 5, topics, 3, 1, 10), 0);
	assert_int_equal(out.length, 15 + 20);
}

static void acknowledgements_stand_one_behind_the_other(void **state)
{
	uint8_t bytes[11];
	struct mqtt_outbox out = {bytes, sizeof(bytes), 0};
	(void)state;

	assert_int_equal(mqtt_packet_puback(&out, 1), 0);
	assert_int_equal(mqtt_packet_puback(&out, 0xfffe), 0);
	assert_memory_equal(bytes, "\x40\x02\x00\x01\x40\x02\xff\xfe", 8);
	assert_int_equal(mqtt_packet_puback(&out, 3), -ENOBUFS);
	assert_int_equal(mqtt_packet_pingreq(&out), 0);
	assert_memory_equal(bytes + 8, "\xc0\x00", 2);
	assert_int_equal(mqtt_packet_disconnect(&out, 0), -ENOBUFS);
	assert_int_equal(out.length, 10);
}

static void goodbye_has_a_reason_where_there_is_one(void **state)
{
	uint8_t bytes[8];
	struct mqtt_outbox out = {bytes, sizeof(bytes), 0};
	(void)state;

	assert_int_equal(mqtt_packet_disconnect(&out, 0), 0);
	assert_int_equal(mqtt_packet_disconnect(&out, MQTT_REASON_PROTOCOL), 0);
	assert_int_equal(out.length, 5);
	assert_memory_equal(bytes, "\xe0\x00\xe0\x01\x82", 5); /* 3.14 */
}

/* Lengths on both sides of one, two and three bytes of length (1.5.5). */
static void what_is_written_is_what_is_read(void **state)
{
	static const size_t lengths[] = {0, 121, 122, 16377, 16378, 70000};
	static uint8_t payload[70000], bytes[70100];
	(void)state;

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
		const struct mqtt_publish said = {.is_duplicate = true,
						  .qos = 1,
						  .id = 513,
						  .topic = "a/b",
						  .topic_length = 3,
						  .payload = payload,
						  .length = lengths[i]};
		struct mqtt_outbox out = {bytes, sizeof(bytes), 0};
		struct mqtt_packet heard;

		assert_int_equal(mqtt_packet_publish(&out, &said), 0);
		assert_int_equal(mqtt_packet_read(&heard, bytes, out.length, sizeof(bytes)),
				 MQTT_READ_PACKET);
		assert_int_equal(heard.size, out.length);
		assert_int_equal(heard.publish.id, 513);
		assert_true(heard.publish.is_duplicate && !heard.publish.is_retained);
		assert_int_equal(heard.publish.length, lengths[i]);
		assert_memory_equal(heard.publish.topic, "a/b", 3);
		if (lengths[i] > 0)
			assert_memory_equal(heard.publish.payload, payload, lengths[i]);
		out = (struct mqtt_outbox){bytes, out.length - 1, 0};
		assert_int_equal(mqtt_packet_publish(&out, &said), -ENOBUFS);
		assert_int_equal(out.length, 0);
	}
}

static void nothing_is_read_of_no_memory(void **state)
{
	struct mqtt_packet packet;
	(void)state;

	READS(&packet, "\x00"); /* and the memory of the last test is given back */
	assert_int_equal(reads(&packet, "", 0, PACKET_MAX), MQTT_READ_PART);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		connack_says_what_the_broker_grants_and_the_standards_word_where_it_says_none),
	    cmocka_unit_test(a_broker_of_an_older_version_refuses_in_two_bytes),
	    cmocka_unit_test(publish_is_borrowed_where_it_lies),
	    cmocka_unit_test(puback_suback_pingresp_and_disconnect_are_read),
	    cmocka_unit_test(what_breaks_a_rule_is_refused_for_it),
	    cmocka_unit_test(topics_of_any_language_pass),
	    cmocka_unit_test(any_beginning_of_a_packet_waits_for_the_rest),
	    cmocka_unit_test(a_packet_is_as_large_as_allowed_or_refused_by_its_header_alone),
	    cmocka_unit_test(connect_keeps_its_session_and_says_its_limits),
	    cmocka_unit_test(subscribe_takes_as_many_topics_as_fit),
	    cmocka_unit_test(acknowledgements_stand_one_behind_the_other),
	    cmocka_unit_test(goodbye_has_a_reason_where_there_is_one),
	    cmocka_unit_test(what_is_written_is_what_is_read),
	    cmocka_unit_test(nothing_is_read_of_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
