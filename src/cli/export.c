/*
 * `amphora export`: all stored readings, relay states, decisions or meters of a time, however many.
 *
 * It asks for one page after another, by the link that each page has to the next,
 * and writes each before it asks on: neither side ever holds more than a page. A
 * file gets its name when it is complete.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/duration.h"
#include "cli/export_sink.h"
#include "cli/show.h"

#define PART ".part" /* behind the name of a file that is not complete */
#define PROGRESS_MS 250

/* What may be exported: its name in the API, its table in an SQLite file, and what finds a row. */
static const struct kind {
	const char *name, *table, *key;
} READINGS = {"reading", "battery_data", "node"}, RELAYS = {"relay", "rele_data", "relay"},
  DECISIONS = {"decision", "decision", "battery"}, METERS = {"meter", "meter_data", "meter"};

enum export_format { EXPORT_AS_CSV, EXPORT_AS_JSON, EXPORT_AS_SQLITE };

struct export
{
	struct cli *cli;
	enum export_format format;
	const char *node, *from, *to, *output;
	const struct kind *kind;
	char part[PATH_MAX];
	FILE *file; /* standard output, or the file that is written */
	struct export_sqlite *sqlite;
	struct export_columns columns;
	uint64_t rows;
	char last[32];   /* the time of the last row */
	int64_t told_ms; /* when progress was told last */
};

/* ---- progress ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* On a terminal that does not show the rows themselves. */
static void tell_progress(struct export *export, bool is_end)
{
	bool is_seen = isatty(STDERR_FILENO) && (export->output || !isatty(STDOUT_FILENO));

	if (!is_seen || (!is_end && now_ms() - export->told_ms < PROGRESS_MS))
		return;
	export->told_ms = now_ms();
	fprintf(stderr, "\r%" PRIu64 " rows, up to %.16s%s", export->rows,
		export->last[0] ? export->last : "-", is_end ? "\n" : "");
}

/* ---- pages ---- */

static int write_row(struct export *export, const struct csv_record *record)
{
	struct text last = text_in(export->last, sizeof(export->last));

	if (record->count == 0)
		return 0;
	export->rows++;
	text_add(&last, "%s", record->fields[0]);
	if (export->format == EXPORT_AS_JSON)
		export_json_row(export->file, &export->columns, record);
	else if (export->format == EXPORT_AS_SQLITE)
		return export_sqlite_row(export->sqlite, &export->columns, record);
	return 0;
}

/* The first line of a page names the columns; that of the first page is kept. */
static int take_head(struct export *export, const struct kind *kind, const struct csv_record *head,
		     const char *line, bool is_first)
{
	if (!is_first)
		return 0;
	if (export_columns_read(&export->columns, head) < 0) {
		complain("amphorad's answer is not understood");
		return -EINVAL;
	}
	if (export->format == EXPORT_AS_CSV)
		fwrite(line, 1, head->length, export->file);
	else if (export->format == EXPORT_AS_SQLITE)
		return export_sqlite_table(export->sqlite, kind->table, kind->key,
					   &export->columns);
	return 0;
}

static int write_page(struct export *export, const struct kind *kind,
		      const struct client_page *page, bool is_first)
{
	struct csv_record record;
	const char *why = "", *rows;
	size_t at = 0;
	int rc = 0;

	for (size_t line = 0; rc == 0; line++) {
		enum csv_answer answer =
		    csv_record_read(&record, page->text + at, page->length - at, true, &why);

		if (answer == CSV_AT_END)
			break;
		if (answer != CSV_READ) {
			complain("a line of amphorad's answer is not understood: %s", why);
			return -EINVAL;
		}
		if (line == 0)
			rc = take_head(export, kind, &record, page->text, is_first);
		else
			rc = write_row(export, &record);
		at += record.length;
		if (line == 0 && export->format == EXPORT_AS_CSV) {
			rows = page->text + at;
			fwrite(rows, 1, page->length - at, export->file);
		}
	}
	if (rc == 0 && export->file && (ferror(export->file) || fflush(export->file) != 0)) {
		complain("cannot write: %s", strerror(errno));
		rc = -EIO;
	}
	return rc;
}

static int export_pages(struct export *export, const struct kind *kind, const char *first)
{
	struct client_page page;
	char path[CLIENT_PATH_MAX];
	struct text text = text_in(path, sizeof(path));
	bool is_first = true;

	text_add(&text, "%s", first);
	do {
		int rc = client_get_page(export->cli, path, &page);

		if (rc != EXIT_OK)
			return rc;
		if (write_page(export, kind, &page, is_first) < 0)
			return EXIT_FAILED;
		tell_progress(export, false);
		memcpy(path, page.next, sizeof(path));
		is_first = false;
	} while (page.next[0]);
	if (export->sqlite && export_sqlite_table_end(export->sqlite) < 0)
		return EXIT_FAILED;
	return EXIT_OK;
}

/* ---- what is asked for ---- */

static int add_moment(const struct export *export, struct text *path, const char *name,
		      const char *words, struct wall_time now)
{
	struct wall_time at = now;
	char iso[WALL_TEXT_MAX];

	if (words && moment_parse(&at, words, now, house_offset_s, export->cli) < 0) {
		complain("--%s: %s is no time (2026-11-25T18:00:00Z, -2h, today, now)", name,
			 words);
		return EXIT_USAGE;
	}
	if (words)
		client_argument(path, name, wall_format(iso, at, 0));
	return EXIT_OK;
}

/* Asks for one kind of rows. */
static int export_kind(struct export *export, const struct kind *kind, struct wall_time now)
{
	char path[CLIENT_PATH_MAX];
	struct text text = text_in(path, sizeof(path));
	int rc;

	text_add(&text, "export?kind=%s", kind->name);
	client_argument(&text, "node", export->node);
	rc = add_moment(export, &text, "from", export->from, now);
	if (rc == EXIT_OK)
		rc = add_moment(export, &text, "to", export->to, now);
	if (rc == EXIT_OK)
		rc = export_pages(export, kind, path);
	return rc;
}

static int export_all(struct export *export)
{
	struct wall_time now;
	json_t *state;
	bool has_all = export->format == EXPORT_AS_SQLITE && !export->node && !export->kind;
	int rc = client_get_state(export->cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (wall_parse(&now, member_text(state, "time"), strlen(member_text(state, "time"))) < 0)
		now.ms = (int64_t)time(NULL) * MS_PER_SECOND;
	json_decref(state);
	rc = export_kind(export, export->kind ? export->kind : &READINGS, now);
	if (rc == EXIT_OK && has_all)
		rc = export_kind(export, &RELAYS, now);
	if (rc == EXIT_OK && has_all)
		rc = export_kind(export, &DECISIONS, now);
	if (rc == EXIT_OK && has_all)
		rc = export_kind(export, &METERS, now);
	if (rc == EXIT_OK)
		tell_progress(export, true);
	return rc;
}

/* ---- where it goes ---- */

static int open_output(struct export *export)
{
	struct text part = text_in(export->part, sizeof(export->part));

	export->file = stdout;
	if (!export->output)
		return 0;
	text_add(&part, "%s" PART, export->output);
	if (access(export->output, F_OK) == 0) {
		complain("%s is there already, and is left as it is", export->output);
		return -EEXIST;
	}
	if (export->format == EXPORT_AS_SQLITE) {
		export->file = NULL;
		return export_sqlite_new(&export->sqlite, export->part);
	}
	export->file = fopen(export->part, "we");
	if (!export->file)
		complain("%s: %s", export->part, strerror(errno));
	return export->file ? 0 : -EIO;
}

/* Gives the file its name, or removes it. Returns an exit code. */
static int close_output(struct export *export, int rc)
{
	export_sqlite_free(export->sqlite);
	if (!export->output)
		return rc;
	if (export->file && fclose(export->file) != 0 && rc == EXIT_OK) {
		complain("%s: %s", export->part, strerror(errno));
		rc = EXIT_FAILED;
	}
	if (rc == EXIT_OK && rename(export->part, export->output) != 0) {
		complain("%s: %s", export->output, strerror(errno));
		rc = EXIT_FAILED;
	}
	if (rc != EXIT_OK)
		unlink(export->part);
	return rc;
}

static int take_format(struct export *export, const char *name)
{
	static const char *const NAMES[] = {"csv", "json", "sqlite"};

	export->format = export->cli->format == FORMAT_JSON ? EXPORT_AS_JSON : EXPORT_AS_CSV;
	if (!name)
		return 0;
	for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
		if (strcmp(NAMES[i], name) != 0)
			continue;
		export->format = (enum export_format)i;
		return 0;
	}
	complain("--format must be csv, json or sqlite");
	return -EINVAL;
}

/* Returns 0, or -EINVAL where more than one kind is asked for. */
static int take_kind(struct export *export, int *argc, char **argv)
{
	bool is_relays = take_flag(argc, argv, "--relays");
	bool is_decisions = take_flag(argc, argv, "--decisions");
	bool is_meters = take_flag(argc, argv, "--meters");
	bool is_one = is_relays + is_decisions + is_meters <= 1;

	export->kind = is_relays      ? &RELAYS
		       : is_decisions ? &DECISIONS
		       : is_meters    ? &METERS
				      : NULL;
	if (!is_one)
		complain("either --relays, --decisions or --meters");
	return is_one ? 0 : -EINVAL;
}

int command_export(struct cli *cli, int argc, char **argv)
{
	struct export export = {.cli = cli};
	const char *format = NULL;
	int rc;

	if (take_kind(&export, &argc, argv) < 0 ||
	    take_option(&argc, argv, "--format", &format) < 0 ||
	    take_option(&argc, argv, "--from", &export.from) < 0 ||
	    take_option(&argc, argv, "--to", &export.to) < 0 ||
	    take_option(&argc, argv, "--output", &export.output) < 0 ||
	    !words_fit(argc, argv, 0, 1) || take_format(&export, format) < 0)
		return usage(cli);
	export.node = argv[1];
	if (export.format == EXPORT_AS_SQLITE && !export.output) {
		complain("--format sqlite needs --output FILE");
		return EXIT_USAGE;
	}
	if (open_output(&export) < 0)
		return EXIT_FAILED;
	rc = export_all(&export);
	return close_output(&export, rc);
}
