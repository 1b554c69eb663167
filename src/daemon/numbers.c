/* Each reading once; see numbers.h. */
#include "daemon/numbers.h"

static struct numbered_node *find_node(struct numbers *numbers, const struct ident *name)
{
	struct numbered_node *silent = &numbers->nodes[0];

	for (size_t i = 0; i < NUMBERED_NODES_MAX; i++) {
		struct numbered_node *node = &numbers->nodes[i];

		if (ident_equal(&node->name, name))
			return node;
		if (node->heard < silent->heard)
			silent = node;
	}
	*silent = (struct numbered_node){.name = *name};
	return silent;
}

/* Far above the last, and known from before the node counted anew: no number of this count. */
static bool is_of_older_count(const struct numbers *numbers, const struct numbered_reading *taken)
{
	const struct sequence *sequence = &taken->node->sequence;
	const struct reading *reading = taken->reading;

	return sequence->restarts > 0 && reading->sequence > sequence->last &&
	       reading->sequence - sequence->last > SEQUENCE_REORDER_MAX &&
	       known_readings_have(&numbers->known, reading_key(reading, sequence->restarts - 1));
}

static void take_number(struct numbers *numbers, struct numbered_reading *taken)
{
	const struct reading *reading = taken->reading;
	int64_t interval_ms = reading->has_interval ? reading->interval_ms : taken->interval_ms;
	struct sequence_number number = {
	    .number = reading->sequence,
	    .has_time = reading_is_timed(reading),
	    .measured_ms = reading->measured.ms,
	    .arrived_ms = taken->arrived.ms,
	    .spacing_ms = interval_ms / 2,
	    .is_queued = taken->is_queued,
	};
	uint32_t restarts;
	size_t gaps;

	taken->node = find_node(numbers, &reading->node);
	taken->node->heard = ++numbers->heard;
	if (is_of_older_count(numbers, taken)) {
		taken->is_copy = true;
		return;
	}
	gaps = taken->node->sequence.gap_count;
	restarts = taken->node->sequence.restarts;
	sequence_take(&taken->node->sequence, &number);
	taken->has_filled = gaps > 0 && taken->node->sequence.gap_count == 0 &&
			    taken->node->sequence.restarts == restarts;
}

void numbers_take(struct numbers *numbers, struct numbered_reading *taken)
{
	taken->node = NULL;
	taken->is_copy = taken->has_filled = false;
	if (taken->reading->has_sequence)
		take_number(numbers, taken);
	taken->key =
	    reading_key(taken->reading, taken->node != NULL ? taken->node->sequence.restarts : 0);
	taken->is_copy = taken->is_copy || known_readings_have(&numbers->known, taken->key);
}

void numbers_keep(struct numbers *numbers, const struct numbered_reading *taken)
{
	known_readings_add(&numbers->known, taken->key);
}
