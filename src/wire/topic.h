/*
 * MQTT topics: how ours are built, and whose a received one is.
 *
 * A pattern is a topic with at most one level `+`, where a name stands. Names
 * are idents, so a `+`, `#`, `/` or blank in one can not occur.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"

#define TOPIC_MAX 256

#define TOPIC_BATTERY "amphora/+/battery" /* readings */
#define TOPIC_STATUS "amphora/+/status"   /* online, offline (will) */
#define TOPIC_SET "amphora/+/set"         /* {"interval":5} */
#define TOPIC_METER "amphora/meter/#"     /* meter_topic.h says whose each is */
#define TOPIC_METER_KIND "amphora/meter/+" /* grid, pv, load */
#define TOPIC_MARKER "amphora/+/marker"   /* a collector's own echo */
#define TOPIC_RESERVED_NAME "meter"       /* no node may be called so */

/* Writes `pattern` with `name` in the place of its `+`. */
void topic_build(struct text *out, const char *pattern, const char *name);

/*
 * Whether `topic` is one of `pattern`; if so and the pattern has a `+`, `name`
 * (may be NULL) receives what stands there. A level that is no ident does not match.
 */
bool topic_match(const char *pattern, const char *topic, struct ident *name);

/*
 * Whether `topic` can be subscribed to as it stands in a configuration: 1..TOPIC_MAX - 1
 * bytes, no wildcard, no control character, not `$…`.
 */
bool topic_is_plain(const char *topic);

enum topic_kind {
	TOPIC_IS_OTHER,
	TOPIC_IS_BATTERY,
	TOPIC_IS_STATUS,
	TOPIC_IS_SET,
	TOPIC_IS_METER,
	TOPIC_IS_MARKER,
};

/*
 * Which of ours `topic` is; `name` (may be NULL) receives the node or collector, or the meter where
 * nothing stands behind it.
 */
enum topic_kind topic_classify(const char *topic, struct ident *name);
