/*
 * What Home Assistant was told by others: entities that were found, and those among them that
 * a person named, as sources whose messages are taken.
 *
 * However much is announced, memory is bounded: HA_SEEN_MAX entities are remembered
 * for who asks what there is, the rest is counted; what was named is always found.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "wire/ha_binding.h"
#include "wire/ha_discovery.h"
#include "wire/source_take.h"

#define HA_WISHES_MAX 128
#define HA_SEEN_MAX 512

/* An entity that a person named. */
struct ha_wish {
	char unique_id[HA_NAME_MAX]; /* or, of one without, the object of its topic */
	enum source_field field;     /* what it is to be */
	bool is_named; /* false: only where it suits without a person's word (ha_entity_suits()) */
	int64_t stale_after_ms;
	enum source_lease lease; /* of a switch: by the owner's word, since none is announced */
};

/* What has become of it. */
struct ha_bound {
	struct ha_wish wish;
	bool is_found;              /* announced now */
	bool was_found;             /* at least once */
	enum refusal why;           /* why it is not bound although it is found; or REFUSAL_NONE */
	uint64_t place, key;        /* hashes of where it was announced */
	uint32_t version;           /* grows whenever the binding is another */
	struct ha_binding *binding; /* NULL: it is not bound */
	struct source_state state;
	struct source_slot slot;
	struct source_news news; /* of the last message of it */
};

/* An entity that was found, named or not. */
struct ha_seen {
	uint64_t place, key; /* hashes; `place` 0: a free entry */
	enum refusal why;    /* of its announcement */
	char unique_id[HA_NAME_MAX], name[HA_NAME_MAX], device[HA_NAME_MAX];
	char platform[HA_WORD_MAX], class[HA_WORD_MAX], unit[HA_WORD_MAX];
	bool suits[SOURCE_FIELD_COUNT]; /* what it could be without a person's word */
	bool is_bound;
};

struct ha_book;

/* Takes `count` wishes, HA_WISHES_MAX at most, of what is announced below `prefix`. NULL without
 * memory. */
struct ha_book *ha_book_new(const char *prefix, const struct ha_wish *wishes, size_t count);
void ha_book_free(struct ha_book *book); /* NULL is fine */

/*
 * Hears a message on an announcement's topic (`is_ours` false: it is none). Returns REFUSAL_NONE
 * or why nothing of it could be read: then all stays as it was.
 */
enum refusal ha_book_hear(struct ha_book *book, const char *topic, const void *payload, size_t len,
			  bool *is_ours) MUST_CHECK;

/* Takes a message of the entities that are bound. Returns how many it was of; see `news`. */
size_t ha_book_take(struct ha_book *book, const struct source_message *message,
		    const struct source_now *now);

/* The wishes, in their order; borrowed. */
const struct ha_bound *ha_book_bound(const struct ha_book *book, size_t index);

/*
 * The entities that were found, for who wants to know what there is (`amphora detect`): calls
 * `tell` for each that is remembered. Returns how many more there were.
 */
size_t ha_book_list(const struct ha_book *book,
		    void (*tell)(void *user, const struct ha_seen *seen), void *user);
