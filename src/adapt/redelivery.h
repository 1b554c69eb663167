/*
 * Which messages of the broker's present session were stored before: the last
 * REDELIVERY_MAX pairs of message id and payload hash. With a new session ids
 * begin anew, and so does this.
 *
 * After a reconnect the broker sends again what it has no acknowledgement for,
 * although it may be stored already. Ask only for messages whose
 * `may_be_redelivered` is true (mqtt_link.h). How many are on their way at once is
 * for us to say (Receive Maximum), but mosquitto 2.0.11 sends more with each connection
 * that ends before all of them are acknowledged: seen were 13,000 instead of 1,000.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Far less than there are ids, or an equal pair could be of the round before. A power of two. */
#define REDELIVERY_MAX 16384

/* A message that the broker does not call a duplicate is looked for among so many ids. */
#define REDELIVERY_RECENT 2000

struct redelivery {
	uint16_t last_id; /* 0: none */
	/* By id: its last message; brokers count ids up, so these are the last of all. */
	uint16_t ids[REDELIVERY_MAX];	 /* 0: none */
	uint32_t hashes[REDELIVERY_MAX]; /* folded, as the journal keeps them */
};

void redelivery_init(struct redelivery *redelivery);

/* Remembers a stored message; `id` 0 (QoS 0) is ignored. The oldest is forgotten. */
void redelivery_add(struct redelivery *redelivery, uint16_t id, uint64_t payload_hash);

/* Whether it is stored; `is_duplicate` as the broker says. */
bool redelivery_is_known(const struct redelivery *redelivery, uint16_t id, uint64_t payload_hash,
			 bool is_duplicate);

/* The 32 bits of a payload's hash that are kept: ids make the rest of the key. */
static inline uint32_t redelivery_fold(uint64_t payload_hash)
{
	return (uint32_t)(payload_hash ^ payload_hash >> 32);
}
