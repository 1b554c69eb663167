/* What the files that read a source share. Internal to wire/source_read*.c and source_profile.c. */
#pragma once

#include "wire/source_pool.h"
#include "wire/source_read.h"

#define SOURCE_KEYS_MAX 24
#define SOURCE_KEY_NAME_MAX 32

/* What `${name}` stands for. */
struct source_keys {
	size_t count;
	struct {
		char name[SOURCE_KEY_NAME_MAX];
		char text[SOURCE_TOPIC_MAX];
	} entries[SOURCE_KEYS_MAX];
};

/* A source while it is put together. */
struct source_draft {
	struct source source;
	size_t row_count;
	struct source_row rows[SOURCE_ROWS_MAX];
	const char *unleased_payload; /* of ON, where the device's timer is not to be used */
};

struct source_reader {
	yaml_document_t *document;
	struct config_errors *errors;
	const char *profile;          /* that is being read; NULL: the configuration itself */
	int line;                     /* of the source that names the profile */
	struct config_place named_at; /* likewise */
	const struct source_keys *keys;
	struct source_pool *pool;
	struct source_draft *draft;
	bool is_left_out; /* what is being read names a key that has no value */
	bool is_without_memory;
};

/* What reads the value of a key into `target`. */
typedef void source_key_reader(struct source_reader *reader, const yaml_node_t *node,
			       const struct config_place *place, void *target);

struct source_key {
	const char *name;
	source_key_reader *read;
};

/* Notes an error about the key `place`, on the line of `node`; in a profile with its name. */
void source_error(struct source_reader *reader, const yaml_node_t *node,
		  const struct config_place *place, const char *format, ...) PRINTF_LIKE(4, 5);

/* `"value" is not allowed: …` */
void source_not_allowed(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const char *allowed);

/*
 * Reads the mapping `node` by `keys`, in the order of `keys`; `is_other` (may be NULL) says which
 * further names are read elsewhere.
 */
void source_read_mapping(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, const struct source_key *keys,
			 size_t key_count, bool (*is_other)(struct source_reader *, const char *),
			 void *target);

/* The text of a scalar with its keys put in, kept by the pool; NULL: noted, or left out. */
const char *source_text(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const char *allowed);

/* Likewise a number within min..max. Returns whether it was one. */
bool source_read_number(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, double min, double max, double *out);

/* The index of the word among `words`, which ends with NULL; -1: noted, or left out. */
int source_word(struct source_reader *reader, const yaml_node_t *node,
		const struct config_place *place, const char *const *words);

/* A topic to subscribe to, or to publish on; a JSON Pointer. NULL: noted, or left out. */
const char *source_topic(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place);
const char *source_pointer(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place);

/* What is asked of a CoAP device, perhaps with a query: `/sensors/sht11`. NULL: as above. */
const char *source_coap_path(struct source_reader *reader, const yaml_node_t *node,
			     const struct config_place *place);

/* A struct source_message_out to a CoAP device: its topic is `PUT /act?mode=1` (coap_target.h). */
source_key_reader source_read_coap_out;

/* Calls `read` for each entry of a list, or for `node` itself where it is none. */
void source_read_each(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, source_key_reader *read, void *target);

/* The text that `${name}` stands for, or NULL. */
const char *source_key_text(const struct source_keys *keys, const char *name);

/* Whether the mapping `node`, name: word, agrees with the keys. */
bool source_keys_agree(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place);

/* A value map made of `count` pairs, kept by the pool. */
const struct source_map *source_keep_map(struct source_reader *reader,
					 const char *const (*pairs)[2], size_t count);

/* --- the keys of a source: source_read_row.c, source_read_write.c --- */

source_key_reader source_read_rows;      /* `read` */
source_key_reader source_read_write;     /* `write` */
source_key_reader source_read_available; /* `available` */
source_key_reader source_read_time;      /* `time` */

/* Reads all that a source and a profile have in common from `node`. */
void source_read_common(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place,
			bool (*is_other)(struct source_reader *, const char *));

/* The lease as the owner's words have it (NULL: none said), once all was read. */
void source_finish_lease(struct source_draft *draft, const char *word);

/* --- source_profile.c --- */

/* A profile that is read: its document stays until all sources are. */
struct source_profile {
	char name[SOURCE_KEY_NAME_MAX];
	const char *place; /* for people: its file, or `name` */
	yaml_document_t document;
};

#define SOURCE_PROFILES_MAX 32

/*
 * Fills the draft by `profile`, with the keys that `node` (the source's mapping) gives it.
 */
void source_read_profile(struct source_reader *reader, struct source_profile *profile,
			 const yaml_node_t *node, const struct config_place *place,
			 struct source_keys *keys);

/* Whether `name` is a key that `profile` leaves open. */
bool source_profile_has_key(struct source_profile *profile, const char *name);
