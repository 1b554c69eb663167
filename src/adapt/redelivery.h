/*
 * Which messages of the broker's present session were stored before: the last
 * REDELIVERY_MAX pairs of message id and payload hash. With a new session ids
 * begin anew, and so does this.
 *
 * After a reconnect the broker sends again what it has no acknowledgement for,
 * although it may be stored already, and the library shows no DUP flag. An
 * equal pair among the last stored messages is taken for the same message; ask
 * only for messages whose `may_be_redelivered` is true (mqtt.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that journal_restore() tells of last: 1,000 readings and 1,000 refused messages. */
#define REDELIVERY_MAX 2000

struct redelivery {
	size_t count; /* pairs held, up to REDELIVERY_MAX */
	size_t next;  /* where the next goes */
	uint16_t ids[REDELIVERY_MAX];
	uint32_t hashes[REDELIVERY_MAX]; /* folded, as the journal keeps them */
};

void redelivery_init(struct redelivery *redelivery);

/* Remembers a stored message; `id` 0 (QoS 0) is ignored. The oldest is forgotten. */
void redelivery_add(struct redelivery *redelivery, uint16_t id, uint64_t payload_hash);

bool redelivery_is_known(const struct redelivery *redelivery, uint16_t id, uint64_t payload_hash);

/* The 32 bits of a payload's hash that are kept: ids make the rest of the key. */
static inline uint32_t redelivery_fold(uint64_t payload_hash)
{
	return (uint32_t)(payload_hash ^ payload_hash >> 32);
}
