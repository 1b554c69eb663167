/* Hearing announcements: what is bound by them, what is let go, what is only remembered. */
#include "wire/ha_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PREFIX_MAX 64

struct ha_book {
	char prefix[PREFIX_MAX];
	size_t wish_count;
	struct ha_bound *bound;
	size_t left_out; /* entities that there was no room for */
	struct ha_seen seen[HA_SEEN_MAX];
};

/* A message being read. */
struct hearing {
	struct ha_book *book;
	const struct ha_place *place;
	uint64_t place_hash;
};

struct ha_book *ha_book_new(const char *prefix, const struct ha_wish *wishes, size_t count)
{
	struct ha_book *book = calloc(1, sizeof *book);

	if (book == NULL || count > HA_WISHES_MAX) {
		free(book);
		return NULL;
	}
	snprintf(book->prefix, sizeof book->prefix, "%s", prefix);
	book->wish_count = count;
	book->bound = calloc(count > 0 ? count : 1, sizeof *book->bound);
	if (book->bound == NULL) {
		free(book);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		book->bound[i].wish = wishes[i];
	return book;
}

static void let_go(struct ha_bound *bound)
{
	ha_binding_deinit(bound->binding);
	free(bound->binding);
	bound->binding = NULL;
	bound->version++;
	memset(&bound->news, 0, sizeof bound->news);
}

void ha_book_free(struct ha_book *book)
{
	for (size_t i = 0; book != NULL && i < book->wish_count; i++)
		let_go(&book->bound[i]);
	if (book != NULL)
		free(book->bound);
	free(book);
}

const struct ha_bound *ha_book_bound(const struct ha_book *book, size_t index)
{
	return index < book->wish_count ? &book->bound[index] : NULL;
}

/* ---- what is remembered ---- */

static struct ha_seen *seen_at(struct ha_book *book, uint64_t place, uint64_t key)
{
	struct ha_seen *free_entry = NULL;

	for (size_t i = 0; i < HA_SEEN_MAX; i++) {
		struct ha_seen *seen = &book->seen[i];

		if (seen->place == place && seen->key == key)
			return seen;
		if (seen->place == 0 && free_entry == NULL)
			free_entry = seen;
	}
	return free_entry;
}

static void copy(char *out, size_t size, const char *from)
{
	struct text text = text_in(out, size);

	text_add(&text, "%s", from);
}

static void remember(const struct hearing *hearing, uint64_t key, const struct ha_entity *entity,
		     bool is_bound)
{
	struct ha_seen *seen = seen_at(hearing->book, hearing->place_hash, key);

	if (seen == NULL) {
		hearing->book->left_out++;
		return;
	}
	*seen = (struct ha_seen){.place = hearing->place_hash, .key = key, .why = entity->why};
	copy(seen->unique_id, sizeof seen->unique_id,
	     entity->unique_id[0] != '\0' ? entity->unique_id : hearing->place->object);
	copy(seen->name, sizeof seen->name, entity->name);
	copy(seen->device, sizeof seen->device, entity->device);
	copy(seen->platform, sizeof seen->platform, entity->platform);
	copy(seen->class, sizeof seen->class, entity->class);
	copy(seen->unit, sizeof seen->unit, entity->unit);
	for (int field = 0; field < SOURCE_FIELD_COUNT; field++)
		seen->suits[field] =
		    ha_entity_suits(entity, (enum source_field)field, false) == REFUSAL_NONE;
	seen->is_bound = is_bound;
}

static void forget(struct ha_book *book, uint64_t place, const uint64_t *key)
{
	for (size_t i = 0; i < HA_SEEN_MAX; i++) {
		struct ha_seen *seen = &book->seen[i];

		if (seen->place == place && (key == NULL || seen->key == *key))
			*seen = (struct ha_seen){0};
	}
}

size_t ha_book_list(const struct ha_book *book,
		    void (*tell)(void *user, const struct ha_seen *seen), void *user)
{
	for (size_t i = 0; i < HA_SEEN_MAX; i++) {
		if (book->seen[i].place != 0)
			tell(user, &book->seen[i]);
	}
	return book->left_out;
}

/* ---- what is bound ---- */

static bool is_at(const struct ha_bound *bound, uint64_t place, const uint64_t *key)
{
	return bound->is_found && bound->place == place && (key == NULL || bound->key == *key);
}

/* Another announcement of the same name does not take over from one that is there. */
static bool is_wanted(const struct hearing *hearing, const struct ha_bound *bound, uint64_t key,
		      const struct ha_entity *entity)
{
	const char *name =
	    entity->unique_id[0] != '\0' ? entity->unique_id : hearing->place->object;

	if (strcmp(bound->wish.unique_id, name) != 0)
		return false;
	return !bound->is_found || is_at(bound, hearing->place_hash, &key);
}

static void bind(struct ha_bound *bound, const struct ha_entity *entity)
{
	let_go(bound);
	bound->why = ha_entity_suits(entity, bound->wish.field, bound->wish.is_named);
	if (bound->why != REFUSAL_NONE)
		return;
	bound->binding = calloc(1, sizeof *bound->binding);
	if (bound->binding == NULL ||
	    ha_binding_make(bound->binding, entity, bound->wish.field, bound->wish.is_named,
			    bound->wish.stale_after_ms) != 0) {
		/* Without memory it is as if it had not been announced. */
		free(bound->binding);
		bound->binding = NULL;
		bound->is_found = false;
		return;
	}
	bound->binding->source.write.lease = bound->wish.lease;
	source_state_init(&bound->state, &bound->slot, &bound->binding->source);
}

/* Binds what is named. Returns whether it was; what it was before is let go where it is no more. */
static bool bind_wishes(const struct hearing *hearing, uint64_t key, const struct ha_entity *entity)
{
	bool is_bound = false;

	for (size_t i = 0; i < hearing->book->wish_count; i++) {
		struct ha_bound *bound = &hearing->book->bound[i];

		if (is_wanted(hearing, bound, key, entity)) {
			bound->is_found = bound->was_found = true;
			bound->place = hearing->place_hash;
			bound->key = key;
			/* Said again, as after a start of Home Assistant, it changes nothing. */
			if (bound->binding == NULL ||
			    !ha_entity_equal(&bound->binding->entity, entity))
				bind(bound, entity);
			is_bound = true;
		} else if (is_at(bound, hearing->place_hash, &key)) {
			let_go(bound);
			bound->is_found = false;
		}
	}
	return is_bound;
}

static void take_away(struct ha_book *book, uint64_t place, const uint64_t *key)
{
	for (size_t i = 0; i < book->wish_count; i++) {
		struct ha_bound *bound = &book->bound[i];

		if (!is_at(bound, place, key))
			continue;
		let_go(bound);
		bound->is_found = false;
		bound->why = REFUSAL_NONE;
	}
	forget(book, place, key);
}

static void on_found(void *user, const char *key, const struct ha_entity *entity)
{
	const struct hearing *hearing = user;
	uint64_t hash;

	if (key == NULL) {
		take_away(hearing->book, hearing->place_hash, NULL);
		return;
	}
	hash = hash_bytes(key, strlen(key));
	if (entity == NULL)
		take_away(hearing->book, hearing->place_hash, &hash);
	else
		remember(hearing, hash, entity, bind_wishes(hearing, hash, entity));
}

enum refusal ha_book_hear(struct ha_book *book, const char *topic, const void *payload, size_t len,
			  bool *is_ours)
{
	struct ha_place place;
	struct hearing hearing = {
	    .book = book, .place = &place, .place_hash = hash_bytes(topic, strlen(topic)) | 1};

	*is_ours = ha_place_of(&place, book->prefix, topic);
	return *is_ours ? ha_discovery_read(&place, payload, len, on_found, &hearing)
			: REFUSAL_NONE;
}

/* ---- messages of what is bound ---- */

size_t ha_book_take(struct ha_book *book, const struct source_message *message,
		    const struct source_now *now)
{
	size_t count = 0;

	for (size_t i = 0; i < book->wish_count; i++) {
		struct ha_bound *bound = &book->bound[i];

		memset(&bound->news, 0, sizeof bound->news);
		if (bound->binding == NULL)
			continue;
		source_take(&bound->news, &bound->binding->source, &bound->state, message, now);
		count += bound->news.is_ours;
	}
	return count;
}
