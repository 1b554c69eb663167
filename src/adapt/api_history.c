/*
 * History from the journal: readings, relays, decisions of a span of time.
 *
 * Runs on a worker, so it touches only what never changes (configuration, path,
 * clock) and a connection of its own to the journal, closed with the answer.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_columns.h"
#include "adapt/api_internal.h"
#include "adapt/api_page.h"
#include "adapt/api_rollup.h"
#include "adapt/journal_read.h"
#include "wire/json_text.h"
#include "wire/meter_message.h"

#define ROWS_MAX 10000
#define ROWS_USUAL 1000
#define SPAN_USUAL_MS MS_PER_HOUR
#define HEAD_MAX 96

enum history_kind { HISTORY_READINGS, HISTORY_RELAYS, HISTORY_METERS, HISTORY_DECISIONS };

struct query {
	enum history_kind kind;
	const char *subject; /* node, relay or battery; NULL: all */
	struct journal_span span;
	int level; /* API_LEVEL_ROWS, API_LEVEL_AUTO or an enum rollup_level */
	rollup_offset *offset_s;
};

/* ---- rows ---- */

static bool add_reading(void *user, const struct journal_reading *reading)
{
	const struct reading_received *received = &reading->received;
	struct text *text = api_page_begin(user);
	struct json_text row;

	if (!text)
		return false;
	row = json_text_open(text);
	json_text_integer(&row, "row", reading->row);
	json_text_time(&row, "at", reading->wall);
	json_text_bool(&row, "wall_trusted", reading->wall_is_trusted);
	json_text_string(&row, "node", reading->node);
	json_text_real(&row, "soc_pct", received->soc_pct);
	json_text_real(&row, "temp_c", received->temp_c);
	json_text_real(&row, "temp_max_c", received->temp_max_c);
	json_text_real(&row, "voltage_v", received->voltage_v);
	json_text_real(&row, "current_a", received->current_a);
	json_text_real(&row, "power_w", received->power_w);
	json_text_real(&row, "soh_pct", received->soh_pct);
	json_text_string(&row, "quality", quality_name(reading->quality));
	json_text_bool(&row, "acts", reading->acts);
	json_text_time(&row, "measured",
		       (struct wall_time){reading->has_measured ? reading->measured.ms : 0});
	json_text_close(&row);
	return api_page_end(user);
}

static bool add_relay(void *user, const struct journal_relay *relay)
{
	struct text *text = api_page_begin(user);
	struct json_text row;

	if (!text)
		return false;
	row = json_text_open(text);
	json_text_integer(&row, "row", relay->row);
	json_text_time(&row, "at", relay->wall);
	json_text_bool(&row, "wall_trusted", relay->wall_is_trusted);
	json_text_string(&row, "relay", relay->relay);
	json_text_string(&row, "battery", relay->battery);
	json_text_string(&row, "role", relay_role_name(relay->role));
	json_text_bool(&row, "state", relay->is_on);
	json_text_string(&row, "phase", relay_phase_name(relay->phase));
	json_text_bool(&row, "wished", relay->wished_on);
	json_text_scaled(&row, "lease_left_s", relay->lease_left_ms, MS_PER_SECOND);
	json_text_real(&row, "power_w", relay->has_power ? relay->power_w : (double)NAN);
	json_text_close(&row);
	return api_page_end(user);
}

/* As it was stored: a minute. */
static bool add_meter(void *user, const struct journal_meter *meter)
{
	const struct meter_minute *minute = &meter->minute;
	struct text *text = api_page_begin(user);
	struct json_text row;

	if (!text)
		return false;
	row = json_text_open(text);
	json_text_integer(&row, "row", meter->row);
	json_text_time(&row, "at", minute->from);
	json_text_bool(&row, "wall_trusted", meter->wall_is_trusted);
	json_text_string(&row, "meter", meter->meter);
	json_text_real(&row, "power_w", minute->mean_w);
	json_text_real(&row, "power_min_w", minute->min_w);
	json_text_real(&row, "power_max_w", minute->max_w);
	json_text_real(&row, "power_last_w", minute->last_w);
	json_text_real(&row, "imported_wh", minute->imported_wh);
	json_text_real(&row, "exported_wh", minute->exported_wh);
	json_text_scaled(&row, "known_s", minute->known_ms, MS_PER_SECOND);
	json_text_integer(&row, "count", minute->count);
	json_text_string(&row, "quality", quality_name(minute->quality));
	json_text_close(&row);
	return api_page_end(user);
}

static bool add_decision(void *user, int64_t row, const struct ident *battery,
			 const struct decision *decision)
{
	json_t *out = api_decision(decision, battery->text);

	if (json_is_object(out)) {
		json_object_set_new(out, "row", json_integer(row));
		json_object_set_new(out, "battery", json_string(battery->text));
	}
	return api_page_add(user, out);
}

/* ---- the question ---- */

int api_read_time(struct wall_time *out, const char *text)
{
	char *end;
	long long ms;

	if (!text)
		return 0;
	if (wall_parse(out, text, strlen(text)) == 0)
		return 0;
	errno = 0;
	ms = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return -EINVAL;
	out->ms = ms;
	return 0;
}

int api_read_limit(uint32_t *out, const char *text, uint32_t most)
{
	char *end;
	unsigned long limit;

	if (!text)
		return 0;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	limit = strtoul(text, &end, 10);
	if (*end || errno || limit < 1 || limit > most)
		return -EINVAL;
	*out = (uint32_t)limit;
	return 0;
}

static int read_query(struct query *out, const struct api *api, const struct http_request *request,
		      const char *subject_name, struct http_reply *reply)
{
	const char *from = http_argument(request, "from");
	struct wall_time now = clock_wall(api->host.clock);

	*out = (struct query){.subject = http_argument(request, subject_name),
			      .level = API_LEVEL_ROWS,
			      .offset_s = api->host.offset_s};
	out->span =
	    (struct journal_span){.to = {now.ms + 1}, .limit = ROWS_USUAL, .newest_first = true};
	if (api_read_time(&out->span.to, http_argument(request, "to")) < 0) {
		http_problem(reply, 400, "\"to\" must be an ISO 8601 time with a zone, or ms");
		return -EINVAL;
	}
	out->span.from.ms = out->span.to.ms - SPAN_USUAL_MS;
	if (api_read_time(&out->span.from, from) < 0) {
		http_problem(reply, 400, "\"from\" must be an ISO 8601 time with a zone, or ms");
		return -EINVAL;
	}
	if (api_read_limit(&out->span.limit, http_argument(request, "limit"), ROWS_MAX) < 0) {
		http_problem(reply, 400, "\"limit\" must be within 1..10000");
		return -EINVAL;
	}
	return 0;
}

/* ---- the answer ---- */

bool api_is_known(struct api *api, enum journal_subject subject, const char *name)
{
	enum meter_kind kind;

	return subject == JOURNAL_METER ? meter_kind_find(&kind, name) == 0
					: api_is_configured(api, name);
}

/* Decisions are of batteries, which are nodes. */
static enum journal_subject subject_of(enum history_kind kind)
{
	return kind == HISTORY_RELAYS   ? JOURNAL_RELAY
	       : kind == HISTORY_METERS ? JOURNAL_METER
					: JOURNAL_NODE;
}

static void answer(struct api *api, const struct query *query, struct api_page *page,
		   const char *head, int rc, const char *words, struct http_reply *reply)
{
	if (rc == 0)
		rc = page->error;
	if (rc < 0) {
		http_problem(reply, rc == -ENOENT ? 503 : 500, words);
		return;
	}
	if (page->count == 0 && query->subject &&
	    !api_is_known(api, subject_of(query->kind), query->subject)) {
		http_problem(reply, 404, "no such node, and no rows of one in this time");
		return;
	}
	reply->body = api_page_assemble(page, head, &reply->body_length);
	if (!reply->body) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	reply->status = 200;
	reply->content_type = "application/json";
}

static int read_rows(struct journal_reader *reader, const struct query *query,
		     struct api_page *page)
{
	if (query->level != API_LEVEL_ROWS)
		return api_rollup_read(reader, query->subject, subject_of(query->kind), query->level,
				       query->span, page);
	switch (query->kind) {
	case HISTORY_READINGS:
		return journal_read_readings(reader, query->subject, query->span, add_reading,
					     page);
	case HISTORY_RELAYS:
		return journal_read_relays(reader, query->subject, query->span, add_relay, page);
	case HISTORY_METERS:
		return journal_read_meters(reader, query->subject, query->span, add_meter, page);
	case HISTORY_DECISIONS:
		return journal_read_decisions(reader, query->subject, query->span, add_decision,
					      page);
	}
	return -EINVAL;
}

/* A rollup is asked for by when it begins, and the one that the time is in counts as well. */
static void widen(struct query *query)
{
	if (query->level != API_LEVEL_ROWS)
		query->span.from.ms =
		    rollup_span_of((enum rollup_level)query->level, query->span.from, query->offset_s)
			.from.ms;
}

/* Members that say what the rows are: nothing for decisions. */
static int write_head(struct journal_reader *reader, const struct query *query, struct text *head)
{
	char iso[WALL_TEXT_MAX];
	struct wall_time rolled_up;
	int rc;

	if (query->kind == HISTORY_DECISIONS)
		return 0;
	text_add(head, "\"level\":\"%s\",", api_level_name(query->level));
	if (query->level == API_LEVEL_ROWS)
		return 0;
	rc = journal_read_rolled_up(reader, subject_of(query->kind), &rolled_up);
	if (rc == 0 && rolled_up.ms > 0)
		text_add(head, "\"rolled_up_to\":\"%s\",", wall_format(iso, rolled_up, 0));
	else if (rc == 0)
		text_add(head, "\"rolled_up_to\":null,");
	return rc;
}

static void read_history(struct api *api, struct query *query, struct http_reply *reply)
{
	char words[HEAD_MAX];
	struct text head = text_in(words, sizeof(words));
	struct journal_reader *reader = NULL;
	struct api_page page;
	int rc = journal_reader_new(&reader, api->host.journal_path);

	if (rc < 0) {
		http_problem(reply, 503, "the journal cannot be read");
		return;
	}
	rc = api_page_init(&page, query->span.limit);
	if (rc == 0 && query->level == API_LEVEL_AUTO)
		rc = api_level_choose(reader, query->subject, subject_of(query->kind), query->span,
				      &query->level);
	if (rc == 0) {
		widen(query);
		rc = read_rows(reader, query, &page);
	}
	if (rc == 0)
		rc = write_head(reader, query, &head);
	answer(api, query, &page, words, rc,
	       page.error || rc == -ENOMEM ? "out of memory" : journal_reader_error(reader), reply);
	journal_reader_free(reader);
	api_page_deinit(&page);
}

/* Returns 0, or -EINVAL where it is none. */
static int read_kind(enum history_kind *out, const char *kind)
{
	static const char *const KINDS[] = {"reading", "relay", "meter"};

	*out = HISTORY_READINGS;
	if (!kind)
		return 0;
	for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++) {
		*out = (enum history_kind)i;
		if (strcmp(kind, KINDS[i]) == 0)
			return 0;
	}
	return -EINVAL;
}

void api_get_series(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	enum history_kind kind;
	struct query query;
	int battery;

	if (read_kind(&kind, http_argument(request, "kind")) < 0) {
		http_problem(reply, 400, "\"kind\" must be reading, relay or meter");
		return;
	}
	if (read_query(&query, api, request, "node", reply) < 0)
		return;
	query.kind = kind;
	battery = query.subject && kind == HISTORY_READINGS
		      ? api_configured_battery(api, query.subject)
		      : -1;
	if (battery >= 0)
		query.subject = api->host.house->batteries[battery].node.text;
	if (api_asks_columns(request)) {
		api_reply_columns(api, request, query.subject, subject_of(kind), query.span, reply);
		return;
	}
	if (api_level_find(&query.level, http_argument(request, "level")) < 0) {
		http_problem(reply, 400, "\"level\" must be auto, raw, 1min, 15min or 1day");
		return;
	}
	read_history(api, &query, reply);
}

/* The newest decisions, however old, unless a time is asked for. */
void api_get_decisions(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	struct query query;

	if (read_query(&query, api, request, "battery", reply) < 0)
		return;
	query.kind = HISTORY_DECISIONS;
	if (!http_argument(request, "from"))
		query.span.from.ms = 0;
	read_history(api, &query, reply);
}
