/*
 * A source: somebody's device as data. Where in its messages each value stands,
 * when it is there at all, how old its values are, and how it is commanded.
 *
 * What a device says is never code here. A source is read from the
 * configuration, most often from a profile and a few keys (source_read.h); one
 * function takes any message by it (source_take.h), one composes any command
 * (source_command.h). All three are pure but for the making of a source.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/ident.h"
#include "wire/source_field.h"

#define SOURCES_MAX 4096
#define SOURCE_ROWS_MAX 64     /* of one source */
#define SOURCE_TOPIC_MAX 256   /* bytes, with the zero */
#define SOURCE_PAYLOAD_MAX 512 /* of a command */
#define SOURCE_WORDS_MAX 16    /* of a value map, or of the words for up or down */
#define SOURCE_NULLS_MAX 8
#define SOURCE_AVAILABLE_MAX 4 /* topics that say whether it is there */
#define SOURCE_MATCHES_MAX 2

/* What of a message's text means what to us. */
struct source_map {
	size_t count;
	struct {
		const char *from, *to;
	} words[];
};

enum source_rounding {
	SOURCE_EXACT,
	SOURCE_CUT,   /* towards 0 */
	SOURCE_ROUND, /* to `decimals` */
};

#define SOURCE_DECIMALS_MAX 9

struct source_step {
	enum source_rounding rounding;
	int decimals; /* 0..SOURCE_DECIMALS_MAX */
};

/* One value of a source's messages. Texts belong to the sources. */
struct source_row {
	enum source_field field;
	const char *topic; /* with CoAP the path that is asked */
	const char *path;  /* a JSON Pointer; NULL: the whole payload is the value */
	const char *name;  /* of the value in SenML; NULL: the topic is its name */
	double scale, offset;
	struct source_step before, after; /* scale and offset; Home Assistant's templates round */
	enum source_unit unit;
	const char *unit_at;          /* a JSON Pointer to the unit's name, or NULL */
	bool is_inverted;             /* the sender's sign is the other one */
	bool is_sum;                  /* a list is added up */
	const char *suffix;           /* is cut off, or NULL */
	const struct source_map *map; /* or NULL */
	const char *word;             /* the value, whatever is there; or NULL */
	char split;                   /* the value is one of several between these; or 0 */
	uint8_t index;                /* which of them, from 0 */
	uint8_t wrap;       /* so many bits of an unsigned number carry a signed one; or 0 */
	size_t match_count; /* the row counts only where all of these hold */
	struct {
		const char *path, *is;
	} matches[SOURCE_MATCHES_MAX];
};

enum source_time_format {
	SOURCE_TIME_AUTO, /* ISO 8601, or epoch s or ms by its size */
	SOURCE_TIME_S,
	SOURCE_TIME_MS,
	SOURCE_TIME_ISO,
	SOURCE_TIME_AGE, /* s since the values were measured */
};

/* Where the time of measurement stands. */
struct source_time {
	bool is_set;
	const char *topic; /* of its own; NULL: in each message */
	const char *path;  /* NULL: the whole payload */
	enum source_time_format format;
	bool has_offset; /* for times that name no zone */
	int32_t offset_s;
};

/* A topic that says whether the device is there. */
struct source_available {
	const char *topic,
	    *path; /* path NULL: the whole payload; else that too, where it is no JSON */
	const struct source_map *words; /* to "up" and "down" */
};

/* What several of them say together. */
enum source_available_mode {
	SOURCE_AVAILABLE_NOT_DOWN, /* none says down; nobody need say anything */
	SOURCE_AVAILABLE_LATEST,   /* as the last that said something; from here on, who says nothing is
				      down */
	SOURCE_AVAILABLE_ALL,
	SOURCE_AVAILABLE_ANY,
};

enum source_lease {
	SOURCE_LEASE_UNSUPPORTED, /* nothing opens it when we are gone */
	SOURCE_LEASE_NONE,        /* the same, and the owner says that it may be */
	SOURCE_LEASE_DEVICE,      /* a timer of the device opens it */
	SOURCE_LEASE_REFRESH,     /* it opens when commands stop coming */
};

struct source_message_out {
	const char *topic, *payload; /* both NULL where there is none */
};

/* How the device is commanded; `on.topic` NULL: it is not. */
struct source_write {
	struct source_message_out on, off, read;
	const char *on_without_lease; /* the payload of ON without the device's timer, or NULL */
	enum source_lease lease;
	int64_t lease_max_ms;     /* that the device can count; 0: no limit known */
	int64_t lease_setting_ms; /* the device's own timer, where it is set on the device; 0: it is
				     sent with each command */
	bool is_blind;            /* it can not be read: nothing of it is ever confirmed */
	bool lease_is_as_asked; /* the owner answers for the device's timer, which we cannot see */
};

/* What a profile's data cannot say. */
enum source_hook {
	SOURCE_HOOK_NONE,
	SOURCE_HOOK_VENUS, /* a keepalive every 30 s, or nothing is published */
};

struct source {
	struct ident id;
	const char *profile; /* its name; NULL: none */
	bool is_coap;
	const char *uri; /* of a CoAP device, or NULL */
	const char *key_file, *identity; /* for coaps://, or NULL; identity NULL: the source's id */
	size_t row_count;
	const struct source_row *rows; /* those of one topic one after the other */
	bool is_strict;                /* numbers are JSON numbers */
	bool is_partial;               /* a message need not have all values of its topic */
	bool is_gone_if_empty;         /* an empty payload says that the device is gone */
	bool takes_timed_retained;
	int64_t stale_after_ms;
	size_t null_count;
	double nulls[SOURCE_NULLS_MAX]; /* numbers that mean nothing */
	struct source_time time;
	size_t available_count;
	struct source_available available[SOURCE_AVAILABLE_MAX];
	enum source_available_mode available_mode;
	struct source_write write;
	enum source_hook hook;
	const char *hook_topic; /* what the hook needs, or NULL */
	size_t field_count;
	uint8_t fields[SOURCE_FIELD_COUNT]; /* which it has, each once */
};

/* Whether any row, availability or time of `source` stands on `topic`. */
bool source_has_topic(const struct source *source, const char *topic);

/* The index of `field` in `source->fields`, or -1. */
int source_slot(const struct source *source, enum source_field field);
