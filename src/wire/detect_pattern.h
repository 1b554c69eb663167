/* The topics of all profiles, with their keys left open. Internal to wire/detect*.c. */
#pragma once

#include "wire/source.h"

#define DETECT_PATTERNS_MAX 512
#define DETECT_KEYS_MAX 4
#define DETECT_KEY_NAME_MAX 24
#define DETECT_PRESET_MAX 64
#define DETECT_ABOUT_MAX 128

struct detect_pattern {
	const char *profile;
	char topic[SOURCE_TOPIC_MAX]; /* with ${key} where one is open */
};

/* What a profile says of one of its keys. */
struct detect_about {
	const char *profile;
	char name[DETECT_KEY_NAME_MAX];
	bool is_required;
	char preset[DETECT_PRESET_MAX]; /* empty: none */
	char offer[DETECT_PRESET_MAX];  /* what is proposed of a switch, to be proved; empty: nothing */
};

struct detect_patterns {
	size_t count, key_count;
	struct detect_pattern entries[DETECT_PATTERNS_MAX];
	struct detect_about keys[DETECT_ABOUT_MAX];
};

struct detect_key {
	char name[DETECT_KEY_NAME_MAX], text[SOURCE_TOPIC_MAX];
};

struct detect_keys {
	size_t count;
	struct detect_key entries[DETECT_KEYS_MAX];
};

/* Reads the profiles that came with this program; what there is no room for is left out. */
void detect_patterns_read(struct detect_patterns *out);

/* What `profile` says of `key`, or NULL. */
const struct detect_about *detect_key_about(const struct detect_patterns *patterns,
					    const char *profile, const char *key);

/* Whether `profile` has a key without which no device is named. */
bool detect_needs_key(const struct detect_patterns *patterns, const char *profile);

/*
 * The keys of `profile` that are proposed of a switch, with what is proposed: ${key} in that is one
 * of `own`.
 */
struct detect_keys detect_offers(const struct detect_patterns *patterns, const char *profile,
				 const struct detect_keys *own);

/* What `keys` has under `name`, or NULL. */
const char *detect_key_text(const struct detect_keys *keys, const char *name);

/*
 * Whether `topic` is one of `pattern`; `keys` then has what stands for its keys. A key takes at
 * least one byte, and as little as the rest allows.
 */
bool detect_pattern_match(const struct detect_pattern *pattern, const char *topic,
			  struct detect_keys *keys);
