/*
 * What others announce to Home Assistant: discovery messages, in component and in device form, as
 * entities. Nothing is bound here; what an entity can be for us is ha_binding.h's affair.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/reading.h"
#include "wire/ha_template.h"

#define HA_TOPIC_MAX 256
#define HA_NAME_MAX 96 /* of ids, keys and names */
#define HA_WORD_MAX 64
#define HA_PAYLOAD_MAX 256 /* of a command */
#define HA_AVAILABLE_MAX 4
#define HA_COMPONENTS_MAX 256 /* in one message */

enum ha_available_mode { HA_AVAILABLE_LATEST, HA_AVAILABLE_ALL, HA_AVAILABLE_ANY };

struct ha_available {
	char topic[HA_TOPIC_MAX];
	struct ha_template template;
	char up[HA_WORD_MAX], down[HA_WORD_MAX];
};

struct ha_entity {
	enum refusal why; /* REFUSAL_NONE, or why nothing can be made of it */
	char unique_id[HA_NAME_MAX], name[HA_NAME_MAX], device[HA_NAME_MAX]; /* may be empty */
	char platform[HA_WORD_MAX];                                        /* sensor, switch, … */
	char class[HA_WORD_MAX], unit[HA_WORD_MAX], category[HA_WORD_MAX]; /* may be empty */
	char state_topic[HA_TOPIC_MAX], command_topic[HA_TOPIC_MAX];       /* likewise */
	struct ha_template value;
	char on[HA_PAYLOAD_MAX], off[HA_PAYLOAD_MAX];             /* that are sent */
	char state_on[HA_PAYLOAD_MAX], state_off[HA_PAYLOAD_MAX]; /* that are heard */
	size_t available_count;
	struct ha_available available[HA_AVAILABLE_MAX];
	enum ha_available_mode available_mode;
	int64_t expire_after_ms; /* 0: never */
	bool is_enabled;         /* by default, there */
};

/* Whether both are the same in all that is said of them. */
bool ha_entity_equal(const struct ha_entity *a, const struct ha_entity *b);

/* Which announcement a topic is of: `PREFIX/COMPONENT/[NODE/]OBJECT/config`. */
struct ha_place {
	bool is_device; /* several entities, each with a key */
	char platform[HA_WORD_MAX];
	char object[HA_NAME_MAX]; /* with its node */
};

/* Returns whether `topic` is one of an announcement; writes `out` only then. */
bool ha_place_of(struct ha_place *out, const char *prefix, const char *topic);

/*
 * An entity that a message announces, `key` within a device's; or that it takes away (`entity`
 * NULL). Both are borrowed for the call.
 */
typedef void ha_found(void *user, const char *key, const struct ha_entity *entity);

/*
 * Reads the announcement on the topic of `place`. An empty payload takes all of it away: `found`
 * is called once with a NULL key. Returns REFUSAL_NONE, or what json_message_load() refuses, or
 * _MISSING_FIELD (a device's message without dev, o or cmps), _WRONG_TYPE, _TOO_LARGE (more
 * components than HA_COMPONENTS_MAX); then `found` was not called. Allocates within the bounds
 * of json_message.h.
 */
enum refusal ha_discovery_read(const struct ha_place *place, const void *payload, size_t len,
			       ha_found *found, void *user) MUST_CHECK;
