/*
 * Pages of stored rows as CSV, oldest first, for exports of any length.
 *
 * Runs on a worker, as api_history.c does. A page has a bounded number of rows,
 * and its `Link: rel="next"` names the page after it by the last row's time and
 * number: whoever follows the links gets each row once, whatever is stored
 * meanwhile, and nothing is held for him between two pages. Times are in the
 * house's zone, with the offset that it had then, so that no two hours look the same.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/journal_read.h"
#include "base/zone.h"
#include "wire/csv_meter.h"
#include "wire/csv_reading.h"
#include "wire/number.h"

#define PATH "/api/v1/export"
#define ROWS_MAX 1000
#define ROW_TEXT_MAX 5120
#define PAGE_STEP (64 * 1024)

#define RELAY_HEAD                                                                       \
	"at,relay,battery,role,state,phase,wished,lease_left_s,switches,n,boot,power_w," \
	"wall_trusted\r\n"

#define DECISION_HEAD                                                               \
	"at,battery,id,intent,wanted,winner,reason,value,limit_value,words,losers," \
	"quality,age_s,soc_pct,temp_c,temp_max_c,wall_trusted\r\n"

_Static_assert(ROW_TEXT_MAX >= CSV_READING_MAX, "a reading fits into a row");
_Static_assert(ROW_TEXT_MAX >= CSV_METER_MAX, "a minute fits into a row");
_Static_assert(ROW_TEXT_MAX >= 2 * (DECIDER_COUNT * API_WORDS_MAX), "a decision fits, quoted");

enum export_kind {
	EXPORT_READINGS,
	EXPORT_RELAYS,
	EXPORT_DECISIONS,
	EXPORT_METERS,
	EXPORT_KIND_COUNT
};

static const char *const KINDS[EXPORT_KIND_COUNT] = {"reading", "relay", "decision", "meter"};

struct export_query {
	enum export_kind kind;
	const char *name; /* NULL: all */
	struct journal_span span;
	bool has_after;
	struct journal_cursor after;
};

struct export_page {
	char *text;
	size_t length, size;
	uint32_t count;
	struct journal_cursor last;
	int error; /* -ENOMEM */
};

/* ---- rows ---- */

/* Room for one more row, to be written with text_add(); NULL data where there is none. */
static struct text begin_row(struct export_page *page)
{
	char *text;

	if (page->size - page->length < ROW_TEXT_MAX) {
		text = realloc(page->text, page->size + PAGE_STEP);
		if (!text) {
			page->error = -ENOMEM;
			return (struct text){0};
		}
		page->text = text;
		page->size += PAGE_STEP;
	}
	return text_in(page->text + page->length, ROW_TEXT_MAX);
}

static void end_row(struct export_page *page, const struct text *row, struct wall_time wall,
		    int64_t number)
{
	page->length += row->length;
	page->count++;
	page->last = (struct journal_cursor){wall, number};
}

static bool add_reading(void *user, const struct journal_reading *stored)
{
	struct export_page *page = user;
	struct text row = begin_row(page);
	struct csv_reading line = {
	    .at = stored->wall,
	    .at_is_trusted = stored->wall_is_trusted,
	    .quality = stored->quality,
	    .reading =
		{
		    .has_time = stored->has_measured,
		    .measured = stored->measured,
		    .has_sequence = stored->has_sequence,
		    .sequence = stored->sequence,
		    .cell_count = stored->cell_count,
		    .received = stored->received,
		},
	};
	struct text node = text_in(line.reading.node.text, sizeof(line.reading.node.text));

	if (!row.data)
		return false;
	text_add(&node, "%s", stored->node);
	memcpy(line.reading.cell_mv, stored->cell_mv, sizeof(line.reading.cell_mv));
	csv_reading_format(&row, &line, zone_offset_s(stored->wall),
			   zone_offset_s(stored->measured));
	end_row(page, &row, stored->wall, stored->row);
	return true;
}

static bool add_meter(void *user, const struct journal_meter *stored)
{
	struct export_page *page = user;
	struct text row = begin_row(page);
	struct csv_meter line = {.at_is_trusted = stored->wall_is_trusted, .minute = stored->minute};
	struct text name = text_in(line.meter.text, sizeof(line.meter.text));

	if (!row.data)
		return false;
	text_add(&name, "%s", stored->meter);
	csv_meter_format(&row, &line, zone_offset_s(line.minute.from));
	end_row(page, &row, line.minute.from, stored->row);
	return true;
}

static void add_number_if(struct text *row, bool is_there, uint64_t number)
{
	text_add(row, ",");
	if (is_there)
		text_add(row, "%" PRIu64, number);
}

static const char *on_off(bool is_on)
{
	return is_on ? "on" : "off";
}

static bool add_relay(void *user, const struct journal_relay *stored)
{
	struct export_page *page = user;
	struct text row = begin_row(page);
	char iso[WALL_TEXT_MAX];

	if (!row.data)
		return false;
	text_add(&row, "%s,%s,%s,%s,%s,%s,%s,",
		 wall_format(iso, stored->wall, zone_offset_s(stored->wall) / 60 * 60),
		 stored->relay, stored->battery, relay_role_name(stored->role),
		 on_off(stored->is_on), relay_phase_name(stored->phase), on_off(stored->wished_on));
	text_add_scaled(&row, stored->lease_left_ms, MS_PER_SECOND);
	add_number_if(&row, stored->has_switches, (uint64_t)stored->switches);
	add_number_if(&row, stored->has_number, (uint64_t)stored->number);
	add_number_if(&row, stored->has_boot, (uint64_t)stored->boot);
	text_add(&row, ",");
	if (stored->has_power)
		number_add_shortest(&row, stored->power_w);
	text_add(&row, ",%s\r\n", stored->wall_is_trusted ? "true" : "false");
	end_row(page, &row, stored->wall, stored->row);
	return true;
}

/* In quotes: sentences have commas. */
static void add_quoted(struct text *row, const char *words)
{
	text_add(row, "\"");
	for (; *words; words++)
		text_add(row, *words == '"' ? "\"\"" : "%c", *words);
	text_add(row, "\"");
}

/* Who else wanted what, and why: "threshold: charge, 25 % < 30 %; …". */
static void add_losers(struct text *row, const struct decision *decision)
{
	char buffer[DECIDER_COUNT * API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	for (int i = 0; i < DECIDER_COUNT; i++) {
		const struct wish *wish = &decision->wishes[i];

		if (!wish->is_given || (enum decider)i == decision->winner)
			continue;
		text_add(&words, "%s%s: %s, ", words.length ? "; " : "",
			 decider_name((enum decider)i), intent_name(wish->intent));
		reason_format(&wish->reason, NULL, &words);
	}
	if (words.length)
		add_quoted(row, buffer);
}

/* What it saw; empty where there was no reading. */
static void add_seen(struct text *row, const struct decision *decision)
{
	text_add(row, ",%s,", quality_name(decision->quality));
	if (decision->quality == QUALITY_MISSING) {
		text_add(row, ",,,");
		return;
	}
	text_add_scaled(row, decision->age_ms, MS_PER_SECOND);
	text_add(row, ",");
	text_add_scaled(row, decision->soc_bp, 100);
	text_add(row, ",");
	text_add_scaled(row, decision->temp_min_mc, 1000);
	text_add(row, ",");
	text_add_scaled(row, decision->temp_max_mc, 1000);
}

static bool add_decision(void *user, int64_t number, const struct ident *battery,
			 const struct decision *decision)
{
	struct export_page *page = user;
	struct text row = begin_row(page);
	char iso[WALL_TEXT_MAX], buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	if (!row.data)
		return false;
	decision_format(decision, battery->text, &words);
	text_add(&row, "%s,%s,%" PRIu32 ",%s,%s,%s,%s,%" PRId64 ",%" PRId64 ",",
		 wall_format(iso, decision->at, zone_offset_s(decision->at) / 60 * 60),
		 battery->text, decision->id, intent_name(decision->intent),
		 intent_name(decision->wanted), decider_name(decision->winner),
		 reason_name(decision->reason.code), decision->reason.value,
		 decision->reason.limit);
	add_quoted(&row, buffer);
	text_add(&row, ",");
	add_losers(&row, decision);
	add_seen(&row, decision);
	text_add(&row, ",%s\r\n", decision->wall_is_trusted ? "true" : "false");
	end_row(page, &row, decision->at, number);
	return true;
}

/* ---- the question ---- */

/* Returns 0, or -EINVAL where it is none. */
static int read_kind(enum export_kind *out, const char *name)
{
	*out = EXPORT_READINGS;
	if (!name)
		return 0;
	for (size_t i = 0; i < EXPORT_KIND_COUNT; i++) {
		*out = (enum export_kind)i;
		if (strcmp(KINDS[i], name) == 0)
			return 0;
	}
	return -EINVAL;
}

/* `TIME_MS,ROW`, as a page's own link has it. */
static int read_cursor(struct export_query *out, const char *text)
{
	char *end;
	long long wall_ms, row;

	if (!text)
		return 0;
	errno = 0;
	wall_ms = strtoll(text, &end, 10);
	if (end == text || *end != ',' || errno)
		return -EINVAL;
	text = end + 1;
	row = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return -EINVAL;
	out->has_after = true;
	out->after = (struct journal_cursor){{wall_ms}, row};
	return 0;
}

/* Returns what is wrong, or NULL. */
static const char *read_query(struct export_query *out, const struct api *api,
			      const struct http_request *request)
{
	int battery;

	*out = (struct export_query){.name = http_argument(request, "node")};
	out->span.to.ms = clock_wall(api->host.clock).ms + 1;
	out->span.limit = ROWS_MAX;
	if (read_kind(&out->kind, http_argument(request, "kind")) < 0)
		return "\"kind\" must be reading, relay, decision or meter";
	if (api_read_time(&out->span.from, http_argument(request, "from")) < 0)
		return "\"from\" must be an ISO 8601 time with a zone, or ms";
	if (api_read_time(&out->span.to, http_argument(request, "to")) < 0)
		return "\"to\" must be an ISO 8601 time with a zone, or ms";
	if (api_read_limit(&out->span.limit, http_argument(request, "limit"), ROWS_MAX) < 0)
		return "\"limit\" must be within 1..1000";
	if (read_cursor(out, http_argument(request, "after")) < 0)
		return "\"after\" is what the link to the next page says";
	battery =
	    out->name && out->kind == EXPORT_READINGS ? api_configured_battery(api, out->name) : -1;
	if (battery >= 0)
		out->name = api->host.house->batteries[battery].node.text;
	return NULL;
}

/* ---- the answer ---- */

/* `to` stays as it is now, so that rows that arrive meanwhile are not chased for ever. */
static void link_next(struct http_reply *reply, const struct export_query *query,
		      const struct export_page *page)
{
	struct text next = text_in(reply->next, sizeof(reply->next));

	text_add(&next, PATH "?kind=%s", KINDS[query->kind]);
	if (query->name)
		text_add(&next, "&node=%s", query->name);
	text_add(&next, "&from=%" PRId64 "&to=%" PRId64 "&limit=%" PRIu32, query->span.from.ms,
		 query->span.to.ms, query->span.limit);
	text_add(&next, "&after=%" PRId64 ",%" PRId64, page->last.wall.ms, page->last.row);
}

static void answer(struct api *api, const struct export_query *query, struct export_page *page,
		   int rc, const char *words, struct http_reply *reply)
{
	if (rc == JOURNAL_TOO_MANY_NAMES) {
		http_problem_of(reply, 422, "refused",
				"there are more than 128 nodes: export one at a time");
	} else if (rc < 0 || page->error) {
		http_problem(reply, 500, page->error ? "out of memory" : words);
	} else if (page->count == 0 && !query->has_after && query->name &&
		   !api_is_known(api,
				 query->kind == EXPORT_METERS ? JOURNAL_METER : JOURNAL_NODE,
				 query->name)) {
		http_problem(reply, 404, "no such node, and no rows of one in this time");
	} else {
		*reply =
		    (struct http_reply){.status = 200,
					.content_type = "text/csv; charset=utf-8; header=present",
					.body = page->text,
					.body_length = page->length};
		page->text = NULL;
		if (page->count == query->span.limit)
			link_next(reply, query, page);
	}
}

static int read_rows(struct journal_reader *reader, const struct export_query *query,
		     struct export_page *page)
{
	const char *heads[EXPORT_KIND_COUNT] = {csv_reading_head, RELAY_HEAD, DECISION_HEAD,
						csv_meter_head};
	const struct journal_cursor *after = query->has_after ? &query->after : NULL;
	struct text head = begin_row(page);

	if (!head.data)
		return -ENOMEM;
	text_add(&head, "%s", heads[query->kind]);
	page->length = head.length;
	if (query->kind == EXPORT_RELAYS)
		return journal_page_relays(reader, query->name, query->span, after, add_relay,
					   page);
	if (query->kind == EXPORT_DECISIONS)
		return journal_page_decisions(reader, query->name, query->span, after, add_decision,
					      page);
	if (query->kind == EXPORT_METERS)
		return journal_page_meters(reader, query->name, query->span, after, add_meter,
					   page);
	return journal_page_readings(reader, query->name, query->span, after, add_reading, page);
}

void api_get_export(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	struct export_query query;
	struct export_page page = {0};
	struct journal_reader *reader = NULL;
	const char *problem = read_query(&query, api, request);
	int rc;

	if (problem) {
		http_problem(reply, 400, problem);
		return;
	}
	rc = journal_reader_new(&reader, api->host.journal_path);
	if (rc < 0) {
		http_problem(reply, 503, "the journal cannot be read");
		return;
	}
	rc = read_rows(reader, &query, &page);
	answer(api, &query, &page, rc, journal_reader_error(reader), reply);
	journal_reader_free(reader);
	free(page.text);
}
