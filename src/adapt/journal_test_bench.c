/* The bench of the journal's tests. It asserts what it does, so that a test need not. */
#include "adapt/journal_test_bench.h"

#include "adapt/journal_schema.h"
#include "adapt/journal_sql.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void on_committed(void *user)
{
	((struct bench *)user)->committed++;
}

static void on_health(void *user, int error, const char *sentence)
{
	struct bench *bench = user;

	bench->health_changes++;
	bench->health = error;
	(void)snprintf(bench->sentence, sizeof(bench->sentence), "%s", sentence);
}

static void on_set_aside(void *user, const char *name)
{
	struct bench *bench = user;

	(void)snprintf(bench->set_aside, sizeof(bench->set_aside), "%s", name);
}

int bench_open_at(struct bench *bench, const char *path, struct journal **out)
{
	struct journal_options options = {
	    .path = path,
	    .sync = SYNC_NORMAL,
	    .collector = "007", /* a name that looks like a number stays a name */
	    .events = {bench, on_committed, on_health, on_set_aside},
	    .keep = bench->keep,
	};
	struct text error = text_in(bench->error, sizeof(bench->error));

	return journal_open(out, &bench->loop, &options, bench->set_aside, &error);
}

void bench_open(struct bench *bench)
{
	assert_int_equal(bench_open_at(bench, bench->path, &bench->journal), 0);
}

void bench_close(struct bench *bench)
{
	size_t lost;

	assert_int_equal(journal_close(bench->journal, 10000, &lost), 0);
	assert_int_equal(lost, 0);
	bench->journal = NULL;
	uv_run(&bench->loop, UV_RUN_NOWAIT);
}

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)snprintf(bench->directory, sizeof(bench->directory), "/tmp/journal-test-XXXXXX");
	if (mkdtemp(bench->directory) == NULL || uv_loop_init(&bench->loop) != 0)
		return -1;
	(void)snprintf(bench->path, sizeof(bench->path), "%s/journal.db", bench->directory);
	*state = bench;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;
	char command[128];
	size_t lost;

	if (journal_close(bench->journal, 1000, &lost) != 0)
		print_message("# %zu records were not stored\n", lost);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", bench->directory);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench->loop);
	free(bench);
	return system(command);
}

void bench_commit(struct bench *bench)
{
	int before = bench->committed;

	assert_true(journal_commit(bench->journal));
	while (bench->committed == before)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

void bench_make_version_1(struct bench *bench)
{
	char pragma[96];

	snprintf(pragma, sizeof(pragma), "PRAGMA application_id=%d; PRAGMA user_version=1",
		 JOURNAL_APPLICATION_ID);
	bench_sql(bench, journal_schema_sql);
	bench_sql(bench, pragma);
	bench_sql(bench, "INSERT INTO meta (name, value) VALUES ('epoch', 77), ('created', 1)");
}

void bench_sql(struct bench *bench, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

int64_t bench_number(struct bench *bench, const char *sql)
{
	int64_t out;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(journal_sql_number(db, sql, &out), SQLITE_OK);
	sqlite3_close(db);
	return out;
}

struct record reading_record(const char *node, double soc_pct, int64_t ts_ms)
{
	struct record record = {.kind = RECORD_READING, .wall = {ts_ms}, .wall_is_trusted = true};

	record.reading.quality = QUALITY_GOOD;
	record.reading.acts = true;
	record.reading.reading.received = (struct reading_received){
	    .soc_pct = soc_pct,
	    .temp_c = 24.1,
	    .temp_max_c = NAN,
	    .voltage_v = NAN,
	    .current_a = NAN,
	    .power_w = NAN,
	    .soh_pct = NAN,
	    .interval_s = NAN,
	};
	(void)snprintf(record.reading.reading.node.text, IDENT_MAX + 1, "%s", node);
	return record;
}

void append(struct bench *bench, const struct record *record)
{
	assert_int_equal(journal_append(bench->journal, record), 0);
}

struct journal_reader *reader_open(struct bench *bench)
{
	struct journal_reader *reader;

	assert_int_equal(journal_reader_new(&reader, bench->path), 0);
	return reader;
}

bool see_reading(void *user, const struct journal_reading *reading)
{
	struct seen_readings *seen = user;
	int slot = seen->count++ & 3;

	seen->reading[slot] = *reading;
	(void)snprintf(seen->node[slot], IDENT_MAX + 1, "%s", reading->node);
	return true;
}

const struct journal_span bench_always = {{0}, {INT64_MAX}, 100, false};
