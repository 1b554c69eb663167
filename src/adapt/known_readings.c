/* The ring of known readings, with chains by a key's low bits; see known_readings.h. */
#include "adapt/known_readings.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

bool reading_is_timed(const struct reading *reading)
{
	return reading->has_time && reading->measured.ms >= KNOWN_TIME_EARLIEST_MS;
}

bool reading_is_known_by_itself(const struct reading *reading)
{
	return reading_is_timed(reading) || reading->has_sequence;
}

/* As the journal gives it back: there is no negative zero, and one NaN. */
static uint64_t bits_of(double value)
{
	uint64_t bits;

	if (isnan(value))
		return UINT64_MAX;
	value += 0.0;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

/* Word by word: byte by byte the key would cost more than finding it. */
static uint64_t mix(const uint64_t *parts, size_t count)
{
	uint64_t mixed = 0;

	for (size_t i = 0; i < count; i++) {
		mixed = (mixed ^ parts[i]) * 0x9e3779b97f4a7c15u;
		mixed ^= mixed >> 32;
	}
	return mixed;
}

uint64_t reading_key(const struct reading *reading, uint32_t restarts)
{
	const struct reading_received *received = &reading->received;
	bool is_timed = reading_is_timed(reading);
	const uint64_t parts[] = {
	    hash_bytes(reading->node.text, strlen(reading->node.text)),
	    is_timed ? (uint64_t)reading->measured.ms : restarts,
	    (uint64_t)is_timed << 1 | reading->has_sequence,
	    reading->has_sequence ? (uint64_t)reading->sequence : 0,
	    bits_of(received->soc_pct),
	    bits_of(received->temp_c),
	    bits_of(received->temp_max_c),
	    bits_of(received->voltage_v),
	    bits_of(received->current_a),
	    bits_of(received->power_w),
	    hash_bytes(reading->cell_mv, reading->cell_count * sizeof(reading->cell_mv[0])),
	};

	return mix(parts, ARRAY_LENGTH(parts));
}

static uint16_t *chain_of(struct known_readings *known, uint64_t key)
{
	return &known->heads[key % KNOWN_READINGS_MAX];
}

static uint16_t high_bits(uint64_t key)
{
	return (uint16_t)(key >> 48);
}

bool known_readings_have(const struct known_readings *known, uint64_t key)
{
	const struct known_link *link;

	for (size_t at = known->heads[key % KNOWN_READINGS_MAX]; at != 0; at = link->next) {
		link = &known->links[at - 1];
		if (link->high == high_bits(key) && known->keys[at - 1] == key)
			return true;
	}
	return false;
}

/* Takes the reading at `place` out of its chain, where it is in one. */
static void forget(struct known_readings *known, size_t place)
{
	uint16_t *link = chain_of(known, known->keys[place]);

	while (*link != 0 && *link != place + 1)
		link = &known->links[*link - 1].next;
	if (*link != 0)
		*link = known->links[place].next;
}

void known_readings_add(struct known_readings *known, uint64_t key)
{
	size_t place = known->next;
	uint16_t *head;

	forget(known, place);
	head = chain_of(known, key);
	known->keys[place] = key;
	known->links[place] = (struct known_link){.next = *head, .high = high_bits(key)};
	*head = (uint16_t)(place + 1);
	known->next = (place + 1) % KNOWN_READINGS_MAX;
}
