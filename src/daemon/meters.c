/*
 * What a meter says is shown at once and summed up; a minute that has ended goes
 * into the batch that is next, or makes one after METERS_GATHER_MS.
 */
#include "daemon/daemon.h"

#include <math.h>
#include <string.h>

#include "wire/meter_message.h"

/* By the daemon's clock: how long minutes wait for a batch that is written anyway. */
#define METERS_GATHER_MS MS_PER_MINUTE

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

void meters_take(struct daemon *daemon, const char *name, const void *payload, size_t len)
{
	struct now now = daemon_now(daemon);
	enum meter_kind kind;
	double power_w;
	enum refusal refusal;

	if (meter_kind_find(&kind, name) != 0)
		return;
	refusal = meter_message_parse(&power_w, kind, payload, len, NULL);
	if (refusal != REFUSAL_NONE) {
		daemon->status.refused[refusal]++;
		return;
	}
	advance(daemon, kind, now);
	meter_sum_add(&daemon->meters.sums[kind], power_w, QUALITY_GOOD, now.mono);
	daemon->status.meters[kind] = (struct meter_status){
	    .quality = QUALITY_GOOD,
	    .power_w = (int32_t)lround(power_w),
	    .is_heard = true,
	    .heard_at = now.mono,
	};
	api_event_meter(daemon->api);
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

	while (done < meters->waiting_count && append(daemon, &meters->waiting[done]) == 0)
		done++;
	if (done == 0)
		return;
	meters->waiting_count -= done;
	memmove(meters->waiting, meters->waiting + done,
		meters->waiting_count * sizeof meters->waiting[0]);
	meters->waiting_since = meters->waiting_count > 0 ? uv_now(daemon->loop) : 0;
}

/* Where nothing else is written for long. */
static void gather(struct daemon *daemon)
{
	struct meters *meters = &daemon->meters;

	if (meters->waiting_count == 0 ||
	    uv_now(daemon->loop) - meters->waiting_since <
		clock_real_ms(&daemon->clock, METERS_GATHER_MS))
		return;
	meters_flush(daemon);
	if (daemon->gathering_since == 0)
		daemon->gathering_since = uv_now(daemon->loop);
}

void meters_second(struct daemon *daemon)
{
	struct now now = daemon_now(daemon);

	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		struct meter_status *meter = &daemon->status.meters[kind];

		if (meter->is_heard && mono_since(now.mono, meter->heard_at) > METER_HOLD_MS)
			meter->quality = QUALITY_MISSING;
		advance(daemon, kind, now);
	}
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
