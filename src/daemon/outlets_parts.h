/* What outlets.c and outlets_kept.c share. Nobody else includes it. */
#pragma once

#include "adapt/courier.h"
#include "daemon/daemon.h"
#include "model/outlet.h"

#define PASSWORD_TEXT_MAX 128

/* A letter on its way. */
struct way {
	bool is_busy;
	uint32_t alert; /* 0: a test */
	bool is_with_broker;
	int id;         /* there */
	uint64_t since; /* the loop's time */
};

struct way_pair {
	struct way letter, test;
};

/* An alert of the book as it was when we last heard of it. */
struct known_alert {
	uint32_t id, count;
	bool is_active;
};

/* The file of what waits. */
struct outlets_file {
	char path[PATH_TEXT_MAX + 16];
	uint32_t seen;   /* the highest id of an alert that it knew of at the start */
	bool is_ours;    /* the journal is, and so is the file beside it */
	bool is_changed; /* what waits is not as it is in the file */
	bool is_away;    /* it could not be written at last */
	bool is_written; /* on a worker, from `text` */
	bool is_last;    /* everything ends when that has ended */
	char *text;
	int result;
	uv_work_t work;
};

struct outlets {
	struct daemon *daemon;
	struct courier *courier; /* NULL where all go to the broker */
	struct outlet outlet[OUTLETS_MAX];
	struct way_pair ways[OUTLETS_MAX];
	char passwords[OUTLETS_MAX][PASSWORD_TEXT_MAX], secrets[OUTLETS_MAX][PASSWORD_TEXT_MAX];
	struct known_alert known[ALERTS_MAX];
	bool is_tested; /* somebody waits for the tests to end */
	struct outlets_file file;
};

/* Takes back what the file has; without one, or a bad one, nothing waits. */
void outlets_recall(struct outlets *outlets);

/* Writes the file on a worker, if something has changed and none is being written. */
void outlets_keep(struct outlets *outlets);

/* Writes it a last time, and frees `outlets`: now, or when the loop has ended what is under way. */
void outlets_keep_and_free(struct outlets *outlets);
