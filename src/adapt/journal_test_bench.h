/*
 * What the journal's tests stand on: a journal in a directory of its own, what
 * its callbacks said, and records to put into it.
 */
#pragma once

#include <uv.h>

#include "adapt/journal.h"
#include "adapt/journal_read.h"

/* A directory of its own, a journal in it, and what its callbacks said. */
struct bench {
	char directory[64];
	char path[PATH_TEXT_MAX];
	uv_loop_t loop;
	struct journal *journal;
	int committed, health_changes, health;
	char sentence[384], set_aside[PATH_TEXT_MAX + 32];
	char error[384];
	struct store_keep keep; /* zero: no bound and no upkeep */
};

/* For cmocka: a bench whose journal is not open yet; and its end. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Opens the bench's journal, or one at `path` with the result of journal_open(). */
void bench_open(struct bench *bench);
int bench_open_at(struct bench *bench, const char *path, struct journal **out);

/* Closes it; nothing may be lost. */
void bench_close(struct bench *bench);

/* Commits what was appended and turns the loop until that is durable. */
void bench_commit(struct bench *bench);

/* Makes the bench's file one of version 1, as Amphora 0.1 did; the journal is not open. */
void bench_make_version_1(struct bench *bench);

/* Runs `sql` on the file beside the journal. */
void bench_sql(struct bench *bench, const char *sql);

/* The first number that a query gives, 0 where it gives none. */
int64_t bench_number(struct bench *bench, const char *sql);

/* A good reading with a SoC, 24.1 °C and nothing else. */
struct record reading_record(const char *node, double soc_pct, int64_t ts_ms);

void append(struct bench *bench, const struct record *record);
struct journal_reader *reader_open(struct bench *bench);

/* The readings seen, the last few of them kept. */
struct seen_readings {
	int count;
	struct journal_reading reading[4];
	char node[4][IDENT_MAX + 1];
};

/* A journal_reading_visit; `user` is a struct seen_readings. */
bool see_reading(void *user, const struct journal_reading *reading);

/* All of time, oldest first. */
extern const struct journal_span bench_always;
