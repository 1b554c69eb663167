/*
 * The trial of a foreign relay at its commissioning: it is switched on once with
 * its shortest lease, then nothing more is said to it, and it has to open by
 * itself. It works beside the daemon or without one, over a connection of its
 * own; a daemon that commands the relay meanwhile shows as an early end.
 */
#include "cli/relay_trial.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "adapt/mqtt.h"
#include "adapt/password.h"
#include "adapt/source_relay.h"
#include "cli/house.h"
#include "cli/setup_ask.h"
#include "wire/source_read.h"

#define DEFAULT_CONFIG "/etc/amphora/amphora.yaml"
#define TRIAL_LEASE_MS (5 * (int64_t)MS_PER_SECOND)
#define LATE_MS 3000 /* a timer that runs for so much longer is no lease */
#define EARLY_MS 1000
#define READ_EVERY_MS 1000
#define TURN_MS 50
#define ANSWER_MS 8000 /* for the broker, and for the first state */
#define PASSWORD_TEXT_MAX 128

enum step {
	STEP_FIND, /* how it stands, which has to be off */
	STEP_CLOSE,
	STEP_WAIT, /* nothing is sent but the question how it stands */
	STEP_END,
};

struct trial {
	uv_loop_t loop;
	uv_timer_t timer;
	struct mqtt_link *link;
	const struct source *source;
	struct source_relay_handlers handlers;
	struct source_relay relay;
	struct mqtt_topics topics;
	enum step step;
	bool is_up;
	uint64_t since; /* the loop's time of the step's beginning */
	uint64_t asked_at;
	int result; /* enum cli_exit */
	char words[256];
};

static struct mono_time now_of(const struct trial *trial)
{
	return (struct mono_time){(int64_t)uv_now(&trial->loop)};
}

static void end(struct trial *trial, int result, const char *words)
{
	if (trial->step == STEP_END)
		return;
	trial->step = STEP_END;
	trial->result = result;
	snprintf(trial->words, sizeof trial->words, "%s", words);
	uv_stop(&trial->loop);
}

/* ---- what the relay says ---- */

static int publish(void *user, const char *topic, const char *payload)
{
	struct trial *trial = user;

	return mqtt_link_publish(trial->link, topic, payload, strlen(payload), 0, false);
}

static void begin_step(struct trial *trial, enum step step)
{
	trial->step = step;
	trial->since = uv_now(&trial->loop);
}

static void close_it(struct trial *trial)
{
	int64_t setting_ms = trial->source->write.lease_setting_ms;
	const struct relay_command on = {.is_on = true,
					 .has_lease = true,
					 .lease_ms = setting_ms > TRIAL_LEASE_MS ? setting_ms
										 : TRIAL_LEASE_MS};

	begin_step(trial, STEP_CLOSE);
	source_relay_command(&trial->relay, &on, 1, now_of(trial));
}

/* It is off again: by itself, if it took as long as it was told. */
static void judge_end(struct trial *trial)
{
	int64_t took_ms = (int64_t)(uv_now(&trial->loop) - trial->since);
	char words[sizeof trial->words];

	snprintf(words, sizeof words, "opened after %.1f s; its timer was set to %.1f s",
		 (double)took_ms / MS_PER_SECOND, (double)trial->relay.lease_ms / MS_PER_SECOND);
	if (took_ms + EARLY_MS < trial->relay.lease_ms)
		end(trial, EXIT_FAILED,
		    "was opened before its time, by somebody else: does the daemon command it?");
	else
		end(trial, EXIT_OK, words);
}

static void on_status(void *user, size_t index, enum relay_answer answer,
		      const struct relay_status *status, uint64_t tag)
{
	struct trial *trial = user;

	(void)index;
	(void)tag;
	if (answer != ANSWER_READBACK)
		return;
	if (trial->step == STEP_FIND && status->is_on)
		end(trial, EXIT_REFUSED, "is on: switch it off first");
	else if (trial->step == STEP_FIND)
		close_it(trial);
	else if (trial->step == STEP_CLOSE && status->is_on)
		begin_step(trial, STEP_WAIT);
	else if (trial->step == STEP_CLOSE)
		end(trial, EXIT_NOT_CONFIRMED, "was told to close and says that it is open");
	else if (trial->step == STEP_WAIT && !status->is_on)
		judge_end(trial);
}

static void on_failed(void *user, size_t index, bool is_command, uint64_t tag, bool is_refused,
		      const char *detail)
{
	struct trial *trial = user;

	(void)index;
	(void)tag;
	if (is_command)
		end(trial, is_refused ? EXIT_REFUSED : EXIT_NOT_CONFIRMED, detail);
}

/* ---- the connection ---- */

static void on_up(void *user, bool has_session)
{
	struct trial *trial = user;

	(void)has_session;
	mqtt_topics_subscribe(&trial->topics, trial->link, 1);
}

static void on_subscribed(void *user, bool is_granted)
{
	struct trial *trial = user;

	if (!is_granted) {
		end(trial, EXIT_DENIED, "the broker refused a subscription");
		return;
	}
	trial->is_up = true;
	source_relay_up(&trial->relay, true, now_of(trial));
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct trial *trial = user;
	const struct source_message taken = {.topic = message->topic,
					     .payload = message->payload,
					     .length = message->length,
					     .is_retained = message->is_retained};
	const struct source_now now = {.mono = now_of(trial)};

	source_relay_take(&trial->relay, &taken, &now);
}

static void follow_wait(struct trial *trial)
{
	uint64_t now = uv_now(&trial->loop);

	if ((int64_t)(now - trial->since) > trial->relay.lease_ms + LATE_MS) {
		const struct relay_command off = {.is_on = false};

		source_relay_command(&trial->relay, &off, 2, now_of(trial));
		end(trial, EXIT_FAILED,
		    "did not open by itself, and was told to open: it has no lease");
	} else if (now - trial->asked_at >= READ_EVERY_MS) {
		trial->asked_at = now;
		source_relay_read(&trial->relay, now_of(trial));
	}
}

static void on_turn(uv_timer_t *timer)
{
	struct trial *trial = timer->data;

	if (trial->is_up)
		source_relay_turn(&trial->relay, now_of(trial));
	if (trial->step == STEP_WAIT)
		follow_wait(trial);
	else if (trial->step == STEP_FIND && uv_now(timer->loop) - trial->since > ANSWER_MS)
		end(trial, EXIT_NOT_CONFIRMED,
		    trial->is_up ? "does not say how it stands: is it on?"
				 : "the broker does not answer");
}

static int listen_to(struct trial *trial)
{
	const char *topics[SOURCE_ROWS_MAX + SOURCE_AVAILABLE_MAX];
	const struct source *source = trial->source;
	size_t count = 0;

	for (size_t i = 0; i < source->row_count; i++) {
		if (i == 0 || strcmp(source->rows[i].topic, source->rows[i - 1].topic) != 0)
			topics[count++] = source->rows[i].topic;
	}
	for (size_t i = 0; i < source->available_count; i++)
		topics[count++] = source->available[i].topic;
	return mqtt_topics_take(&trial->topics, topics, count, NULL);
}

static int connect_to(struct trial *trial, const struct house *house)
{
	struct mqtt_link_events events = {.user = trial,
					  .on_up = on_up,
					  .on_subscribed = on_subscribed,
					  .on_message = on_message};
	char password[PASSWORD_TEXT_MAX] = "", words[256] = "";
	struct text error = text_in(words, sizeof words);
	struct mqtt_link_options options;
	int result = password_read(password, sizeof password, house->broker.password_file, &error);

	if (result == 0)
		result = mqtt_broker_options(&options, &house->broker,
					     password[0] != '\0' ? password : NULL, "-trial");
	if (result == 0) {
		options.keepalive_s = 20;
		result = mqtt_link_new(&trial->link, &trial->loop, &options, &events);
	}
	explicit_bzero(password, sizeof password);
	if (result != 0)
		complain("mqtt: %s", words[0] != '\0' ? words : strerror(-result));
	return result;
}

/* ---- the trial ---- */

static void run(struct trial *trial, const struct house *house, size_t relay)
{
	trial->handlers = (struct source_relay_handlers){trial, publish, on_status, on_failed};
	trial->result = EXIT_FAILED;
	uv_loop_init(&trial->loop);
	uv_timer_init(&trial->loop, &trial->timer);
	trial->timer.data = trial;
	begin_step(trial, STEP_FIND);
	source_relay_init(&trial->relay, relay, &house->relays[relay].id, trial->source,
			  &trial->handlers, now_of(trial));
	if (listen_to(trial) == 0 && connect_to(trial, house) == 0) {
		uv_timer_start(&trial->timer, on_turn, TURN_MS, TURN_MS);
		uv_run(&trial->loop, UV_RUN_DEFAULT);
	}
	uv_close((uv_handle_t *)&trial->timer, NULL);
	mqtt_link_free(trial->link);
	uv_run(&trial->loop, UV_RUN_DEFAULT);
	uv_loop_close(&trial->loop);
	mqtt_topics_free(&trial->topics);
}

static int may_try(const char *id, bool is_agreed)
{
	char question[160];

	snprintf(question, sizeof question,
		 "This closes relay %s for some seconds, whatever is behind it. Go on?", id);
	if (!is_agreed && ask_yes(&is_agreed, question, false) != 0)
		return -EPIPE;
	return is_agreed ? 0 : -ECANCELED;
}

static int try_relay(const struct house *house, const struct sources *sources, const char *id,
		     bool is_agreed)
{
	int relay = house_find_relay(house, id);
	int source = relay < 0 ? -1 : sources_find(sources, house->relays[relay].source.text);
	struct trial *trial;
	int result;

	if (relay < 0 || source < 0 || sources->entries[source].is_coap) {
		complain(relay < 0 ? "no relay %s is configured"
				   : "relay %s is no source's over MQTT: only such are tried",
			 id);
		return relay < 0 ? EXIT_NOT_FOUND : EXIT_REFUSED;
	}
	if (may_try(id, is_agreed) != 0)
		return EXIT_REFUSED;
	trial = calloc(1, sizeof(*trial));
	if (trial == NULL)
		return EXIT_FAILED;
	trial->source = &sources->entries[source];
	run(trial, house, (size_t)relay);
	if (trial->words[0] != '\0')
		fprintf(trial->result == EXIT_OK ? stdout : stderr, "%s: %s\n", id, trial->words);
	result = trial->result;
	free(trial);
	return result;
}

int relay_trial(struct cli *cli, int argc, char **argv)
{
	const char *config = DEFAULT_CONFIG;
	bool is_agreed = take_flag(&argc, argv, "--yes");
	struct sources sources;
	struct house *house;
	int result;

	if (take_option(&argc, argv, "--config", &config) < 0 || !words_fit(argc, argv, 2, 2))
		return usage(cli);
	house = malloc(sizeof(*house));
	if (house == NULL || house_read_with_sources(house, &sources, config) != 0) {
		free(house);
		return EXIT_FAILED;
	}
	result = try_relay(house, &sources, argv[2], is_agreed);
	sources_deinit(&sources);
	free(house);
	return result;
}
