/*
 * A sensor's message on its way in: decoded, judged by the core, recorded.
 *
 * Control comes first and the record after it. Whoever sends, each message
 * ends in exactly one of: stored, refused and counted, known already.
 */
#include "daemon/daemon.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "wire/sensor_message.h"

static void copy_cut(char *out, size_t size, const char *text)
{
	struct text copy = text_in(out, size);

	text_add(&copy, "%s", text);
}

/* What is in the journal, or on its way there, need not be stored when it comes again. */
static void remember(struct daemon *daemon, const struct arrival *arrival, bool is_kept)
{
	if (is_kept)
		redelivery_add(&daemon->redelivery, arrival->message_id, arrival->payload_hash);
}

static void record_refused(struct daemon *daemon, const struct arrival *arrival,
			   enum refusal refusal)
{
	struct record record = daemon_new_record(daemon, RECORD_REFUSED);
	size_t kept = arrival->length < REFUSED_PAYLOAD_MAX ? arrival->length : REFUSED_PAYLOAD_MAX;

	record.refused.refusal = refusal;
	copy_cut(record.refused.topic, sizeof record.refused.topic, arrival->topic);
	record.refused.payload_length = arrival->length;
	record.refused.kept_length = kept;
	if (kept > 0)
		memcpy(record.refused.payload, arrival->payload, kept);
	record.refused.message_id = arrival->message_id;
	record.refused.payload_hash = arrival->payload_hash;
	remember(daemon, arrival, daemon_record(daemon, &record));
}

static void refuse(struct daemon *daemon, const struct arrival *arrival, enum refusal refusal,
		   const struct refusal_detail *detail)
{
	int battery = house_find_sensor(&daemon->house, arrival->node);

	daemon->status.refused[refusal]++;
	log_debug("%s: %s refused: %s", arrival->topic, detail->field, refusal_name(refusal));
	/* What queued or was retained is no word on the battery's present. */
	if (battery >= 0 && refusal_is_readable(refusal) && !arrival->is_retained &&
	    !arrival->is_backlog) {
		struct event event = {.kind = EVENT_READING_REFUSED,
				      .index = (size_t)battery,
				      .refused = {.refusal = refusal, .value = detail->value}};

		copy_cut(event.refused.field, sizeof event.refused.field, detail->field);
		daemon_step(daemon, &event);
	}
	if (arrival->is_stored)
		record_refused(daemon, arrival, refusal);
}

/* The core's word on a configured battery's reading; returns whether control could use it. */
static bool decide(struct daemon *daemon, size_t battery, const struct arrival *arrival,
		   const struct reading *reading)
{
	struct battery_state *state = &daemon->site.batteries[battery];
	struct event event = {.kind = EVENT_READING,
			      .index = battery,
			      .reading = {.reading = *reading,
					  .is_retained = arrival->is_retained,
					  .is_backlog = arrival->is_backlog}};
	uint32_t ignored = state->ignored;

	daemon_step(daemon, &event);
	if (state->ignored != ignored)
		return false;
	/* What comes out of a queue does not come when it was sent. */
	if (!arrival->is_backlog)
		intervals_heard(daemon, battery, reading, state->interval_seen_ms);
	return true;
}

static void record_reading(struct daemon *daemon, const struct arrival *arrival,
			   const struct reading *reading, enum quality quality, bool acts)
{
	struct record record = daemon_new_record(daemon, RECORD_READING);
	bool is_kept;

	record.reading.reading = *reading;
	record.reading.quality = quality;
	record.reading.acts = acts;
	record.reading.message_id = arrival->message_id;
	record.reading.payload_hash = arrival->payload_hash;
	is_kept = daemon_record(daemon, &record);
	remember(daemon, arrival, is_kept);
	daemon->status.journal.rows += is_kept;
	daemon->status.broker.backlog += arrival->is_backlog;
}

void readings_take(struct daemon *daemon, const struct arrival *arrival)
{
	int battery;
	bool acts = false;
	enum quality quality = QUALITY_GOOD;
	struct reading reading;
	struct refusal_detail detail = {.value = NAN};
	enum refusal refusal;

	if (arrival->may_be_redelivered &&
	    redelivery_is_known(&daemon->redelivery, arrival->message_id, arrival->payload_hash)) {
		daemon->status.duplicates++;
		return;
	}
	refusal = sensor_message_parse(&reading, arrival->node->text, arrival->payload,
				       arrival->length, &detail);
	battery = refusal == REFUSAL_NONE ? house_find_sensor(&daemon->house, &reading.node) : -1;
	if (refusal == REFUSAL_NONE && battery < 0 &&
	    !daemon->house.broker.unknown_nodes_are_stored)
		refusal = REFUSAL_UNKNOWN_NODE;
	if (refusal != REFUSAL_NONE) {
		refuse(daemon, arrival, refusal, &detail);
		return;
	}
	if (battery >= 0) {
		acts = decide(daemon, (size_t)battery, arrival, &reading);
		quality = acts ? daemon->site.batteries[battery].quality : QUALITY_MISSING;
	} else {
		surroundings_unknown(daemon, &reading);
	}
	daemon->status.accepted += arrival->is_stored;
	if (arrival->is_stored)
		record_reading(daemon, arrival, &reading, quality, acts);
	api_event_reading(daemon->api, &reading, quality, acts);
}
