/*
 * The two connections against a real, private mosquitto: what is held stays
 * held, what is acknowledged was released, what queued is told from what is new, and nothing a
 * stranger publishes ends a connection. (That no PUBACK leaves early is tests/system/ack_order.py.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapt/mqtt.h"

#define DEADLINE_MS 30000
#define LARGE (100 * 1024)
#define TOO_LARGE (300 * 1024)

/* A broker, our two connections and a publisher, and what they said. */
struct bench {
	char directory[64];
	uint16_t port;
	pid_t broker;
	uv_loop_t loop;
	uv_timer_t deadline;
	bool is_late;
	struct mqtt_ingest *ingest;
	struct mqtt_control *control;
	struct mqtt_link *publisher;
	int published; /* acknowledged to the publisher */

	bool holds; /* on_dry() takes a hold */
	bool waits; /* on_dry() does nothing */
	int messages, backlog, redeliverable, dry, controlled, losses;
	int new_sessions, kept_sessions;
	size_t length;
	char last[32];
	bool conditions[ALERT_COUNT];
};

static void on_session(void *user, bool is_kept)
{
	struct bench *bench = user;

	/* Packet ids begin anew with a session: the owner must know before the first message. */
	assert_int_equal(bench->messages, 0);
	bench->new_sessions += !is_kept;
	bench->kept_sessions += is_kept;
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct bench *bench = user;
	size_t kept =
	    message->length < sizeof(bench->last) ? message->length : sizeof(bench->last) - 1;

	bench->messages++;
	bench->backlog += message->is_backlog;
	bench->redeliverable += message->may_be_redelivered;
	bench->length = message->length;
	if (kept > 0)
		memcpy(bench->last, message->payload, kept);
	bench->last[kept] = '\0';
}

static void on_dry(void *user)
{
	struct bench *bench = user;

	bench->dry++;
	if (bench->holds)
		mqtt_ingest_hold(bench->ingest);
	else if (!bench->waits)
		mqtt_ingest_release(bench->ingest, mqtt_ingest_taken(bench->ingest));
}

static void on_condition(void *user, enum alert_code code, bool is_active, const char *detail)
{
	struct bench *bench = user;

	(void)detail;
	bench->conditions[code] = is_active;
	bench->losses += code == ALERT_BROKER_AWAY && is_active;
}

static void on_controlled(void *user, const struct mqtt_message *message)
{
	(void)message;
	((struct bench *)user)->controlled++;
}

static void on_acknowledged(void *user)
{
	((struct bench *)user)->published++;
}

/* --- setting up ----------------------------------------------------------- */

static uint16_t free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void broker_start(struct bench *bench)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/mosquitto.conf", bench->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fprintf(file, "listener %u 127.0.0.1\nallow_anonymous true\nlog_dest none\n%s",
		      bench->port, geteuid() == 0 ? "user root\n" : "");
	assert_int_equal(fclose(file), 0);
	bench->broker = fork();
	if (bench->broker == 0) {
		/* It warns of being root on its standard error, whatever its log is. */
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execlp("mosquitto", "mosquitto", "-c", path, (char *)NULL);
		execl("/usr/sbin/mosquitto", "mosquitto", "-c", path, (char *)NULL);
		_exit(127);
	}
	assert_true(bench->broker > 0);
}

static void broker_stop(struct bench *bench)
{
	kill(bench->broker, SIGKILL);
	assert_int_equal(waitpid(bench->broker, NULL, 0), bench->broker);
}

static void on_deadline(uv_timer_t *timer)
{
	((struct bench *)timer->data)->is_late = true;
}

static bool never(struct bench *bench)
{
	(void)bench;
	return false;
}

/* Runs the loop until `is_so` holds, or up to `ms`; returns whether it does. */
static bool runs_until(struct bench *bench, bool (*is_so)(struct bench *bench), uint64_t ms)
{
	bench->is_late = false;
	uv_timer_start(&bench->deadline, on_deadline, ms, 0);
	while (!is_so(bench) && !bench->is_late)
		uv_run(&bench->loop, UV_RUN_ONCE);
	uv_timer_stop(&bench->deadline);
	return is_so(bench);
}

static void run_until(struct bench *bench, bool (*is_so)(struct bench *bench))
{
	assert_true(runs_until(bench, is_so, DEADLINE_MS));
}

static bool is_live(struct bench *bench)
{
	return mqtt_ingest_is_live(bench->ingest);
}

static bool is_connected(struct bench *bench)
{
	return mqtt_control_is_up(bench->control) && mqtt_link_is_up(bench->publisher);
}

static void ingest_start(struct bench *bench)
{
	static const char *const topics[] = {"amphora/+/battery"};
	const struct broker_config broker = {
	    .host = "127.0.0.1", .port = bench->port, .client_id = {"test"}};
	const struct mqtt_ingest_options options = {
	    .broker = &broker, .collector = "home", .topics = topics, .topic_count = 1};
	const struct mqtt_ingest_events events = {bench, on_session, on_message, on_dry,
						  on_condition};

	assert_int_equal(mqtt_ingest_new(&bench->ingest, &bench->loop, &options, &events), 0);
}

static void others_start(struct bench *bench)
{
	static const char *const topics[] = {"amphora/+/battery"};
	const struct broker_config broker = {
	    .host = "127.0.0.1", .port = bench->port, .client_id = {"test"}};
	const struct mqtt_control_options control = {
	    .broker = &broker, .topics = topics, .topic_count = 1};
	const struct mqtt_control_events control_events = {.user = bench,
							   .on_message = on_controlled};
	const struct mqtt_link_events link_events = {.user = bench,
						     .on_acknowledged = on_acknowledged};
	struct mqtt_link_options link;

	assert_int_equal(mqtt_control_new(&bench->control, &bench->loop, &control, &control_events),
			 0);
	assert_int_equal(mqtt_broker_options(&link, &broker, NULL, "-publisher"), 0);
	link.keepalive_s = 30;
	assert_int_equal(mqtt_link_new(&bench->publisher, &bench->loop, &link, &link_events), 0);
}

static int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)snprintf(bench->directory, sizeof(bench->directory), "/tmp/mqtt-test-XXXXXX");
	if (mkdtemp(bench->directory) == NULL || uv_loop_init(&bench->loop) != 0)
		return -1;
	uv_timer_init(&bench->loop, &bench->deadline);
	bench->deadline.data = bench;
	bench->port = free_port();
	broker_start(bench);
	ingest_start(bench);
	others_start(bench);
	*state = bench;
	run_until(bench, is_live);
	run_until(bench, is_connected);
	bench->losses = 0;
	return 0;
}

static int bench_teardown(void **state)
{
	struct bench *bench = *state;
	char command[128];

	mqtt_ingest_free(bench->ingest);
	mqtt_control_free(bench->control);
	mqtt_link_free(bench->publisher);
	uv_close((uv_handle_t *)&bench->deadline, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench->loop);
	broker_stop(bench);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", bench->directory);
	free(bench);
	return system(command);
}

/* --- publishing ----------------------------------------------------------- */

static void publish(struct bench *bench, const void *payload, size_t length)
{
	assert_int_equal(
	    mqtt_link_publish(bench->publisher, "amphora/b1/battery", payload, length, 1, false),
	    0);
}

static void publish_many(struct bench *bench, int count)
{
	for (int i = 0; i < count; i++) {
		char text[16];

		publish(bench, text, (size_t)snprintf(text, sizeof(text), "%d", i));
	}
}

static bool has_one(struct bench *bench)
{
	return bench->messages >= 1;
}

static bool has_ten(struct bench *bench)
{
	return bench->messages >= 10;
}

static bool all_published(struct bench *bench)
{
	return bench->published >= 10;
}

/* --- the rules ------------------------------------------------------------ */

static void ingest_hands_over_what_is_sent_now_as_no_backlog(void **state)
{
	struct bench *bench = *state;

	publish(bench, "now", 3);
	run_until(bench, has_one);
	assert_string_equal(bench->last, "now");
	assert_int_equal(bench->backlog, 0);
	assert_int_equal(bench->redeliverable, 0);
	assert_int_equal(mqtt_ingest_unacknowledged(bench->ingest), 0);
}

static void ingest_reads_nothing_while_held_and_goes_on_when_released(void **state)
{
	struct bench *bench = *state;
	int before;

	bench->holds = true;
	publish(bench, "first", 5);
	run_until(bench, has_one);
	assert_int_equal(mqtt_ingest_unacknowledged(bench->ingest), 1);
	publish_many(bench, 9);
	run_until(bench, all_published);
	before = bench->messages;
	assert_false(runs_until(bench, never, 200));
	assert_int_equal(bench->messages, before);
	bench->holds = false;
	mqtt_ingest_release(bench->ingest, mqtt_ingest_taken(bench->ingest));
	run_until(bench, has_ten);
	assert_int_equal(mqtt_ingest_unacknowledged(bench->ingest), 0);
}

static void ingest_gets_again_what_was_never_released_and_knows_it_for_backlog(void **state)
{
	struct bench *bench = *state;

	bench->holds = true;
	publish(bench, "kept", 4);
	run_until(bench, has_one);
	mqtt_ingest_free(bench->ingest);
	publish_many(bench, 9);
	run_until(bench, all_published);
	bench->holds = false;
	bench->messages = 0;
	ingest_start(bench);
	run_until(bench, has_ten);
	assert_int_equal(bench->messages, 10);
	assert_int_equal(bench->kept_sessions, 1);
	assert_int_equal(bench->backlog, 10);
	assert_int_equal(bench->redeliverable, 10);
	run_until(bench, is_live);
	publish(bench, "new", 3);
	while (strcmp(bench->last, "new") != 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_int_equal(bench->backlog, 10);
}

static void ingest_acknowledges_as_far_as_is_durable_and_gets_the_rest_again(void **state)
{
	struct bench *bench = *state;
	uint64_t before = mqtt_ingest_taken(bench->ingest);

	bench->waits = true;
	publish_many(bench, 10);
	run_until(bench, has_ten);
	assert_int_equal(mqtt_ingest_taken(bench->ingest), before + 10);
	assert_int_equal(mqtt_ingest_unacknowledged(bench->ingest), 10);
	mqtt_ingest_release(bench->ingest, before + 4);
	assert_int_equal(mqtt_ingest_unacknowledged(bench->ingest), 6);
	mqtt_ingest_release(bench->ingest, before + 3); /* what is durable stays so */
	assert_int_equal(mqtt_ingest_unacknowledged(bench->ingest), 6);
	/* mosquitto reads one acknowledgement a turn: as many turns as there were. */
	for (int turn = 0; turn < 4; turn++) {
		bench->messages = 0;
		publish(bench, "more", 4);
		run_until(bench, has_one);
	}
	mqtt_ingest_free(bench->ingest);
	bench->messages = 0;
	bench->waits = false;
	ingest_start(bench);
	run_until(bench, is_live);
	assert_int_equal(bench->messages, 6 + 4);
	assert_int_equal(bench->redeliverable, 6 + 4);
}

static void ingest_survives_messages_of_any_size(void **state)
{
	struct bench *bench = *state;
	uint8_t *large = calloc(1, TOO_LARGE);

	assert_non_null(large);
	publish(bench, large, 0);
	run_until(bench, has_one);
	assert_int_equal(bench->length, 0);
	bench->messages = 0;
	publish(bench, large, LARGE);
	run_until(bench, has_one);
	assert_int_equal(bench->length, LARGE);
	assert_int_equal(
	    mqtt_link_publish(bench->publisher, "amphora/b1/battery", large, TOO_LARGE, 1, false),
	    -EINVAL);
	free(large);
}

static void control_hears_readings_only_while_it_listens(void **state)
{
	struct bench *bench = *state;

	publish(bench, "1", 1);
	run_until(bench, has_one);
	assert_int_equal(bench->controlled, 0);
	mqtt_control_listen(bench->control, true);
	while (bench->controlled == 0) {
		publish(bench, "2", 1);
		uv_run(&bench->loop, UV_RUN_ONCE);
	}
	mqtt_control_listen(bench->control, false);
	bench->controlled = 0;
	bench->messages = 0;
	publish(bench, "3", 1);
	run_until(bench, has_one);
	assert_int_equal(bench->controlled, 0);
}

static bool is_away(struct bench *bench)
{
	return bench->conditions[ALERT_BROKER_AWAY];
}

static void ingest_says_that_the_broker_is_away_and_that_it_lost_the_session(void **state)
{
	struct bench *bench = *state;

	broker_stop(bench);
	run_until(bench, is_away);
	assert_false(mqtt_ingest_is_up(bench->ingest));
	assert_int_equal(mqtt_control_publish(bench->control, "amphora/b1/set", "{}", 2, 1, false),
			 -ENOTCONN);
	/* It keeps sessions in memory only: the new one knows nothing of us. */
	broker_start(bench);
	run_until(bench, is_live);
	assert_false(bench->conditions[ALERT_BROKER_AWAY]);
	assert_false(bench->conditions[ALERT_BROKER_SESSION_LOST]); /* whole again */
	assert_int_equal(bench->new_sessions, 2);
	run_until(bench, is_connected);
	publish(bench, "back", 4);
	run_until(bench, has_one);
	assert_int_equal(bench->losses, 1);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(ingest_hands_over_what_is_sent_now_as_no_backlog),
	    CASE(ingest_reads_nothing_while_held_and_goes_on_when_released),
	    CASE(ingest_gets_again_what_was_never_released_and_knows_it_for_backlog),
	    CASE(ingest_acknowledges_as_far_as_is_durable_and_gets_the_rest_again),
	    CASE(ingest_survives_messages_of_any_size),
	    CASE(control_hears_readings_only_while_it_listens),
	    CASE(ingest_says_that_the_broker_is_away_and_that_it_lost_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
