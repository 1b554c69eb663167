/*
 * Missing numbers are kept as spans: a jump opens one, a late number takes its
 * place out of it, and what lasts is told.
 */
#include "core/sequence.h"

static void count_missing(struct sequence *sequence, int64_t numbers)
{
	if (numbers > INT64_MAX - sequence->missing)
		sequence->missing = INT64_MAX;
	else
		sequence->missing += numbers;
}

static void drop_gap(struct sequence *sequence, size_t index)
{
	sequence->gap_count--;
	for (size_t i = index; i < sequence->gap_count; i++)
		sequence->gaps[i] = sequence->gaps[i + 1];
}

static void insert_gap(struct sequence *sequence, size_t index, struct sequence_gap gap)
{
	if (sequence->gap_count == SEQUENCE_GAPS_MAX) {
		drop_gap(sequence, 0);
		index -= index > 0;
	}
	for (size_t i = sequence->gap_count; i > index; i--)
		sequence->gaps[i] = sequence->gaps[i - 1];
	sequence->gaps[index] = gap;
	sequence->gap_count++;
}

/* What was told needs no place any more; what was not is told yet. */
static void begin_anew(struct sequence *sequence)
{
	for (size_t i = sequence->gap_count; i-- > 0;) {
		sequence->gaps[i].is_over = true;
		if (sequence->gaps[i].is_told)
			drop_gap(sequence, i);
	}
	sequence->restarts++;
}

static void advance(struct sequence *sequence, const struct sequence_number *number)
{
	int64_t skipped = number->number - sequence->last - 1;

	if (sequence->has_last && skipped == 0)
		sequence->counts_by_one = true;
	if (sequence->has_last && sequence->counts_by_one && skipped > 0) {
		insert_gap(
		    sequence, sequence->gap_count,
		    (struct sequence_gap){.first = sequence->last + 1, .last = number->number - 1});
		count_missing(sequence, skipped);
	}
	sequence->has_last = true;
	sequence->last = number->number;
	sequence->has_fallen = false;
	sequence->has_newest = number->has_time;
	sequence->newest_ms = number->measured_ms;
}

static void take_out(struct sequence *sequence, size_t index, int64_t number)
{
	struct sequence_gap *gap = &sequence->gaps[index], rest = *gap;

	if (gap->first == gap->last) {
		drop_gap(sequence, index);
	} else if (number == gap->first) {
		gap->first++;
	} else if (number == gap->last) {
		gap->last--;
	} else {
		gap->last = number - 1;
		rest.first = number + 1;
		insert_gap(sequence, index + 1, rest);
	}
}

/* A number that was missing has come after all. Returns whether it was. */
static bool fill(struct sequence *sequence, int64_t number)
{
	for (size_t i = 0; i < sequence->gap_count; i++) {
		const struct sequence_gap *gap = &sequence->gaps[i];

		if (gap->is_over || number < gap->first || number > gap->last)
			continue;
		sequence->missing--;
		take_out(sequence, i, number);
		return true;
	}
	return false;
}

/* Far above the last, and measured before it: a late copy from before the node counted anew. */
static bool is_of_older_count(const struct sequence *sequence, const struct sequence_number *number)
{
	return sequence->has_last && number->has_time && sequence->has_newest &&
	       number->measured_ms < sequence->newest_ms && number->number > sequence->last &&
	       number->number - sequence->last > SEQUENCE_REORDER_MAX;
}

static bool is_measured_later(const struct sequence *sequence, const struct sequence_number *number)
{
	return number->has_time && sequence->has_newest &&
	       number->measured_ms > sequence->newest_ms;
}

static bool goes_on_from_fall(const struct sequence *sequence, const struct sequence_number *number)
{
	int64_t step = number->number - sequence->fallen_to;

	return sequence->has_fallen && !number->is_queued && step >= 1 &&
	       step <= SEQUENCE_REORDER_MAX &&
	       number->arrived_ms - sequence->fallen_at_ms >= number->spacing_ms;
}

/* Whether a number that is not above the last shows that the node counts anew. */
static bool is_new_count(const struct sequence *sequence, const struct sequence_number *number)
{
	if (number->has_time)
		return is_measured_later(sequence, number);
	return goes_on_from_fall(sequence, number);
}

static void note_fall(struct sequence *sequence, const struct sequence_number *number)
{
	if (number->has_time || number->is_queued ||
	    sequence->last - number->number <= SEQUENCE_REORDER_MAX)
		return;
	sequence->has_fallen = true;
	sequence->fallen_to = number->number;
	sequence->fallen_at_ms = number->arrived_ms;
}

void sequence_take(struct sequence *sequence, const struct sequence_number *number)
{
	if (number->number < 0 || is_of_older_count(sequence, number))
		return;
	if (!sequence->has_last || number->number > sequence->last) {
		advance(sequence, number);
	} else if (!is_measured_later(sequence, number) && fill(sequence, number->number)) {
		return;
	} else if (is_new_count(sequence, number)) {
		begin_anew(sequence);
		sequence->has_last = false; /* what came before it is of another count */
		advance(sequence, number);
	} else {
		note_fall(sequence, number);
	}
}

bool sequence_tell(struct sequence *sequence, struct sequence_gap *out)
{
	for (size_t i = 0; i < sequence->gap_count; i++) {
		struct sequence_gap *gap = &sequence->gaps[i];

		if (gap->is_told ||
		    (!gap->is_over && sequence->last - gap->last < SEQUENCE_REORDER_MAX))
			continue;
		gap->is_told = true;
		*out = *gap;
		if (gap->is_over)
			drop_gap(sequence, i);
		return true;
	}
	return false;
}
