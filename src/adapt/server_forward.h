/*
 * Brings rows from the journal to the server, one batch at a call. Where it
 * stands is what the server has: nothing about it is kept on our side.
 */
#pragma once

#include <stdint.h>

#include "adapt/journal_read.h"
#include "adapt/server_batch.h"
#include "adapt/server_link.h"
#include "model/alert.h"

struct server_forward;

/* Counts since server_forward_new(), but for `letters`. */
struct server_counts {
	uint64_t sent, refused, unsent;
	uint64_t letters; /* dead letters of this collector at the server, also of earlier times */
	bool is_position_known;
	int64_t position[SERVER_TABLES]; /* the server has, or refused, all rows up to here */
	char refusal[ALERT_DETAIL_MAX];  /* table, row and reason of the last refused row */
};

enum server_forward_answer {
	SERVER_FORWARD_DONE = 0, /* the server has all rows */
	SERVER_FORWARD_MORE = 1, /* call again */
	SERVER_FORWARD_AWAY =
	    2, /* the server failed or went away: the link is of no use any more */
	SERVER_FORWARD_UNFIT = 3,      /* the server would alter values, or lacks the tables */
	SERVER_FORWARD_NO_JOURNAL = 4, /* the journal cannot be read */
};

/* For the journal at `journal_path` (copied). Allocates. Returns 0 or -ENOMEM. */
int server_forward_new(struct server_forward **out, const char *journal_path) MUST_CHECK;

/* NULL is fine. */
void server_forward_free(struct server_forward *forward);

/*
 * Over a new link: checks the tables and asks how far the server has come.
 * Blocks. Returns DONE, AWAY, UNFIT or NO_JOURNAL, with a sentence in `error`
 * unless done. `link` is borrowed until the next begin or the end.
 */
int server_forward_begin(struct server_forward *forward, struct server_link *link,
			 struct text *error) MUST_CHECK;

/*
 * Sends the next batch, up to SERVER_BATCH_ROWS of each table. A row that the
 * server refuses is logged, counted and put among the dead letters. Blocks. Returns an enum
 * server_forward_answer, with a sentence in `error` unless DONE or MORE.
 */
int server_forward_step(struct server_forward *forward, struct text *error) MUST_CHECK;

/* Counts what is unsent from the journal, also while the server is away. */
void server_forward_count(struct server_forward *forward);

const struct server_counts *server_forward_counts(const struct server_forward *forward);
