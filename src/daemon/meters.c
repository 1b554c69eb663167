/*
 * What meters say is added up by kind, shown at once and summed up by the minute; a
 * minute that has ended goes into the batch that is next, or makes one after a while. Who
 * lets readings gather for the sake of an SD card gets five minutes' at once.
 */
#include "daemon/daemon.h"
#include "daemon/meters_doubt.h"
#include "daemon/meters_energy.h"
#include "daemon/pilot.h"

#include <math.h>
#include <string.h>

#include "wire/meter_message.h"
#include "wire/meter_topic.h"

/* By the daemon's clock: how long minutes wait for a batch that is written anyway. */
#define GATHER_MS MS_PER_MINUTE
/* And how long they wait in any case, with store.commit_delay_s. */
#define GATHER_DELAYED_MS (5 * MS_PER_MINUTE)

void meters_open(struct daemon *daemon)
{
	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		for (size_t i = 0; i < daemon->house.meters[kind].count; i++)
			(void)!meter_group_expect(&daemon->status.meters[kind].group,
						  &daemon->house.meters[kind].names[i]);
	}
}

/* --- minutes ---------------------------------------------------------------- */

static void wait_for_batch(struct daemon *daemon, enum meter_kind kind,
			   const struct meter_minute *minute)
{
	struct meters *meters = &daemon->meters;
	struct now now = daemon_now(daemon);

	if (meters->waiting_count == METERS_WAITING_MAX)
		meters_flush(daemon);
	if (meters->waiting_count == METERS_WAITING_MAX) {
		daemon->status.journal.dropped++;
		return;
	}
	meters->waiting[meters->waiting_count++] = (struct meters_waiting){
	    .kind = kind,
	    .wall_is_trusted = now.wall_is_trusted,
	    .mono_ms = now.mono.ms,
	    .minute = *minute,
	};
	if (meters->waiting_since == 0)
		meters->waiting_since = uv_now(daemon->loop);
}

static void advance(struct daemon *daemon, enum meter_kind kind, struct now now)
{
	struct meter_minute ended;

	while (meter_sum_advance(&daemon->meters.sums[kind], now.mono, now.wall, &ended))
		wait_for_batch(daemon, kind, &ended);
}

static int append(struct daemon *daemon, const struct meters_waiting *waiting)
{
	struct record record = {.kind = RECORD_METER,
				.wall = waiting->minute.from,
				.mono = {waiting->mono_ms},
				.wall_is_trusted = waiting->wall_is_trusted};
	struct text name = text_in(record.meter.meter.text, sizeof record.meter.meter.text);

	text_add(&name, "%s", meter_kind_name(waiting->kind));
	record.meter.minute = waiting->minute;
	return journal_append(daemon->journal, &record);
}

void meters_flush(struct daemon *daemon)
{
	struct meters *meters = &daemon->meters;
	size_t done = 0;

	while (done < meters->waiting_count && append(daemon, &meters->waiting[done]) == 0) {
		meters_energy_add(daemon, meters->waiting[done].kind, &meters->waiting[done].minute);
		done++;
	}
	meters_energy_keep(daemon);
	if (done == 0)
		return;
	meters->waiting_count -= done;
	memmove(meters->waiting, meters->waiting + done,
		meters->waiting_count * sizeof meters->waiting[0]);
	meters->waiting_since = meters->waiting_count > 0 ? uv_now(daemon->loop) : 0;
}

/* Whether the first of them has waited for so long, by the daemon's clock. */
static bool have_waited(const struct daemon *daemon, int64_t ms)
{
	const struct meters *meters = &daemon->meters;

	return meters->waiting_count > 0 &&
	       uv_now(daemon->loop) - meters->waiting_since >= clock_real_ms(&daemon->clock, ms);
}

void meters_join(struct daemon *daemon)
{
	bool is_delayed = daemon->house.store.commit_delay_s > 0 && daemon->phase == DAEMON_RUNS;

	if (!is_delayed || have_waited(daemon, GATHER_DELAYED_MS))
		meters_flush(daemon);
}

/* Where nothing else is written for long. */
static void gather(struct daemon *daemon)
{
	if (!have_waited(daemon, daemon->house.store.commit_delay_s > 0
				     ? GATHER_DELAYED_MS + GATHER_MS
				     : GATHER_MS))
		return;
	meters_flush(daemon);
	if (daemon->gathering_since == 0)
		daemon->gathering_since = uv_now(daemon->loop);
}

/* --- what they say now ------------------------------------------------------ */

/* What the meters of a kind come to now, of which maybe one is in doubt. */
static struct meter_total total_of(struct daemon *daemon, enum meter_kind kind, struct now now)
{
	struct meter_total total = meter_group_total(&daemon->status.meters[kind].group, now.mono);

	meters_doubt_total(daemon, kind, now.mono, &total);
	return total;
}

static void show(struct daemon *daemon, enum meter_kind kind, const struct meter_total *total)
{
	struct meter_status *meter = &daemon->status.meters[kind];

	meter->quality = total->quality;
	meter->is_heard = total->is_heard;
	meter->heard_at = total->heard_at;
	if (total->live > 0)
		meter->power_w = (int32_t)lround(total->power_w);
}

static int hear(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		double power_w)
{
	struct now now = daemon_now(daemon);
	struct meter_total total;
	int result = meter_group_hear(&daemon->status.meters[kind].group, name, power_w, now.mono);

	if (result != 0)
		return result;
	advance(daemon, kind, now);
	meters_doubt_hear(daemon, kind, name, power_w, now);
	total = total_of(daemon, kind, now);
	meter_sum_add(&daemon->meters.sums[kind], total.power_w, total.quality, now.mono);
	show(daemon, kind, &total);
	api_event_meter(daemon->api);
	pilot_follow(daemon);
	return 0;
}

/* Who says a power is believed in it: no counter of it is needed. */
int meters_hear(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		double power_w)
{
	int index = meter_group_expect(&daemon->status.meters[kind].group, name);

	if (index < 0)
		return index;
	daemon->meters.counters[kind][index].is_needed = false;
	return hear(daemon, kind, name, power_w);
}

int meters_count(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		 bool is_export, double energy_wh)
{
	struct now now = daemon_now(daemon);
	int index = meter_group_expect(&daemon->status.meters[kind].group, name);
	struct meters_counters *counters;
	struct meter_counted counted;

	if (index < 0)
		return index;
	counters = &daemon->meters.counters[kind][index];
	if (daemon->status.meters[kind].group.members[index].is_heard && !counters->is_needed)
		return 0;
	counters->is_needed = true;
	counted =
	    meter_counter_add(is_export ? &counters->out : &counters->in, energy_wh, now.mono);
	if (!counted.is_known || counted.took_ms <= 0)
		return 0;
	*(is_export ? &counters->out_w : &counters->in_w) =
	    counted.energy_wh * MS_PER_HOUR / (double)counted.took_ms;
	return hear(daemon, kind, name, counters->in_w - counters->out_w);
}

/* --- messages ---------------------------------------------------------------- */

static enum refusal take(struct daemon *daemon, const struct meter_topic *topic,
			 const void *payload, size_t len)
{
	struct refusal_detail detail = {.value = NAN};
	double value;
	enum refusal refusal = topic->what == METER_SAYS_POWER
				   ? meter_message_parse(&value, topic->kind, payload, len, &detail)
				   : meter_counter_parse(&value, payload, len, &detail);
	int result;

	if (refusal == REFUSAL_OUT_OF_RANGE && topic->what == METER_SAYS_POWER)
		meters_doubt_refused(daemon, topic, detail.value);
	if (refusal != REFUSAL_NONE)
		return refusal;
	result = topic->what == METER_SAYS_POWER
		     ? meters_hear(daemon, topic->kind, &topic->name, value)
		     : meters_count(daemon, topic->kind, &topic->name,
				    topic->what == METER_COUNTS_OUT, value);
	return result == 0 ? REFUSAL_NONE : REFUSAL_UNKNOWN_NODE;
}

void meters_take(struct daemon *daemon, const char *topic, const void *payload, size_t len)
{
	struct meter_topic found;
	enum refusal refusal;

	if (meter_topic_parse(&found, topic) != 0)
		return;
	refusal = take(daemon, &found, payload, len);
	if (refusal != REFUSAL_NONE)
		daemon->status.refused[refusal]++;
}

/* One that has fallen silent is out of the sum from now on. */
static void look_again(struct daemon *daemon, enum meter_kind kind, struct now now)
{
	struct meter_total total = total_of(daemon, kind, now);
	struct meter_sum *sum = &daemon->meters.sums[kind];

	if (total.live > 0 && (total.power_w != sum->value_w || total.quality != sum->quality))
		meter_sum_change(sum, total.power_w, total.quality);
	show(daemon, kind, &total);
}

void meters_second(struct daemon *daemon)
{
	struct now now = daemon_now(daemon);

	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		advance(daemon, kind, now);
		look_again(daemon, kind, now);
	}
	meters_doubt_second(daemon, now);
	gather(daemon);
}

void meters_end(struct daemon *daemon)
{
	struct meter_minute ended;

	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		advance(daemon, kind, daemon_now(daemon));
		if (meter_sum_end(&daemon->meters.sums[kind], &ended))
			wait_for_batch(daemon, kind, &ended);
	}
	meters_flush(daemon);
}
