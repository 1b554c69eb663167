/*
 * Who is on a broker: devices told by the topics on which they are heard.
 *
 * Each profile says where its device speaks (wire/source.h). What was heard is held
 * against all of them; a device counts as found where its profile, read with the keys
 * that its topics give, takes at least one value from what it said. So what is shown
 * as found is what the daemon would read, and the lines of configuration beside it were
 * tried. Nothing is bound by this.
 *
 * Memory is bounded: DETECT_TOPICS_MAX topics with the first DETECT_PAYLOAD_MAX bytes
 * of their last message; what comes beyond is counted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "wire/source_take.h"

#define DETECT_TOPICS_MAX 4096
#define DETECT_PAYLOAD_MAX 2048
#define DETECT_DEVICES_MAX 256
#define DETECT_LINES_MAX 1024

/* What a found device could be for us. */
enum detect_kind {
	DETECT_BATTERY, /* it tells a state of charge */
	DETECT_RELAY,   /* it tells a state, and can be commanded */
	DETECT_METER,   /* of grid, panels or house */
	DETECT_OTHER,   /* temperature, power of a plug, … */
};

/* "battery", "relay", "meter", "other" */
const char *detect_kind_name(enum detect_kind kind);

struct detect_device {
	enum detect_kind kind;
	const char *profile; /* "amphora" for our own nodes, "generic" for JSON that looks like a battery */
	const char *id;      /* that we propose for it; each has another */
	const char *topic;   /* one on which it was heard */
	bool is_only_retained; /* nothing of it has come since we listen: it may be long gone */
	bool opens_by_itself;  /* a relay with a timer that can be used as lease */
	uint64_t got;          /* a set of source fields, whose values are: */
	const double *value;   /* [SOURCE_FIELD_COUNT] */
	const char *source;    /* its entry under `sources`, with line ends; "" for our own nodes */
	const char *lines;     /* what goes into the configuration, each with its line end */
};

struct detect;

/* NULL without memory. */
struct detect *detect_new(void);
void detect_free(struct detect *detect);

/* Forgets all that was heard. */
void detect_forget(struct detect *detect);

/* Keeps the message; a live one rather than a retained one. */
void detect_hear(struct detect *detect, const char *topic, const void *payload, size_t length,
		 bool is_retained);

/* Topics heard, and messages that there was no room for. */
size_t detect_topic_count(const struct detect *detect);
uint64_t detect_left_out(const struct detect *detect);

/*
 * Tells of each device found so far, in the order of the topics' first messages; what it
 * points to ends with the call. Returns 0 or -ENOMEM.
 */
int detect_report(struct detect *detect, void (*tell)(void *user, const struct detect_device *device),
		  void *user) MUST_CHECK;
