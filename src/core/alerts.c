/*
 * Keeps the book of alerts. Others decide when something is wrong; here only
 * which entry holds it, and which gives way when the book is full. Entries are
 * taken from the first on and never become free again.
 */
#include "core/alerts.h"

#include <string.h>

_Static_assert(ALERT_COUNT <= 64, "alert_bits has a bit for each code");

static uint64_t bit_of(enum alert_code code)
{
	return (uint64_t)1 << code;
}

/* Whether the alert tells of something that happened and has no end of its own. */
static bool is_event(enum alert_code code)
{
	return code == ALERT_RELAY_FOREIGN || code == ALERT_RELAY_REBOOTED ||
	       code == ALERT_SEQUENCE_GAP || code == ALERT_BROKER_SESSION_LOST ||
	       code == ALERT_JOURNAL_SET_ASIDE || code == ALERT_SERVER_REFUSED;
}

/* Whether each time is another: it is noted although the alert is active already. */
static bool is_told_each_time(enum alert_code code)
{
	return code == ALERT_SEQUENCE_GAP;
}

/* An alarm waits for somebody to see it. */
static bool fades(enum alert_code code)
{
	return is_event(code) && alert_level(code) < ALERT_ALARM;
}

/* Whether it is about our own connections and files, which each start looks at afresh. */
static bool is_looked_at_anew(enum alert_code code)
{
	return code == ALERT_BROKER_AWAY || code == ALERT_BROKER_TAKEN_OVER ||
	       code == ALERT_MARKER_SILENT || code == ALERT_STORE_FAILED ||
	       code == ALERT_SERVER_AWAY || code == ALERT_CLOCK_UNTRUSTED ||
	       code == ALERT_STORE_NEARLY_FULL || code == ALERT_CONTROL_AWAY ||
	       code == ALERT_WEB_AWAY || code == ALERT_METER_WRONG || code == ALERT_PRICES_OLD ||
	       code == ALERT_OUTLET_FAILING;
}

static struct alert *find(struct site *site, enum alert_code code, const struct ident *subject)
{
	for (size_t i = 0; i < ALERTS_MAX && site->alerts[i].id != 0; i++)
		if (site->alerts[i].code == code &&
		    ident_equal(&site->alerts[i].subject, subject))
			return &site->alerts[i];
	return NULL;
}

/* Whether `a` is to give way before `b`: free, over, of a lower level, older. */
static bool gives_way_before(const struct alert *a, const struct alert *b)
{
	if ((a->id == 0) != (b->id == 0))
		return a->id == 0;
	if (a->is_active != b->is_active)
		return !a->is_active;
	if (a->is_active && alert_level(a->code) != alert_level(b->code))
		return alert_level(a->code) < alert_level(b->code);
	return a->id < b->id;
}

static struct alert *make_room(struct site *site)
{
	struct alert *first = &site->alerts[0];

	for (size_t i = 1; i < ALERTS_MAX; i++)
		if (gives_way_before(&site->alerts[i], first))
			first = &site->alerts[i];
	return first;
}

static void note(const struct turn *turn, const struct alert *alert)
{
	turn_note(turn, NOTE_ALERT, (size_t)(alert - turn->site->alerts));
}

static void begin(const struct turn *turn, struct alert *alert, enum alert_code code,
		  const struct ident *subject)
{
	*alert = (struct alert){.id = ++turn->site->next_alert_id,
				.code = code,
				.subject = *subject,
				.is_active = true,
				.raised = turn->now.wall};
	note(turn, alert);
}

void alerts_raise(const struct turn *turn, enum alert_code code, const struct ident *subject,
		  int64_t value, int64_t limit, const char *detail)
{
	struct alert *alert = find(turn->site, code, subject);

	if (alert == NULL)
		alert = make_room(turn->site);
	if (!alert->is_active || alert->code != code || !ident_equal(&alert->subject, subject))
		begin(turn, alert, code, subject);
	alert->count++;
	alert->value = value;
	alert->limit = limit;
	alert->last_at = turn->now.mono;
	if (detail != NULL) {
		struct text text = text_in(alert->detail, sizeof(alert->detail));

		text_add(&text, "%s", detail);
	}
	if (is_told_each_time(code))
		note(turn, alert);
}

static void end(const struct turn *turn, struct alert *alert)
{
	alert->is_active = false;
	alert->cleared = turn->now.wall;
	note(turn, alert);
}

void alerts_clear(const struct turn *turn, enum alert_code code, const struct ident *subject)
{
	struct alert *alert = find(turn->site, code, subject);

	if (alert != NULL && alert->is_active)
		end(turn, alert);
}

const struct alert *alerts_acknowledge(const struct turn *turn, uint32_t id)
{
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		struct alert *alert = &turn->site->alerts[i];

		if (id == 0 || alert->id != id)
			continue;
		alert->is_acknowledged = true;
		note(turn, alert);
		if (alert->is_active && is_event(alert->code))
			end(turn, alert);
		return alert;
	}
	return NULL;
}

void alerts_fade(const struct turn *turn)
{
	for (size_t i = 0; i < ALERTS_MAX && turn->site->alerts[i].id != 0; i++) {
		struct alert *alert = &turn->site->alerts[i];

		if (alert->is_active && fades(alert->code) &&
		    mono_since(turn->now.mono, alert->last_at) >= ALERT_FADES_MS)
			end(turn, alert);
	}
}

/* Has the subject's own part end it later. Returns whether there is still such a subject. */
static bool give_back(const struct turn *turn, const struct alert *alert)
{
	int battery = house_find_battery(turn->house, alert->subject.text);
	int relay = house_find_relay(turn->house, alert->subject.text);

	if (battery >= 0)
		turn->site->batteries[battery].alert_bits |= bit_of(alert->code);
	if (relay >= 0)
		turn->site->relays[relay].alert_bits |= bit_of(alert->code);
	return battery >= 0 || relay >= 0 || alert->subject.text[0] == '\0';
}

void alerts_restore(const struct turn *turn, const struct alert *kept)
{
	struct alert *alert = make_room(turn->site);

	*alert = *kept;
	alert->last_at = turn->now.mono;
	if (is_looked_at_anew(kept->code) || !give_back(turn, kept))
		end(turn, alert);
}

bool alerts_battery_has(const struct turn *turn, size_t battery, enum alert_code code)
{
	return (turn->site->batteries[battery].alert_bits & bit_of(code)) != 0;
}

bool alerts_relay_has(const struct turn *turn, size_t relay, enum alert_code code)
{
	return (turn->site->relays[relay].alert_bits & bit_of(code)) != 0;
}

void alerts_battery(const struct turn *turn, size_t battery, enum alert_code code, int64_t value,
		    int64_t limit, const char *detail)
{
	turn->site->batteries[battery].alert_bits |= bit_of(code);
	alerts_raise(turn, code, &turn->house->batteries[battery].id, value, limit, detail);
}

void alerts_battery_clear(const struct turn *turn, size_t battery, enum alert_code code)
{
	if (!alerts_battery_has(turn, battery, code))
		return;
	turn->site->batteries[battery].alert_bits &= ~bit_of(code);
	alerts_clear(turn, code, &turn->house->batteries[battery].id);
}

void alerts_relay(const struct turn *turn, size_t relay, enum alert_code code, int64_t value,
		  int64_t limit, const char *detail)
{
	turn->site->relays[relay].alert_bits |= bit_of(code);
	alerts_raise(turn, code, &turn->house->relays[relay].id, value, limit, detail);
}

void alerts_relay_clear(const struct turn *turn, size_t relay, enum alert_code code)
{
	if (!alerts_relay_has(turn, relay, code))
		return;
	turn->site->relays[relay].alert_bits &= ~bit_of(code);
	alerts_clear(turn, code, &turn->house->relays[relay].id);
}
