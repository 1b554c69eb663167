/* What prices.c, feeds.c and feeds_kept.c share. Nobody else includes it. */
#pragma once

#include "adapt/courier.h"
#include "daemon/daemon.h"
#include "daemon/prices.h"
#include "wire/feed_message.h"

#define FEED_TOKEN_MAX 256
#define FEED_WORDS_MAX 160

/* The file of what one feed had said. */
struct feed_file {
	char path[PATH_TEXT_MAX + 24];
	bool is_changed; /* what is known is not as it is in the file */
	bool is_away;    /* it could not be written at last */
	bool is_written; /* on a worker, from `text` */
	char *text;
	int result;
	uv_work_t work;
};

/* One that publishes. */
struct feed_state {
	struct daemon *daemon;
	const char *name;                 /* of its file: import */
	const char *title;                /* for people: import prices */
	const struct feed_config *config; /* NULL: this side has none */
	struct feed feed;
	char token[FEED_TOKEN_MAX];
	bool is_asked;              /* the courier is under way */
	bool has_asked;             /* since the start */
	struct mono_time ask_at;    /* when it is to be asked next */
	uint64_t asked_at;          /* the loop's time */
	int failures;               /* in a row */
	int64_t file_ns, file_size; /* of the file that was read last */
	bool has_good;
	int64_t good_s;             /* when something of use came last */
	bool is_refused;            /* what came last was of no use */
	char words[FEED_WORDS_MAX]; /* why, or what was odd; "" where nothing was */
	struct feed_file file;
};

enum { FEED_OF_IMPORT, FEED_OF_EXPORT, FEED_OF_PV, FEEDS };

/* All those that publish, and what came of them. */
struct prices {
	struct daemon *daemon;
	struct courier *courier; /* NULL where there is no url */
	uint32_t version;
	bool is_old; /* as the alert has it */
	struct feed_state feeds[FEEDS];
	struct price_slot kept; /* the last that is in the journal; its length is 0: none yet */
	struct feed_news news; /* while a message is being read */
};

/* As price_offset_at and feed_offset_at. */
int32_t prices_offset_at(int64_t at_s);

/* --- feeds_kept.c --- */

/* Takes back what the file has, if it is of this configuration. */
void feeds_recall(struct feed_state *state, struct feed_news *news);

/* Writes the file on a worker, if something has changed and none is being written. */
void feeds_keep(struct feed_state *state);
