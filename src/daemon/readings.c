/*
 * A sensor's message on its way in: decoded, judged by the core, recorded.
 *
 * Control comes first and the record after it. Whoever sends, each message
 * ends in exactly one of: stored, refused and counted, known already.
 */
#include "daemon/daemon.h"
#include "daemon/pilot.h"

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

void readings_refuse(struct daemon *daemon, const struct arrival *arrival, enum refusal refusal,
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
			   const struct numbered_reading *taken, enum quality quality, bool acts)
{
	struct record record = daemon_new_record(daemon, RECORD_READING);
	bool is_kept;

	record.reading.reading = *taken->reading;
	record.reading.quality = quality;
	record.reading.acts = acts;
	record.reading.message_id = arrival->message_id;
	record.reading.payload_hash = arrival->payload_hash;
	is_kept = daemon_record(daemon, &record);
	remember(daemon, arrival, is_kept);
	if (is_kept && reading_is_known_by_itself(taken->reading))
		numbers_keep(&daemon->numbers, taken);
	daemon->status.journal.rows += is_kept;
	daemon->status.broker.backlog += arrival->is_backlog;
}

/* How often the node of `battery` (-1: of none) is taken to send where it does not say it. */
static int64_t usual_interval_ms(const struct daemon *daemon, int battery)
{
	return battery >= 0 ? setting(&daemon->site.settings[battery], PARAMETER_INTERVAL)
			    : parameter_get(PARAMETER_INTERVAL)->preset;
}

/* Raises or ends the alert about numbers that never came; it names the battery, or else the node.
 */
static void tell_of_gap(struct daemon *daemon, const struct numbered_reading *taken, int battery,
			const struct sequence_gap *gap)
{
	struct event event = {.kind = EVENT_CONDITION,
			      .condition = {.code = ALERT_SEQUENCE_GAP,
					    .is_active = gap != NULL,
					    .subject = battery >= 0
							   ? daemon->house.batteries[battery].id
							   : taken->node->name}};
	struct text detail = text_in(event.condition.detail, sizeof event.condition.detail);

	if (gap != NULL) {
		event.condition.value = gap->last - gap->first + 1;
		text_add(&detail, "number %lld", (long long)gap->first);
		if (gap->last > gap->first)
			text_add(&detail, " to %lld", (long long)gap->last);
	}
	daemon_step(daemon, &event);
}

/* What was told and has all come late after all is over. */
static void follow_gaps(struct daemon *daemon, const struct numbered_reading *taken, int battery,
			bool was_open)
{
	struct sequence *sequence = &taken->node->sequence;
	struct sequence_gap gap;

	while (sequence_tell(sequence, &gap))
		tell_of_gap(daemon, taken, battery, &gap);
	if (was_open && sequence->gap_count == 0)
		tell_of_gap(daemon, taken, battery, NULL);
	if (battery >= 0)
		daemon->status.missing[battery] = sequence->missing;
}

/* Stores a reading, unless it is a copy of one that is stored. Returns whether it was none. */
static bool store_once(struct daemon *daemon, const struct arrival *arrival,
		       const struct reading *reading, int battery, enum quality quality, bool acts)
{
	struct numbered_reading taken = {
	    .reading = reading,
	    .arrived = daemon_now(daemon).wall,
	    .interval_ms = usual_interval_ms(daemon, battery),
	    .is_queued = arrival->is_retained || arrival->is_backlog,
	};

	if (reading_is_known_by_itself(reading))
		numbers_take(&daemon->numbers, &taken);
	if (taken.is_copy)
		daemon->status.duplicates++;
	else
		record_reading(daemon, arrival, &taken, quality, acts);
	if (taken.node != NULL)
		follow_gaps(daemon, &taken, battery, taken.has_filled);
	return !taken.is_copy;
}

void readings_restore(struct daemon *daemon, const struct journal_reading *row)
{
	struct reading reading = {
	    .has_time = row->has_measured,
	    .measured = row->measured,
	    .has_sequence = row->has_sequence,
	    .sequence = row->sequence,
	    .has_interval = !isnan(row->received.interval_s),
	    .cell_count = row->cell_count,
	    .received = row->received,
	};
	struct numbered_reading taken = {
	    .reading = &reading, .arrived = row->wall, .is_queued = !row->acts};
	struct sequence_gap told;
	int battery;

	copy_cut(reading.node.text, sizeof reading.node.text, row->node);
	memcpy(reading.cell_mv, row->cell_mv, sizeof reading.cell_mv);
	if (!reading_is_known_by_itself(&reading))
		return;
	if (reading.has_interval)
		reading.interval_ms = (int64_t)(row->received.interval_s * MS_PER_SECOND);
	battery = house_find_sensor(&daemon->house, &reading.node);
	taken.interval_ms = usual_interval_ms(daemon, battery);
	numbers_take(&daemon->numbers, &taken);
	if (!taken.is_copy)
		numbers_keep(&daemon->numbers, &taken);
	if (taken.node == NULL)
		return;
	while (sequence_tell(&taken.node->sequence, &told))
		; /* before the restart */
	if (battery >= 0)
		daemon->status.missing[battery] = taken.node->sequence.missing;
}

void readings_give(struct daemon *daemon, const struct arrival *arrival, int battery,
		   const struct reading *reading)
{
	enum quality quality = QUALITY_GOOD;
	bool acts = false;

	if (battery >= 0) {
		acts = decide(daemon, (size_t)battery, arrival, reading);
		quality = acts ? daemon->site.batteries[battery].quality : QUALITY_MISSING;
	} else if (!arrival->is_of_source) {
		surroundings_unknown(daemon, reading);
	}
	if (arrival->is_stored && !store_once(daemon, arrival, reading, battery, quality, acts))
		return;
	daemon->status.accepted += arrival->is_stored;
	api_event_reading(daemon->api, reading, quality, acts);
	if (battery >= 0)
		pilot_follow(daemon);
}

bool readings_are_known(struct daemon *daemon, const struct arrival *arrival)
{
	if (arrival->may_be_redelivered &&
	    redelivery_is_known(&daemon->redelivery, arrival->message_id, arrival->payload_hash,
				arrival->is_duplicate)) {
		daemon->status.duplicates++;
		return true;
	}
	return false;
}

void readings_take(struct daemon *daemon, const struct arrival *arrival)
{
	struct refusal_detail detail = {.value = NAN};
	struct reading reading;
	enum refusal refusal;
	int battery;

	if (readings_are_known(daemon, arrival))
		return;
	refusal = sensor_message_parse(&reading, arrival->node->text, arrival->payload,
				       arrival->length, &detail);
	battery = refusal == REFUSAL_NONE ? house_find_sensor(&daemon->house, &reading.node) : -1;
	if (refusal == REFUSAL_NONE && battery < 0 &&
	    !daemon->house.broker.unknown_nodes_are_stored)
		refusal = REFUSAL_UNKNOWN_NODE;
	if (refusal != REFUSAL_NONE)
		readings_refuse(daemon, arrival, refusal, &detail);
	else
		readings_give(daemon, arrival, battery, &reading);
}
