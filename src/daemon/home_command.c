/*
 * What Home Assistant asks for, done as what is asked through the API: the same functions,
 * limits and book of who asked for what. What came of it is a state of ours again.
 *
 * A command that asks for what is already so changes nothing and is no row anywhere: that is
 * what comes back where somebody sends our own states to us.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "daemon/home.h"

/* So many at once, then one in COMMAND_MS: a loop that a person built wears out no relay. */
#define COMMANDS_AT_ONCE 20
#define COMMAND_MS 3000

#define WORDS_MAX 384
#define REFUSED_FROM 400 /* statuses of what was not done, as HTTP has them */

/* A command being done. */
struct deed {
	struct home *home;
	struct api_host host;
	const struct ha_command *command;
	size_t battery; /* of those that name one */
	struct text *what, *words;
};

/* ---- writing it down ---- */

static int status_of(int result)
{
	switch (result) {
	case 0:
		return 200;
	case -ENOENT:
		return 404;
	case -EAGAIN:
		return 503;
	case -EBUSY:
		return 429;
	default:
		return 422;
	}
}

/* Returns whether it has a row of its own: of what is refused again and again it is one for many.
 */
static bool write_down(struct home *home, const char *topic, const char *what, int status)
{
	struct daemon *daemon = home->daemon;
	struct record record = daemon_new_record(daemon, RECORD_AUDIT);
	struct audit *entry = &record.audit;
	uint64_t now_ms = uv_now(daemon->loop);
	struct text path, meaning;

	*entry = (struct audit){.who = "home-assistant",
				.uid = -1,
				.transport = "mqtt",
				.method = "PUBLISH",
				.status = status,
				.count = 1};
	path = text_in(entry->path, sizeof entry->path);
	text_add(&path, "%s", topic);
	meaning = text_in(entry->what, sizeof entry->what);
	text_add(&meaning, "%s", what);
	if (status >= REFUSED_FROM && !audit_pace_take(&home->pace, now_ms)) {
		audit_pace_add(&home->pace, entry, now_ms);
		return false;
	}
	daemon_record(daemon, &record);
	if (status < REFUSED_FROM)
		(void)daemon_store(daemon);
	return true;
}

void home_command_sum_up(struct home *home, bool is_last)
{
	struct record record = daemon_new_record(home->daemon, RECORD_AUDIT);

	if (!is_last && !audit_pace_is_due(&home->pace, uv_now(home->daemon->loop)))
		return;
	while (audit_pace_end(&home->pace, &record.audit))
		daemon_record(home->daemon, &record);
}

/* ---- doing it ---- */

/* Returns 0, 1 where it is so already, or as the host's set(). */
static int set(struct deed *deed, enum parameter_id id, int64_t number)
{
	struct daemon *daemon = deed->home->daemon;
	const char *battery = daemon->house.batteries[deed->battery].id.text;
	struct parameter_value value = {.number = number};

	text_add(deed->what, "%s.%s = ", battery, parameter_get(id)->name);
	parameter_format(id, &value, deed->what);
	if (setting(&daemon->site.settings[deed->battery], id) == number)
		return 1;
	return deed->host.set(daemon, battery, id, &value, true, deed->words);
}

/* On again is what held before: the file's, or what was set for the house. */
static int enable(struct deed *deed)
{
	struct daemon *daemon = deed->home->daemon;
	const char *battery = daemon->house.batteries[deed->battery].id.text;
	bool is_on =
	    setting(&daemon->site.settings[deed->battery], PARAMETER_LOGIC) != LOGIC_MONITOR;
	const struct parameter_layer *own = &daemon->battery_run[deed->battery];
	struct settings rest;
	int result;

	if (!deed->command->is_on)
		return set(deed, PARAMETER_LOGIC, LOGIC_MONITOR);
	text_add(deed->what, "%s.logic unset", battery);
	if (is_on)
		return 1;
	result = settings_resolve(&rest, daemon->house.batteries[deed->battery].chemistry,
				  &daemon->house.layer, &daemon->house_run,
				  &daemon->house.batteries[deed->battery].layer, NULL, deed->words);
	if (result == 0 &&
	    (!own->is_set[PARAMETER_LOGIC] || setting(&rest, PARAMETER_LOGIC) == LOGIC_MONITOR)) {
		text_add(deed->words, "without a mode of its own it is only watched: choose one");
		return -ERANGE;
	}
	return result != 0
		   ? result
		   : deed->host.set(daemon, battery, PARAMETER_LOGIC, NULL, false, deed->words);
}

static int set_minutes(struct deed *deed)
{
	int32_t minutes = (int32_t)lround(deed->command->number);

	text_add(deed->what, "%s: the next takeover for %d min",
		 deed->home->daemon->house.batteries[deed->battery].id.text, (int)minutes);
	if (deed->home->minutes[deed->battery] == minutes)
		return 1;
	deed->home->minutes[deed->battery] = minutes;
	return 0;
}

static int take_over(struct deed *deed, enum intent intent)
{
	int32_t minutes = deed->home->minutes[deed->battery];
	struct override_wish wish = {.index = deed->battery,
				     .intent = intent,
				     .duration_ms = (int64_t)minutes * MS_PER_MINUTE};
	struct hindrance refusal; /* told in its words */
	uint32_t id;

	text_add(deed->what, "battery %s %s for %d s",
		 deed->home->daemon->house.batteries[deed->battery].id.text, intent_name(intent),
		 (int)minutes * 60);
	return deed->host.override(deed->home->daemon, &wish, &id, &refusal, deed->words);
}

static int end_takeover(struct deed *deed)
{
	struct daemon *daemon = deed->home->daemon;
	int result = 1; /* none is in force */

	text_add(deed->what, "battery %s: back to automatic",
		 daemon->house.batteries[deed->battery].id.text);
	for (size_t i = 0; i < daemon->house.relay_count && result >= 0; i++) {
		const struct override *override = &daemon->site.relays[i].override;

		if (daemon->house.relays[i].battery == deed->battery &&
		    (override->is_active || override->waits_for_clock))
			result = deed->host.override_cancel(daemon, override->id, deed->words);
	}
	return result;
}

/* What a person has to look at: a button that an automation may press does not end it. */
static bool needs_a_person(enum alert_code code)
{
	return code == ALERT_LOCKED_OUT || code == ALERT_RELAY_WELDED;
}

static int acknowledge(struct deed *deed)
{
	struct daemon *daemon = deed->home->daemon;
	int result = 1, left = 0, seen = 0;

	for (size_t i = 0; i < ALERTS_MAX && result >= 0; i++) {
		const struct alert *alert = &daemon->site.alerts[i];

		if (alert->id == 0 || !alert->is_active || alert->is_acknowledged)
			continue;
		if (needs_a_person(alert->code)) {
			left++;
			continue;
		}
		result = deed->host.acknowledge(daemon, alert->id, deed->words);
		seen += result == 0;
	}
	text_add(deed->what, "alerts acknowledged: %d", seen);
	if (left > 0)
		text_add(deed->what, ", %d left: end them on the page or with amphora alerts ack",
			 left);
	return result < 0 || seen == 0 ? result : 0;
}

static int perform(struct deed *deed)
{
	const struct ha_command *command = deed->command;

	switch (command->kind) {
	case HA_COMMAND_MODE:
		return set(deed, PARAMETER_LOGIC, (int64_t)command->choice);
	case HA_COMMAND_RESERVE:
		return set(deed, PARAMETER_RESERVE, llround(command->number * 100));
	case HA_COMMAND_MINUTES:
		return set_minutes(deed);
	case HA_COMMAND_CHARGE:
		return take_over(deed, INTENT_CHARGE);
	case HA_COMMAND_DISCHARGE:
		return take_over(deed, INTENT_DISCHARGE);
	case HA_COMMAND_HOLD:
		return take_over(deed, INTENT_SAFE);
	case HA_COMMAND_AUTO:
		return end_takeover(deed);
	case HA_COMMAND_ENABLE:
		return enable(deed);
	case HA_COMMAND_ACKNOWLEDGE:
		return acknowledge(deed);
	case HA_COMMAND_NONE:
		break;
	}
	return 1;
}

/* ---- whether it may be ---- */

static bool is_within_pace(struct home *home)
{
	uint64_t now_ms = uv_now(home->daemon->loop);

	if (home->commands_full_at < now_ms)
		home->commands_full_at = now_ms;
	if (home->commands_full_at + COMMAND_MS > now_ms + COMMANDS_AT_ONCE * COMMAND_MS)
		return false;
	home->commands_full_at += COMMAND_MS;
	return true;
}

/* Finds the battery and sees to it that nobody sends more than is sensible. */
static int check(struct deed *deed)
{
	const struct ha_command *command = deed->command;
	const struct house *house = &deed->home->daemon->house;
	bool is_of_site = command->kind == HA_COMMAND_ACKNOWLEDGE;
	int battery = is_of_site ? 0 : house_find_battery(house, command->battery.text);

	if (battery < 0) {
		text_add(deed->words, "there is no battery \"%s\"", command->battery.text);
		return -ENOENT;
	}
	deed->battery = (size_t)battery;
	if (!is_of_site && !battery_is_commanded(&house->batteries[battery])) {
		text_add(deed->words,
			 "battery %s is only watched: chemistry, capacity_kwh and "
			 "power_kw are not configured",
			 command->battery.text);
		return -ERANGE;
	}
	if (is_within_pace(deed->home))
		return 0;
	text_add(deed->words, "more than %d commands in a minute", COMMANDS_AT_ONCE);
	return -EBUSY;
}

static void tell(struct home *home, const char *topic, const struct deed *deed, int result)
{
	struct text outcome = text_in(home->outcome, sizeof home->outcome);

	if (result == 0)
		text_add(&outcome, "%s: done", deed->what->data);
	else if (result > 0)
		text_add(&outcome, "%s: is so already", deed->what->data);
	else
		text_add(&outcome, "%s: %s", deed->what->length > 0 ? deed->what->data : topic,
			 deed->words->length > 0 ? deed->words->data : strerror(-result));
}

/* A flood of what is refused, or of what is so already, fills neither the journal nor the log. */
static void note(struct home *home, const char *topic, const char *what, int result)
{
	if (result > 0)
		log_debug("home_assistant: %s", home->outcome);
	else if (!write_down(home, topic, what, status_of(result)))
		log_debug("home_assistant: %s", home->outcome);
	else if (result < 0)
		log_warning("home_assistant: %s", home->outcome);
	else
		log_info("home_assistant: %s", home->outcome);
}

bool home_command(struct home *home, const struct mqtt_message *message)
{
	struct daemon *daemon = home->daemon;
	const struct parameter *reserve = parameter_get(PARAMETER_RESERVE);
	const struct ha_bounds bounds = {
	    .reserve_min_pct = (double)reserve->min / reserve->scale,
	    .reserve_max_pct = (double)reserve->max / reserve->scale,
	    .modes = parameter_get(PARAMETER_LOGIC)->choices,
	};
	char what_room[AUDIT_WHAT_MAX] = "", words_room[WORDS_MAX] = "";
	struct text what = text_in(what_room, sizeof what_room);
	struct text words = text_in(words_room, sizeof words_room);
	struct ha_command command;
	struct deed deed = {home, requests_host(daemon), &command, 0, &what, &words};
	enum ha_answer answer =
	    ha_command_read(&command, daemon->house.home_assistant.topic, message->topic,
			    message->is_retained, message->payload, message->length, &bounds);
	int result = -EINVAL;

	if (answer == HA_NOT_OURS)
		return false;
	if (answer == HA_TAKEN)
		result = check(&deed);
	else
		text_add(&words, "refused: %s", ha_answer_name(answer));
	if (result == 0)
		result = perform(&deed);
	tell(home, message->topic, &deed, result);
	note(home, message->topic, what.length > 0 ? what_room : ha_answer_name(answer), result);
	return true;
}
