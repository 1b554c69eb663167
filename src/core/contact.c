/*
 * Looks for contacts that are closed although they are reported open. No
 * command can open one, so all that is bounded is how soon a person is told;
 * docs/design.md, section 4, has the bounds.
 *
 * Power convicts either relay. The state of charge convicts only a source:
 * nothing but charging lifts it for long, while a battery with both relays open
 * falls by itself (its electronics, self-discharge, a gauge that settles).
 */
#include "core/contact.h"

#include "core/alerts.h"
#include "core/limits.h"
#include "core/plausible.h"
#include "core/relay.h"

/* Meters and gauges follow a switching late: up to 45 s have been seen. */
#define SETTLE_MS (120 * (int64_t)MS_PER_SECOND)

/* What a meter may show through an open contact: its offset, a snubber. */
#define LEAK_LEAST_W 10
#define LEAK_DIVISOR 100 /* of the battery's power */
#define LEAK_READINGS 5
#define TIGHT_READINGS 2 /* a single one does not clear it */
#define READINGS_MAX 1000

/*
 * Three steps of a gauge that resolves 1 %, and the time that a fifth of the
 * power takes for it: less than a fifth is no effect (watch.c). A slower rise
 * cannot be told from a gauge that drifts.
 */
#define RISE_BP 300
#define RISE_LEAST_PCT 20
#define RISE_LEAST_MS (int64_t) MS_PER_HOUR
#define RISE_PARTS (RISE_MARKS - 1)

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void mark_welded(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay->is_welded = true;
	relay->may_be_on = true;
	if (relay->on_number != 0) /* that ON was never undone */
		relay_set_ours(turn, index, true);
	relay_set_phase(turn, index, RELAY_MISMATCH);
}

static int64_t leak_limit_mw(const struct turn *turn, size_t index)
{
	size_t battery = turn->house->relays[index].battery;
	int64_t share_w = turn->house->batteries[battery].power_w / LEAK_DIVISOR;

	return later_of(LEAK_LEAST_W, share_w) * 1000;
}

static void find_leak(const struct turn *turn, size_t index, int64_t power_mw)
{
	const struct relay_config *config = &turn->house->relays[index];
	char detail[ALERT_DETAIL_MAX];
	struct text text = text_in(detail, sizeof(detail));

	mark_welded(turn, index);
	alerts_relay(turn, index, ALERT_RELAY_WELDED, power_mw, leak_limit_mw(turn, index), NULL);
	text_add(&text, "the relay %s is reported open but power flows", config->id.text);
	limits_lock_out(turn, config->battery, detail);
}

static void forget_leak(struct relay_state *relay)
{
	relay->leak_count = 0;
	relay->tight_count = 0;
}

static void count_leak(struct relay_state *relay, struct now now)
{
	relay->tight_count = 0;
	if (relay->leak_count == 0)
		relay->leak_since = now.mono;
	if (relay->leak_count < READINGS_MAX)
		relay->leak_count++;
}

void contact_heard(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];
	int64_t power_mw = relay->status.power_mw;

	if (relay->is_welded)
		return;
	if (relay->status.is_on || !relay->status.has_power) {
		forget_leak(relay);
		return;
	}
	if (power_mw < 0)
		power_mw = -power_mw;
	if (power_mw <= leak_limit_mw(turn, index)) {
		if (++relay->tight_count >= TIGHT_READINGS)
			forget_leak(relay);
		return;
	}
	count_leak(relay, turn->now);
	if (relay->leak_count >= LEAK_READINGS &&
	    mono_since(turn->now.mono, relay->leak_since) >= SETTLE_MS)
		find_leak(turn, index, power_mw);
}

/* Whether the reading that is held was measured with all sources open for a while. */
static bool sources_have_settled(const struct turn *turn, size_t battery)
{
	struct mono_time measured_at = turn->site->batteries[battery].measured_at;
	bool is_found = false;

	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];
		const struct relay_state *relay = &turn->site->relays[i];

		if (config->battery != battery || config->role != RELAY_SOURCE)
			continue;
		if (!relay_is_confirmed_open(relay) ||
		    mono_since(measured_at, relay->opened_at) < SETTLE_MS)
			return false;
		is_found = true;
	}
	return is_found;
}

static int64_t rise_window_ms(const struct battery_config *config)
{
	return later_of(RISE_LEAST_MS,
			plausible_time_ms(config->capacity_wh, config->power_w, RISE_BP) * 100 /
			    RISE_LEAST_PCT);
}

static void find_rise(const struct turn *turn, size_t battery, int32_t rise_bp)
{
	for (size_t i = 0; i < turn->house->relay_count; i++)
		if (turn->house->relays[i].battery == battery &&
		    turn->house->relays[i].role == RELAY_SOURCE)
			mark_welded(turn, i);
	alerts_battery(turn, battery, ALERT_STILL_CHARGING, rise_bp, RISE_BP, NULL);
	limits_lock_out(turn, battery, "it charges although the source relay is reported open");
}

static void forget_first(struct battery_state *battery)
{
	battery->rise_count--;
	for (int32_t i = 0; i < battery->rise_count; i++)
		battery->rise_marks[i] = battery->rise_marks[i + 1];
}

/*
 * What the SoC has risen by from its lowest within `window_ms`. Each mark is
 * lower than all that came after it, so that the next counts where the first is
 * too old. They are a part of the window apart: a rise that takes longer than
 * the window without that part may be found late. It is timed by when it was
 * measured: a queue brings the rise of a morning at once.
 */
static int32_t risen_bp(struct battery_state *battery, int64_t window_ms)
{
	struct rise_mark *marks = battery->rise_marks;
	struct mono_time at = battery->measured_at;
	int32_t soc_bp = battery->reading.soc_bp;

	while (battery->rise_count > 0 && mono_since(at, marks[0].at) > window_ms)
		forget_first(battery);
	while (battery->rise_count > 0 && marks[battery->rise_count - 1].soc_bp >= soc_bp)
		battery->rise_count--;
	if (battery->rise_count == 0 ||
	    (battery->rise_count < RISE_MARKS &&
	     mono_since(at, marks[battery->rise_count - 1].at) >= window_ms / RISE_PARTS))
		marks[battery->rise_count++] = (struct rise_mark){at, soc_bp};
	return soc_bp - marks[0].soc_bp;
}

void contact_watch(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];
	int32_t rise_bp;

	if (!sources_have_settled(turn, index)) {
		battery->rise_count = 0;
		return;
	}
	if (battery->quality != QUALITY_GOOD)
		return;
	rise_bp = risen_bp(battery, rise_window_ms(&turn->house->batteries[index]));
	if (rise_bp >= RISE_BP)
		find_rise(turn, index, rise_bp);
}

void contact_restore(const struct turn *turn, size_t battery)
{
	bool all_sources = alerts_battery_has(turn, battery, ALERT_STILL_CHARGING);

	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];

		if (config->battery == battery &&
		    (alerts_relay_has(turn, i, ALERT_RELAY_WELDED) ||
		     (all_sources && config->role == RELAY_SOURCE)))
			turn->site->relays[i].is_welded = true;
	}
}

void contact_believe(const struct turn *turn, size_t battery)
{
	alerts_battery_clear(turn, battery, ALERT_STILL_CHARGING);
	turn->site->batteries[battery].rise_count = 0;
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		struct relay_state *relay = &turn->site->relays[i];

		if (turn->house->relays[i].battery != battery)
			continue;
		alerts_relay_clear(turn, i, ALERT_RELAY_WELDED);
		forget_leak(relay);
		if (!relay->is_welded)
			continue;
		turn_note(turn, NOTE_RELAY, i);
		relay->is_welded = false;
		/* Since when is not known: dwell begins now. */
		relay->is_open = !relay->status.is_on;
		relay->opened_at = turn->now.mono;
	}
}
