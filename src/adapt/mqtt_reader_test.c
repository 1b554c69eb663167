/*
 * The reader against a broker made of a bare socket on the same loop, which says whatever
 * bytes a test wants and keeps those that it gets. (Against real ones: mqtt_test.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/mqtt_reader.h"
#include "wire/mqtt_packet.h"

#define DEADLINE_MS 20000
#define HEARD_MAX (64 * 1024)
#define LARGE (200 * 1024)
#define READ_MAX (16 * 1024) /* the reader's */

#define CONNACK "\x20\x03\x00\x00\x00"
#define CONNACK_KEPT "\x20\x03\x01\x00\x00"

struct bench {
	uv_loop_t loop;
	uv_tcp_t listener, peer;
	uv_timer_t deadline;
	uint16_t port;
	int connections;
	bool is_connected, is_late;
	const char *greeting; /* the answer to CONNECT; NULL: none */
	size_t greeting_length;
	uint8_t heard[HEARD_MAX]; /* since the CONNECT */
	size_t heard_length;
	char room[HEARD_MAX];

	struct mqtt_reader *reader;
	int ups, sessions, downs, takeovers, messages, dry, reads, rooms, subscribed, granted;
	int pause_at; /* this message pauses the reader; 0: none does */
	size_t length;
	char topic[64], reason[200];
	uint16_t ids[64];
};

/* --- what the reader tells ---------------------------------------------------- */

static void on_up(void *user, bool has_session)
{
	struct bench *bench = user;

	bench->ups++;
	bench->sessions += has_session;
}

static void on_down(void *user, bool is_taken_over, const char *reason)
{
	struct bench *bench = user;
	struct text text = text_in(bench->reason, sizeof(bench->reason));

	bench->downs++;
	bench->takeovers += is_taken_over;
	text_add(&text, "%s", reason);
}

static void on_settled(void *user)
{
	(void)user;
}

static void on_subscribed(void *user, bool is_granted)
{
	struct bench *bench = user;

	bench->subscribed++;
	bench->granted += is_granted;
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct bench *bench = user;
	struct text topic = text_in(bench->topic, sizeof(bench->topic));

	bench->ids[bench->messages++ % (int)ARRAY_LENGTH(bench->ids)] = message->id;
	bench->length = message->length;
	text_add(&topic, "%s", message->topic);
	if (bench->messages == bench->pause_at)
		mqtt_reader_pause(bench->reader);
}

static void on_read(void *user, bool is_dry)
{
	struct bench *bench = user;

	bench->reads++;
	bench->dry += is_dry;
}

static void on_room(void *user)
{
	((struct bench *)user)->rooms++;
}

/* --- the broker ----------------------------------------------------------------- */

static void give_room(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	struct bench *bench = handle->data;

	(void)size;
	*out = uv_buf_init(bench->room, sizeof(bench->room));
}

static void says(struct bench *bench, const void *bytes, size_t length)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)length);

	while (buffer.len > 0) {
		int sent = uv_try_write((uv_stream_t *)&bench->peer, &buffer, 1);

		assert_true(sent > 0 || sent == UV_EAGAIN);
		if (sent > 0) {
			buffer.base += sent;
			buffer.len -= (unsigned)sent;
		} else {
			uv_run(&bench->loop, UV_RUN_NOWAIT);
		}
	}
}
#define SAYS(bench, text) says(bench, text, sizeof(text) - 1)

static void on_heard(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct bench *bench = stream->data;

	if (count < 0) {
		bench->is_connected = false;
		uv_close((uv_handle_t *)stream, NULL);
		return;
	}
	if (bench->heard_length == 0 && buffer->base[0] == 0x10) {
		if (bench->greeting != NULL)
			says(bench, bench->greeting, bench->greeting_length);
		return;
	}
	if (bench->heard_length + (size_t)count <= HEARD_MAX)
		memcpy(bench->heard + bench->heard_length, buffer->base, (size_t)count);
	bench->heard_length += (size_t)count;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct bench *bench = listener->data;

	assert_int_equal(status, 0);
	uv_tcp_init(&bench->loop, &bench->peer);
	bench->peer.data = bench;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&bench->peer), 0);
	bench->connections++;
	bench->is_connected = true;
	bench->heard_length = 0;
	uv_read_start((uv_stream_t *)&bench->peer, give_room, on_heard);
}

static void drop(struct bench *bench)
{
	bench->is_connected = false;
	uv_close((uv_handle_t *)&bench->peer, NULL);
}

/* --- setting up ------------------------------------------------------------------ */

static void on_deadline(uv_timer_t *timer)
{
	((struct bench *)timer->data)->is_late = true;
}

#define RUN_UNTIL(bench, condition)                                              \
	do {                                                                     \
		(bench)->is_late = false;                                        \
		uv_timer_start(&(bench)->deadline, on_deadline, DEADLINE_MS, 0); \
		while (!(condition) && !(bench)->is_late)                        \
			uv_run(&(bench)->loop, UV_RUN_ONCE);                     \
		uv_timer_stop(&(bench)->deadline);                               \
		assert_true(condition);                                          \
	} while (0)

static void run_for(struct bench *bench, uint64_t ms)
{
	bench->is_late = false;
	uv_timer_start(&bench->deadline, on_deadline, ms, 0);
	while (!bench->is_late)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

static void listen_here(struct bench *bench)
{
	struct sockaddr_in address;
	int size = sizeof(address);

	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_init(&bench->loop, &bench->listener);
	bench->listener.data = bench;
	assert_int_equal(uv_tcp_bind(&bench->listener, (struct sockaddr *)&address, 0), 0);
	assert_int_equal(uv_tcp_getsockname(&bench->listener, (struct sockaddr *)&address, &size),
			 0);
	bench->port = ntohs(address.sin_port);
	assert_int_equal(uv_listen((uv_stream_t *)&bench->listener, 4, on_connection), 0);
}

static void start(struct bench *bench)
{
	struct mqtt_reader_options options = {.link = {.host = "127.0.0.1",
						       .port = bench->port,
						       .client_id = "me",
						       .keepalive_s = 60},
					      .session_expiry_s = 60,
					      .receive_max = 10};
	const struct mqtt_reader_events events = {.user = bench,
						  .on_up = on_up,
						  .on_down = on_down,
						  .on_settled = on_settled,
						  .on_subscribed = on_subscribed,
						  .on_message = on_message,
						  .on_read = on_read,
						  .on_room = on_room};

	assert_int_equal(mqtt_reader_new(&bench->reader, &bench->loop, &options, &events), 0);
}

#define GREETS(bench, text) \
	((bench)->greeting = (text), (bench)->greeting_length = sizeof(text) - 1)

static int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	if (bench == NULL || uv_loop_init(&bench->loop) != 0)
		return -1;
	uv_timer_init(&bench->loop, &bench->deadline);
	bench->deadline.data = bench;
	GREETS(bench, CONNACK);
	listen_here(bench);
	start(bench);
	*state = bench;
	return 0;
}

static int bench_teardown(void **state)
{
	struct bench *bench = *state;

	mqtt_reader_free(bench->reader);
	if (bench->is_connected)
		drop(bench);
	uv_close((uv_handle_t *)&bench->listener, NULL);
	uv_close((uv_handle_t *)&bench->deadline, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	free(bench);
	return 0;
}

/* Messages with QoS 1 and ids from `first`, one behind the other; returns their bytes. */
static size_t messages(uint8_t *bytes, uint16_t first, int count, size_t payload)
{
	struct mqtt_outbox out = {bytes, SIZE_MAX, 0};
	static const uint8_t zeros[LARGE];

	for (int i = 0; i < count; i++) {
		struct mqtt_publish publish = {.qos = 1,
					       .id = (uint16_t)(first + i),
					       .topic = "a/b",
					       .topic_length = 3,
					       .payload = zeros,
					       .length = payload};

		assert_int_equal(mqtt_packet_publish(&out, &publish), 0);
	}
	return out.length;
}

/* --- the rules ------------------------------------------------------------------- */

static void many_messages_of_one_segment_come_in_one_wake(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[1024];

	RUN_UNTIL(bench, bench->ups == 1);
	bench->reads = bench->dry = 0;
	says(bench, bytes, messages(bytes, 1, 50, 5));
	RUN_UNTIL(bench, bench->messages == 50);
	assert_int_equal(bench->reads, 1);
	assert_int_equal(bench->dry, 1);
	assert_string_equal(bench->topic, "a/b");
	assert_int_equal(bench->ids[0], 1);
	assert_int_equal(bench->ids[49], 50);
}

static void acknowledgements_go_out_in_their_order_when_they_are_flushed(void **state)
{
	struct bench *bench = *state;

	RUN_UNTIL(bench, bench->ups == 1);
	assert_int_equal(mqtt_reader_acknowledge(bench->reader, 1), 0);
	assert_int_equal(mqtt_reader_acknowledge(bench->reader, 2), 0);
	run_for(bench, 20);
	assert_int_equal(bench->heard_length, 0);
	mqtt_reader_flush(bench->reader);
	RUN_UNTIL(bench, bench->heard_length == 8);
	assert_memory_equal(bench->heard, "\x40\x02\x00\x01\x40\x02\x00\x02", 8);
}

static void a_message_that_comes_byte_by_byte_is_one(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[32];
	size_t length = messages(bytes, 1, 1, 10);

	RUN_UNTIL(bench, bench->ups == 1);
	for (size_t i = 0; i < length; i++) {
		assert_int_equal(bench->messages, 0);
		says(bench, bytes + i, 1);
		run_for(bench, 2);
	}
	RUN_UNTIL(bench, bench->messages == 1);
	assert_int_equal(bench->length, 10);
}

static void messages_larger_than_one_read_are_whole(void **state)
{
	struct bench *bench = *state;
	uint8_t *bytes = malloc(3 * (LARGE + 16));

	assert_non_null(bytes);
	RUN_UNTIL(bench, bench->ups == 1);
	says(bench, bytes, messages(bytes, 1, 3, LARGE));
	RUN_UNTIL(bench, bench->messages == 3);
	assert_int_equal(bench->length, LARGE);
	assert_int_equal(bench->downs, 0);
	free(bytes);
}

/* The last read may take just all that is there: the owner is told that it was the end. */
static void the_end_of_input_is_told_wherever_it_falls(void **state)
{
	struct bench *bench = *state;
	uint8_t *bytes = malloc(4 * READ_MAX);
	size_t length;

	assert_non_null(bytes);
	RUN_UNTIL(bench, bench->ups == 1);
	for (size_t more = 0; more < 3; more++) {
		bench->messages = bench->dry = 0;
		length = messages(bytes, 1, 1, READ_MAX - 11 - more % 2);
		says(bench, bytes, length);
		RUN_UNTIL(bench, bench->messages == 1);
		RUN_UNTIL(bench, bench->dry > 0);
	}
	free(bytes);
}

static void a_pause_holds_back_what_was_read_already(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[512];

	RUN_UNTIL(bench, bench->ups == 1);
	bench->pause_at = 3;
	says(bench, bytes, messages(bytes, 1, 10, 5));
	RUN_UNTIL(bench, bench->messages == 3);
	run_for(bench, 20);
	assert_int_equal(bench->messages, 3);
	mqtt_reader_resume(bench->reader);
	RUN_UNTIL(bench, bench->messages == 10);
}

static void a_connection_that_ends_in_a_pause_is_told_and_made_again_after_it(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[512];

	RUN_UNTIL(bench, bench->ups == 1);
	bench->pause_at = 3;
	says(bench, bytes, messages(bytes, 1, 10, 5));
	RUN_UNTIL(bench, bench->messages == 3);
	says(bench, bytes, messages(bytes, 11, 10, 5)); /* lies before the end */
	drop(bench);
	RUN_UNTIL(bench, bench->downs == 1);
	assert_string_equal(bench->reason, "the broker closed the connection");
	assert_int_equal(bench->messages, 3);
	run_for(bench, 20);
	assert_int_equal(bench->ups, 1);
	mqtt_reader_resume(bench->reader);
	RUN_UNTIL(bench, bench->ups == 2);
}

static void a_broker_that_does_not_read_is_waited_for(void **state)
{
	struct bench *bench = *state;
	size_t queued = 0;

	RUN_UNTIL(bench, bench->ups == 1);
	uv_read_stop((uv_stream_t *)&bench->peer);
	for (int error = 0; error == 0; queued += error == 0) {
		error = mqtt_reader_acknowledge(bench->reader, 1);
		if (queued % 1000 == 0)
			mqtt_reader_flush(bench->reader);
		assert_true(error == 0 || error == -ENOBUFS);
	}
	assert_int_equal(bench->rooms, 0);
	uv_read_start((uv_stream_t *)&bench->peer, give_room, on_heard);
	RUN_UNTIL(bench, bench->heard_length == 4 * queued);
	assert_int_equal(bench->rooms, 1);
	assert_int_equal(bench->downs, 0);
}

static void topics_are_subscribed_to_in_packets_that_the_broker_takes(void **state)
{
	static const char *const topics[] = {"a/+", "b", "cc"};
	struct bench *bench = *state;

	/* Packets of at most 15 bytes: the first two. */
	GREETS(bench, "\x20\x08\x00\x00\x05\x27\x00\x00\x00\x0f");
	RUN_UNTIL(bench, bench->ups == 1);
	mqtt_reader_subscribe(bench->reader, topics, 3, 1);
	RUN_UNTIL(bench, bench->heard_length == 15);
	run_for(bench, 20);
	assert_int_equal(bench->heard_length, 15);
	SAYS(bench, "\x90\x05\x00\x01\x00\x01\x01");
	RUN_UNTIL(bench, bench->heard_length == 15 + 10);
	assert_int_equal(bench->subscribed, 0);
	SAYS(bench, "\x90\x04\x00\x02\x00\x87");
	RUN_UNTIL(bench, bench->subscribed == 1);
	assert_int_equal(bench->granted, 0);
}

static void what_was_published_and_not_acknowledged_is_sent_again_as_a_duplicate(void **state)
{
	static const char published[] = "\x32\x07\x00\x01m\x00\x01\x00"
					"n";
	struct bench *bench = *state;

	RUN_UNTIL(bench, bench->ups == 1);
	assert_int_equal(mqtt_reader_publish(bench->reader, "m", "n", 1), 0);
	assert_int_equal(mqtt_reader_publish(bench->reader, "m", "o", 1), -EBUSY);
	RUN_UNTIL(bench, bench->heard_length == 9);
	assert_memory_equal(bench->heard, published, 9);
	GREETS(bench, CONNACK_KEPT);
	drop(bench);
	RUN_UNTIL(bench, bench->sessions == 1);
	RUN_UNTIL(bench, bench->heard_length == 9);
	assert_int_equal(bench->heard[0], 0x3a);
	assert_memory_equal(bench->heard + 1, published + 1, 8);
	SAYS(bench, "\x40\x02\x00\x01");
	run_for(bench, 20);
	assert_int_equal(mqtt_reader_publish(bench->reader, "m", "o", 1), 0);
}

static void silence_is_asked_about_in_the_brokers_own_time(void **state)
{
	struct bench *bench = *state;

	GREETS(bench, "\x20\x06\x00\x00\x03\x13\x00\x02"); /* 2 s */
	RUN_UNTIL(bench, bench->ups == 1);
	RUN_UNTIL(bench, bench->heard_length == 2);
	assert_memory_equal(bench->heard, "\xc0\x00", 2);
	SAYS(bench, "\xd0\x00");
	RUN_UNTIL(bench, bench->heard_length == 4);
	assert_int_equal(bench->downs, 0);
}

/* --- and what a broker may do wrong ------------------------------------------------ */

static void a_rule_that_is_broken_ends_the_connection_with_the_reason_for_it(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		uint8_t reason;
	} rows[] = {
	    {"\x30\x03\x00\x05t", 5, MQTT_REASON_MALFORMED},
	    {"\x34\x06\x00\x01t\x00\x01\x00", 8, MQTT_REASON_PROTOCOL},
	    {"\x30\xff\xff\x7f", 4, MQTT_REASON_TOO_LARGE},
	    {CONNACK, 5, MQTT_REASON_PROTOCOL},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct bench *bench = *state;

		RUN_UNTIL(bench, bench->ups == 1);
		says(bench, rows[i].bytes, rows[i].length);
		RUN_UNTIL(bench, bench->downs == 1);
		RUN_UNTIL(bench, bench->heard_length == 3);
		assert_memory_equal(bench->heard, "\xe0\x01", 2);
		assert_int_equal(bench->heard[2], rows[i].reason);
		assert_non_null(strstr(bench->reason, "does not speak MQTT 5"));
		RUN_UNTIL(bench, !bench->is_connected);
		if (i + 1 < ARRAY_LENGTH(rows)) {
			bench_teardown(state);
			assert_int_equal(bench_setup(state), 0);
		}
	}
}

static void a_goodbye_and_a_refusal_are_told_in_their_words(void **state)
{
	struct bench *bench = *state;

	RUN_UNTIL(bench, bench->ups == 1);
	SAYS(bench, "\xe0\x01\x8e"); /* taken over */
	RUN_UNTIL(bench, bench->downs == 1);
	assert_int_equal(bench->takeovers, 1);
	assert_true(mqtt_reader_retry_ms(bench->reader) > 5000);
	bench_teardown(state);
	assert_int_equal(bench_setup(state), 0);
	bench = *state;
	GREETS(bench, "\x20\x03\x00\x87\x00");
	RUN_UNTIL(bench, bench->downs == 1);
	assert_string_equal(bench->reason,
			    "the broker wants a user and a password, and none is configured");
	assert_int_equal(bench->ups, 0);
}

static void a_port_that_wants_tls_is_recognised_by_its_alert(void **state)
{
	struct bench *bench = *state;

	GREETS(bench, "\x15\x03\x01\x00\x02\x02\x46");
	RUN_UNTIL(bench, bench->downs == 1);
	assert_non_null(strstr(bench->reason, "it may want TLS"));
}

static void the_word_before_the_end_of_the_stream_counts(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[64];

	RUN_UNTIL(bench, bench->ups == 1);
	says(bench, bytes, messages(bytes, 1, 2, 5));
	SAYS(bench, "\xe0\x01\x8b");
	drop(bench);
	RUN_UNTIL(bench, bench->downs == 1);
	assert_int_equal(bench->messages, 2);
	assert_string_equal(bench->reason, "the broker is shutting down");
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(many_messages_of_one_segment_come_in_one_wake),
	    CASE(acknowledgements_go_out_in_their_order_when_they_are_flushed),
	    CASE(a_message_that_comes_byte_by_byte_is_one),
	    CASE(messages_larger_than_one_read_are_whole),
	    CASE(the_end_of_input_is_told_wherever_it_falls),
	    CASE(a_pause_holds_back_what_was_read_already),
	    CASE(a_connection_that_ends_in_a_pause_is_told_and_made_again_after_it),
	    CASE(a_broker_that_does_not_read_is_waited_for),
	    CASE(topics_are_subscribed_to_in_packets_that_the_broker_takes),
	    CASE(what_was_published_and_not_acknowledged_is_sent_again_as_a_duplicate),
	    CASE(silence_is_asked_about_in_the_brokers_own_time),
	    CASE(a_rule_that_is_broken_ends_the_connection_with_the_reason_for_it),
	    CASE(a_goodbye_and_a_refusal_are_told_in_their_words),
	    CASE(a_port_that_wants_tls_is_recognised_by_its_alert),
	    CASE(the_word_before_the_end_of_the_stream_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
