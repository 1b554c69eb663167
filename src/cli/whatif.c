/*
 * What would have happened with other settings: where the second core begins, what flows, and what
 * it comes to. What it hears and how its relays answer is in whatif_hear.c.
 */
#include "cli/whatif.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/step.h"
#include "model/quantity.h"

#define GAP_MAX_MS (10 * MS_PER_MINUTE) /* what lies further apart is not known between */

/* ---- changes ---- */

/* "b1.reserve" or "reserve", of `length` bytes. */
static int take_name(struct whatif_change *change, const char *name, size_t length,
		     struct text *error)
{
	char words[96];
	const char *dot = memchr(name, '.', length), *parameter = words;

	if (length >= sizeof(words)) {
		text_add(error, "%.40s… is no setting", name);
		return -EINVAL;
	}
	memcpy(words, name, length);
	words[length] = '\0';
	if (dot != NULL) {
		words[dot - name] = '\0';
		parameter = words + (dot - name) + 1;
		if (strlen(words) > IDENT_MAX) {
			text_add(error, "%.40s… is no battery", words);
			return -EINVAL;
		}
		strcpy(change->battery.text, words);
	}
	if (parameter_find(&change->parameter, parameter) == 0)
		return 0;
	text_add(error, "%s is no setting, or could be several; `amphora settings` lists them",
		 parameter);
	return -EINVAL;
}

int whatif_take(struct whatif *whatif, const char *words, struct text *error)
{
	struct whatif_change change = {0};
	const char *equals = strchr(words, '=');
	int result;

	if (equals == NULL || equals == words) {
		text_add(error, "%s: a change is NAME=VALUE, as in reserve=30", words);
		return -EINVAL;
	}
	if (whatif->change_count == WHATIF_CHANGES_MAX) {
		text_add(error, "more than %d changes", WHATIF_CHANGES_MAX);
		return -ERANGE;
	}
	result = take_name(&change, words, (size_t)(equals - words), error);
	if (result == 0)
		result = parameter_parse(&change.value, change.parameter, equals + 1, error);
	if (result == 0)
		whatif->changes[whatif->change_count++] = change;
	return result;
}

/* The settings with the changes in place of theirs; `out` is written where they can hold. */
static bool change_settings(struct whatif *whatif, size_t battery, const struct settings *settings,
			    struct settings *out)
{
	const struct battery_config *config = &whatif->house.batteries[battery];
	struct text error = text_in(whatif->error, sizeof(whatif->error));
	struct parameter_layer layer;

	memset(&layer, 0, sizeof(layer));
	for (int id = 0; id < PARAMETER_COUNT; id++) {
		layer.is_set[id] = true;
		layer.value[id] = settings->value[id];
	}
	for (size_t i = 0; i < whatif->change_count; i++) {
		const struct whatif_change *change = &whatif->changes[i];

		if (change->battery.text[0] == '\0' ||
		    strcmp(change->battery.text, config->id.text) == 0)
			layer.value[change->parameter] = change->value;
	}
	if (settings_resolve(out, config->chemistry, NULL, NULL, NULL, &layer, &error) == 0)
		return true;
	whatif->is_refused = true;
	return false;
}

static void tell_settings(struct whatif *whatif, size_t battery, const struct settings *settings,
			  struct now now)
{
	struct event event = {.kind = EVENT_SETTINGS, .index = battery};

	if (change_settings(whatif, battery, settings, &event.settings.settings))
		whatif_step(whatif, &event, now);
}

/* ---- beginning ---- */

/* Whether each change is of a battery that there was. */
static bool batteries_are_known(struct whatif *whatif)
{
	for (size_t i = 0; i < whatif->change_count; i++) {
		const char *battery = whatif->changes[i].battery.text;

		if (battery[0] != '\0' && house_find_battery(&whatif->house, battery) < 0) {
			struct text error = text_in(whatif->error, sizeof(whatif->error));

			text_add(&error, "there was no battery %s", battery);
			return false;
		}
	}
	return true;
}

void whatif_before(struct whatif *whatif, const struct house *house, const struct site *recorded,
		   uint64_t begins, struct now now)
{
	if (now.wall.ms < whatif->from.ms || now.wall.ms >= whatif->to.ms || whatif->is_refused)
		return;
	if (whatif->is_begun && whatif->begins == begins)
		return;
	/* A start: the core begins anew; what its relays and batteries are does not. */
	if (!whatif->is_begun)
		whatif->first_minute.ms = now.wall.ms - now.wall.ms % MS_PER_MINUTE;
	whatif->house = *house;
	whatif->site = *recorded;
	whatif->begins = begins;
	whatif->has_last = false;
	whatif_begin_relays(whatif, recorded, now);
	whatif->is_begun = true;
	whatif->is_refused = !batteries_are_known(whatif);
	for (size_t i = 0; i < house->battery_count && !whatif->is_refused; i++)
		tell_settings(whatif, i, &recorded->settings[i], now);
}

/* ---- what flows ---- */

static bool is_same_on_both(const struct whatif *whatif, const struct site *recorded,
			    size_t battery)
{
	for (size_t i = 0; i < whatif->house.relay_count; i++) {
		if (whatif->house.relays[i].battery == battery &&
		    whatif->relays[i].is_on != recorded->relays[i].status.is_on)
			return false;
	}
	return true;
}

/* What closed relays move: as measured last, or else what the battery can at most. */
static double moved_w(struct whatif *whatif, size_t battery, enum relay_role role)
{
	struct whatif_battery *ours = &whatif->batteries[battery];
	double measured = role == RELAY_SOURCE ? ours->charge_w : ours->discharge_w;

	if (measured > 0)
		return measured;
	ours->is_assumed = true;
	return whatif->house.batteries[battery].power_w;
}

static double relays_w(struct whatif *whatif, const struct site *recorded, size_t battery)
{
	double sum = 0;

	for (size_t i = 0; i < whatif->house.relay_count; i++) {
		const struct relay_config *relay = &whatif->house.relays[i];
		bool is_on = recorded ? recorded->relays[i].status.is_on : whatif->relays[i].is_on;

		if (relay->battery != battery || !is_on)
			continue;
		sum += relay->role == RELAY_SOURCE ? moved_w(whatif, battery, RELAY_SOURCE)
						   : -moved_w(whatif, battery, RELAY_LOAD);
	}
	return sum;
}

void whatif_flow(struct whatif *whatif, const struct site *recorded, size_t battery)
{
	struct whatif_battery *ours = &whatif->batteries[battery];
	const struct battery_state *state = &recorded->batteries[battery];
	double soc_bp = state->reading.soc_bp + ours->shift_bp;

	ours->is_assumed = false;
	if (!state->has_reading) {
		ours->was_w = ours->would_w = 0;
		return;
	}
	if (state->reading.has_power && !ours->has_switched) {
		ours->was_w = (double)state->reading.power_mw / 1000;
		if (ours->was_w > 20)
			ours->charge_w = ours->was_w;
		else if (ours->was_w < -20)
			ours->discharge_w = -ours->was_w;
	} else {
		ours->was_w = relays_w(whatif, recorded, battery);
	}
	ours->would_w = is_same_on_both(whatif, recorded, battery)
			    ? ours->was_w
			    : relays_w(whatif, NULL, battery);
	if ((soc_bp >= SOC_BP_MAX && ours->would_w > 0) || (soc_bp <= 0 && ours->would_w < 0))
		ours->would_w = 0;
}

/* ---- what it comes to ---- */

static double stored_w(double power_w)
{
	return power_w > 0 ? power_w * WHATIF_ONE_WAY : power_w / WHATIF_ONE_WAY;
}

static void tally(struct whatif_tally *side, double power_w, enum intent intent, int64_t ms)
{
	double wh = power_w * (double)ms / MS_PER_HOUR;

	side->charged_wh += fmax(0, wh);
	side->discharged_wh += fmax(0, -wh);
	*(intent == INTENT_CHARGE || intent == INTENT_BOTH ? &side->charge_ms
	  : intent == INTENT_DISCHARGE                     ? &side->discharge_ms
							   : &side->idle_ms) += ms;
}

/* What all batteries would have moved more in the minute of `at`. */
static void keep_minute(struct whatif *whatif, struct wall_time at, double wh)
{
	int64_t minute = (at.ms - whatif->first_minute.ms) / MS_PER_MINUTE;

	if (minute < 0 || minute >= WHATIF_MINUTES_MAX)
		return;
	if ((size_t)minute >= whatif->minute_room) {
		size_t room = whatif->minute_room ? 2 * whatif->minute_room : 2048;
		float *grown;

		while (room <= (size_t)minute)
			room *= 2;
		grown = realloc(whatif->minutes_wh, room * sizeof(*grown));
		if (grown == NULL)
			return;
		memset(grown + whatif->minute_room, 0,
		       (room - whatif->minute_room) * sizeof(*grown));
		whatif->minutes_wh = grown;
		whatif->minute_room = room;
	}
	whatif->minutes_wh[minute] += (float)wh;
	if ((size_t)minute >= whatif->minute_count)
		whatif->minute_count = (size_t)minute + 1;
}

/* The time since the event before, with the powers that flowed then. */
static void advance(struct whatif *whatif, const struct site *recorded, struct now now)
{
	int64_t ms = whatif->has_last ? mono_since(now.mono, whatif->last.mono) : 0;

	if (ms <= 0 || ms > GAP_MAX_MS)
		return;
	whatif->known_ms += ms;
	for (size_t i = 0; i < whatif->house.battery_count; i++) {
		struct whatif_battery *ours = &whatif->batteries[i];
		double more_wh = (ours->would_w - ours->was_w) * (double)ms / MS_PER_HOUR;
		double stored_wh =
		    (stored_w(ours->would_w) - stored_w(ours->was_w)) * (double)ms / MS_PER_HOUR;
		int32_t capacity_wh = whatif->house.batteries[i].capacity_wh;

		tally(&ours->was, ours->was_w, recorded->batteries[i].decision.intent, ms);
		tally(&ours->would, ours->would_w, whatif->site.batteries[i].decision.intent, ms);
		if (capacity_wh > 0)
			ours->shift_bp += stored_wh / capacity_wh * SOC_BP_MAX;
		if (more_wh != 0)
			keep_minute(whatif, whatif->last.wall, more_wh);
		if (ours->is_assumed)
			ours->assumed_ms += ms;
	}
}

/* ---- where they part ---- */

static void begin_apart(struct whatif *whatif, const struct site *recorded, size_t battery,
			struct now now)
{
	const struct decision *would = &whatif->site.batteries[battery].decision;
	struct whatif_stretch *apart = &whatif->batteries[battery].apart;
	struct text words;

	*apart = (struct whatif_stretch){.battery = battery,
					 .from = now.wall,
					 .was = recorded->batteries[battery].decision.intent,
					 .would = would->intent};
	words = text_in(apart->words, sizeof(apart->words));
	decision_format(would, NULL, &words);
}

static void end_apart(struct whatif *whatif, size_t battery, struct wall_time at)
{
	struct whatif_battery *ours = &whatif->batteries[battery];

	ours->apart.to = at;
	if (at.ms - ours->apart.from.ms < WHATIF_APART_MIN_MS)
		return;
	ours->apart_ms += at.ms - ours->apart.from.ms;
	if (whatif->stretch_count < WHATIF_STRETCHES_MAX)
		whatif->stretches[whatif->stretch_count] = ours->apart;
	whatif->stretch_count++;
}

static void compare(struct whatif *whatif, const struct site *recorded, struct now now)
{
	for (size_t i = 0; i < whatif->house.battery_count; i++) {
		struct whatif_battery *ours = &whatif->batteries[i];
		bool is_apart = recorded->batteries[i].decision.intent !=
				whatif->site.batteries[i].decision.intent;

		if (is_apart && !ours->is_apart)
			begin_apart(whatif, recorded, i, now);
		else if (!is_apart && ours->is_apart)
			end_apart(whatif, i, now.wall);
		ours->is_apart = is_apart;
	}
}

static void count_recorded_closings(struct whatif *whatif, const struct site *recorded)
{
	for (size_t i = 0; i < whatif->house.relay_count; i++) {
		bool is_on = recorded->relays[i].status.is_on;

		struct whatif_battery *ours = &whatif->batteries[whatif->house.relays[i].battery];

		ours->was.closings += is_on && !whatif->was_on[i];
		ours->has_switched = ours->has_switched || is_on != whatif->was_on[i];
		whatif->was_on[i] = is_on;
	}
}

static void keep_soc(struct whatif *whatif, const struct site *recorded, size_t battery)
{
	struct whatif_battery *ours = &whatif->batteries[battery];

	ours->was.has_soc = ours->would.has_soc = true;
	ours->was.soc_bp = recorded->batteries[battery].reading.soc_bp;
	ours->would.soc_bp = fmin(SOC_BP_MAX, fmax(0, ours->was.soc_bp + ours->shift_bp));
	ours->shift_bp = ours->would.soc_bp - ours->was.soc_bp;
}

void whatif_after(struct whatif *whatif, const struct site *recorded, const struct event *event,
		  struct now now)
{
	struct event heard;

	if (!whatif->is_begun || whatif->is_refused || now.wall.ms < whatif->from.ms ||
	    now.wall.ms >= whatif->to.ms)
		return;
	advance(whatif, recorded, now);
	whatif_expire(whatif, now);
	if (event->kind == EVENT_SETTINGS)
		tell_settings(whatif, event->index, &event->settings.settings, now);
	else if (whatif_hears(whatif, recorded, event, now, &heard))
		whatif_step(whatif, &heard, now);
	if (event->kind == EVENT_READING && event->index < whatif->house.battery_count) {
		keep_soc(whatif, recorded, event->index);
		whatif->batteries[event->index].has_switched = false;
	}
	count_recorded_closings(whatif, recorded);
	for (size_t i = 0; i < whatif->house.battery_count; i++)
		whatif_flow(whatif, recorded, i);
	compare(whatif, recorded, now);
	whatif->last = now;
	whatif->has_last = true;
}

void whatif_end(struct whatif *whatif)
{
	for (size_t i = 0; i < whatif->house.battery_count; i++) {
		if (whatif->batteries[i].is_apart)
			end_apart(whatif, i, whatif->last.wall);
	}
}

void whatif_reset(struct whatif *whatif)
{
	struct whatif_change changes[WHATIF_CHANGES_MAX];
	struct wall_time from = whatif->from, to = whatif->to;
	size_t count = whatif->change_count;

	memcpy(changes, whatif->changes, sizeof(changes));
	whatif_deinit(whatif);
	memset(whatif, 0, sizeof(*whatif));
	memcpy(whatif->changes, changes, sizeof(changes));
	whatif->change_count = count;
	whatif->from = from;
	whatif->to = to;
}

bool whatif_is_empty(const struct whatif *whatif)
{
	return whatif->known_ms == 0;
}

void whatif_deinit(struct whatif *whatif)
{
	free(whatif->minutes_wh);
	whatif->minutes_wh = NULL;
}
