/*
 * A relay is tried within the daemon: by adapt/relay_trial.h, beside what controls. Nobody else may
 * command the relay meanwhile, so its battery only watches and no override is in force; and it is
 * closed only where the gate would let a person close it.
 */
#include "daemon/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/relay_trial.h"
#include "base/log.h"
#include "core/step.h"
#include "daemon/devices_parts.h"
#include "daemon/proofs.h"

#define WAIT_MS 90000 /* for what keeps it from being closed now, and passes by itself */
#define PASSES_MS MS_PER_HOUR

struct trial {
	struct relay_trial *running; /* NULL: it is over, or waits */
	size_t relay;
	bool waits;           /* for the gate */
	uint64_t waits_until; /* the loop's time */
	enum relay_trial_result result;
	char words[RELAY_TRIAL_WORDS_MAX];
};

/* The core hears that nobody else closes it meanwhile. */
static void tell_core(struct daemon *daemon, bool is_under_way)
{
	const struct event event = {.kind = EVENT_TRIAL,
				    .index = daemon->trial->relay,
				    .trial = {is_under_way}};

	daemon_step(daemon, &event);
}

static void on_done(void *user, enum relay_trial_result result, const char *words)
{
	struct daemon *daemon = user;
	struct trial *trial = daemon->trial;

	trial->result = result;
	memcpy(trial->words, words, strlen(words) + 1);
	log_info("trial of relay %s: %s", daemon->house.relays[trial->relay].id.text, words);
	relay_trial_free(trial->running);
	trial->running = NULL;
	tell_core(daemon, false);
	if (relay_trial_is_passed(result) || result == TRIAL_STAYS)
		proofs_note(daemon, trial->relay, relay_trial_result_name(result),
			    relay_trial_is_passed(result));
}

/* --- whether it may be ------------------------------------------------------- */

static int check_others(struct daemon *daemon, size_t relay, struct text *error)
{
	size_t battery = daemon->house.relays[relay].battery;
	const char *name = daemon->house.batteries[battery].id.text;
	struct settings settings;
	int result = settings_of(daemon, battery, &settings, error);

	if (result != 0)
		return result;
	if (settings.value[PARAMETER_LOGIC].number != LOGIC_MONITOR) {
		text_add(error, "%s is run by its logic, which would command the relay meanwhile: set "
				"`logic` to monitor for the trial",
			 name);
		return -ERANGE;
	}
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		if (daemon->house.relays[i].battery != battery ||
		    !daemon->site.relays[i].override.is_active)
			continue;
		text_add(error, "an override of %s is in force: end it first",
			 daemon->house.relays[i].id.text);
		return -ERANGE;
	}
	return 0;
}

static struct hindrance hindrance_of(struct daemon *daemon, size_t relay, int64_t duration_ms)
{
	const struct override_wish wish = {
	    .is_by_relay = true, .index = relay, .is_on = true, .duration_ms = duration_ms};

	return core_refusal(&daemon->site, &daemon->house, &wish, daemon_now(daemon));
}

/* Whether another relay of its battery may be closed. */
static bool other_may_be_on(const struct daemon *daemon, size_t relay)
{
	for (size_t i = 0; i < daemon->house.relay_count; i++)
		if (i != relay && daemon->site.relays[i].may_be_on &&
		    daemon->house.relays[i].battery == daemon->house.relays[relay].battery)
			return true;
	return false;
}

/*
 * -EAGAIN: what forbids it passes by itself. Dwell forbids nothing: it spares a relay that is switched
 * again and again, is looked at after the limits, and one without a lease has it from our start on.
 */
static int check_gate(struct daemon *daemon, size_t relay, struct text *error)
{
	struct hindrance hindrance = hindrance_of(daemon, relay, MS_PER_SECOND);

	if (hindrance.reason.code == REASON_NONE ||
	    (hindrance.reason.code == REASON_DWELL && !other_may_be_on(daemon, relay)))
		return 0;
	text_add(error, "it may not be closed now: ");
	hindrance_format(&hindrance, NULL, error);
	hindrance = hindrance_of(daemon, relay, PASSES_MS);
	return hindrance.reason.code == REASON_NONE ? -EAGAIN : -ERANGE;
}

/* Where it is; an empty uri goes over MQTT. */
static int find_way(const struct daemon *daemon, struct relay_trial_options *options,
		    struct text *error)
{
	const struct relay_config *relay = &daemon->house.relays[options->relay];
	int number = daemon->devices != NULL && relay->source.text[0] != '\0'
			 ? sources_find(daemon->devices->sources, relay->source.text)
			 : -1;
	const struct device *device = number >= 0 ? &daemon->devices->list[number] : NULL;

	options->uri = relay->uri;
	if (device != NULL) {
		options->source = &daemon->devices->sources->entries[number];
		options->uri = options->source->uri != NULL ? options->source->uri : device->uri;
		if (!options->source->is_coap)
			return 0;
	}
	if (options->uri[0] != '\0')
		return 0;
	text_add(error, "%s has no address in the configuration: only such can be tried",
		 relay->id.text);
	return -ERANGE;
}

/* --- its course --------------------------------------------------------------- */

static bool is_going_on(const struct trial *trial)
{
	return trial != NULL && (trial->running != NULL || trial->waits);
}

static int begin(struct daemon *daemon, struct text *error)
{
	struct trial *trial = daemon->trial;
	struct relay_trial_options options = {.house = &daemon->house,
					      .relay = trial->relay,
					      .clock_factor = daemon->clock.factor};
	const struct relay_trial_events events = {daemon, on_done};
	int result = find_way(daemon, &options, error);

	if (result == 0)
		result = relay_trial_new(&trial->running, daemon->loop, &options, &events, error);
	if (result == 0)
		tell_core(daemon, true);
	return result;
}

void trial_second(struct daemon *daemon)
{
	struct trial *trial = daemon->trial;
	struct text error;
	int result;

	if (trial == NULL || !trial->waits)
		return;
	error = text_in(trial->words, sizeof trial->words);
	result = check_others(daemon, trial->relay, &error);
	if (result == 0)
		result = check_gate(daemon, trial->relay, &error);
	if (result == -EAGAIN && uv_now(daemon->loop) < trial->waits_until)
		return;
	trial->waits = false;
	if (result == 0)
		result = begin(daemon, &error);
	if (result != 0)
		trial->result = TRIAL_REFUSED;
}

/* --- as the API's host -------------------------------------------------------- */

int trial_begin(struct daemon *daemon, size_t relay, struct text *error)
{
	struct trial *trial = daemon->trial;
	int result;

	if (is_going_on(trial)) {
		text_add(error, "another relay is being tried; GET tells when that is over");
		return -EBUSY;
	}
	if (trial == NULL)
		trial = daemon->trial = calloc(1, sizeof *trial);
	result = trial == NULL ? -ENOMEM : check_others(daemon, relay, error);
	if (result != 0)
		return result;
	result = check_gate(daemon, relay, error);
	if (result != 0 && result != -EAGAIN)
		return result;
	trial->relay = relay;
	trial->words[0] = '\0';
	trial->waits = result == -EAGAIN;
	trial->waits_until = uv_now(daemon->loop) + WAIT_MS;
	return trial->waits ? 0 : begin(daemon, error);
}

void trial_tell(const struct daemon *daemon, size_t relay, struct api_trial *out)
{
	const struct trial *trial = daemon->trial;

	*out = (struct api_trial){0};
	if (trial == NULL || trial->relay != relay ||
	    (!is_going_on(trial) && trial->words[0] == '\0'))
		return;
	out->is_running = is_going_on(trial);
	out->is_over = !out->is_running;
	if (trial->waits && trial->words[0] != '\0')
		out->words = trial->words; /* for what it waits */
	if (!out->is_over)
		return;
	out->is_passed = relay_trial_is_passed(trial->result);
	out->result = relay_trial_result_name(trial->result);
	out->words = trial->words;
}

void trial_close(struct daemon *daemon)
{
	if (daemon->trial == NULL)
		return;
	relay_trial_free(daemon->trial->running);
	free(daemon->trial);
	daemon->trial = NULL;
}
