/*
 * History from the journal: readings, relays, decisions of a span of time.
 *
 * Runs on a worker, so it touches only what never changes (configuration, path,
 * clock) and a connection of its own to the journal, closed with the answer.
 * Rows are read newest first, so that the limit keeps the newest, and are
 * answered oldest first. A row is written as text at once: ten thousand of them
 * stay small.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/journal_read.h"

#define ROWS_MAX 10000
#define ROWS_USUAL 1000
#define ROW_TEXT_MAX 2048
#define SPAN_USUAL_MS MS_PER_HOUR
#define PAGE_STEP (64 * 1024)

/* Rows as JSON text, one after the other, and where each begins. */
struct page {
	char *text;
	size_t length, size;
	size_t *starts;
	size_t count;
	uint32_t limit;
	int error; /* -ENOMEM */
};

struct query {
	const char *subject; /* node, relay or battery; NULL: all */
	struct journal_span span;
};

/* ---- rows ---- */

static bool grow(struct page *page, size_t more)
{
	char *text;

	if (page->length + more <= page->size)
		return true;
	text = realloc(page->text, page->size + PAGE_STEP);
	if (!text)
		return false;
	page->text = text;
	page->size += PAGE_STEP;
	return true;
}

/* Takes `row`. Returns whether to read on. */
static bool add_row(struct page *page, json_t *row)
{
	size_t length = 0;

	if (row && page->count < page->limit && grow(page, ROW_TEXT_MAX))
		length = json_dumpb(row, page->text + page->length, ROW_TEXT_MAX,
				    JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(row);
	if (length == 0 || length > ROW_TEXT_MAX) {
		page->error = -ENOMEM;
		return false;
	}
	page->starts[page->count++] = page->length;
	page->length += length;
	return true;
}

static json_t *number_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static bool add_reading(void *user, const struct journal_reading *reading)
{
	const struct reading_received *received = &reading->received;

	return add_row(
	    user,
	    json_pack("{s:I, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, "
		      "s:b, s:o}",
		      "row", (json_int_t)reading->row, "at", api_wall(reading->wall),
		      "wall_trusted", reading->wall_is_trusted, "node", reading->node, "soc_pct",
		      number_or_null(received->soc_pct), "temp_c", number_or_null(received->temp_c),
		      "temp_max_c", number_or_null(received->temp_max_c), "voltage_v",
		      number_or_null(received->voltage_v), "current_a",
		      number_or_null(received->current_a), "power_w",
		      number_or_null(received->power_w), "soh_pct",
		      number_or_null(received->soh_pct), "quality", quality_name(reading->quality),
		      "acts", reading->acts, "measured",
		      reading->has_measured ? api_wall(reading->measured) : json_null()));
}

static bool add_relay(void *user, const struct journal_relay *relay)
{
	return add_row(user, json_pack("{s:I, s:o, s:b, s:s, s:s, s:s, s:b, s:s, s:b, s:o, s:o}",
				       "row", (json_int_t)relay->row, "at", api_wall(relay->wall),
				       "wall_trusted", relay->wall_is_trusted, "relay",
				       relay->relay, "battery", relay->battery, "role",
				       relay_role_name(relay->role), "state", relay->is_on, "phase",
				       relay_phase_name(relay->phase), "wished", relay->wished_on,
				       "lease_left_s", api_seconds(relay->lease_left_ms), "power_w",
				       relay->has_power ? json_real(relay->power_w) : json_null()));
}

static bool add_decision(void *user, int64_t row, const struct ident *battery,
			 const struct decision *decision)
{
	json_t *out = api_decision(decision);

	if (json_is_object(out)) {
		json_object_set_new(out, "row", json_integer(row));
		json_object_set_new(out, "battery", json_string(battery->text));
	}
	return add_row(user, out);
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

	*out = (struct query){.subject = http_argument(request, subject_name)};
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

/* `{"rows":[…],"cut":false}`, oldest first. */
static char *assemble(const struct page *page, size_t *length)
{
	bool is_cut = page->count == page->limit;
	char *out = malloc(page->length + page->count + 64);
	size_t at, end = page->length;

	if (!out)
		return NULL;
	at = (size_t)sprintf(out, "{\"cut\":%s,\"rows\":[", is_cut ? "true" : "false");
	for (size_t i = page->count; i-- > 0;) {
		size_t start = page->starts[i];

		memcpy(out + at, page->text + start, end - start);
		at += end - start;
		end = start;
		if (i > 0)
			out[at++] = ',';
	}
	at += (size_t)sprintf(out + at, "]}");
	*length = at;
	return out;
}

bool api_is_configured(const struct house *house, const char *name)
{
	struct ident node;

	return house_find_battery(house, name) >= 0 || house_find_relay(house, name) >= 0 ||
	       (ident_parse(&node, name, strlen(name)) == 0 &&
		house_find_sensor(house, &node) >= 0);
}

static void answer(const struct api *api, const struct query *query, struct page *page, int rc,
		   const char *words, struct http_reply *reply)
{
	if (rc == 0)
		rc = page->error;
	if (rc < 0) {
		http_problem(reply, rc == -ENOENT ? 503 : 500, words);
		return;
	}
	if (page->count == 0 && query->subject &&
	    !api_is_configured(api->host.house, query->subject)) {
		http_problem(reply, 404, "no such node, and no rows of one in this time");
		return;
	}
	reply->body = assemble(page, &reply->body_length);
	if (!reply->body) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	reply->status = 200;
	reply->content_type = "application/json";
}

enum history_kind { HISTORY_READINGS, HISTORY_RELAYS, HISTORY_DECISIONS };

static int read_rows(struct journal_reader *reader, enum history_kind kind,
		     const struct query *query, struct page *page)
{
	switch (kind) {
	case HISTORY_READINGS:
		return journal_read_readings(reader, query->subject, query->span, add_reading,
					     page);
	case HISTORY_RELAYS:
		return journal_read_relays(reader, query->subject, query->span, add_relay, page);
	case HISTORY_DECISIONS:
		return journal_read_decisions(reader, query->subject, query->span, add_decision,
					      page);
	}
	return -EINVAL;
}

static void read_history(const struct api *api, enum history_kind kind, const struct query *query,
			 struct http_reply *reply)
{
	struct page page = {.limit = query->span.limit};
	struct journal_reader *reader = NULL;
	int rc = journal_reader_new(&reader, api->host.journal_path);

	if (rc < 0) {
		http_problem(reply, 503, "the journal cannot be read");
		return;
	}
	page.starts = malloc(page.limit * sizeof(*page.starts));
	rc = page.starts ? read_rows(reader, kind, query, &page) : -ENOMEM;
	answer(api, query, &page, rc,
	       page.error || rc == -ENOMEM ? "out of memory" : journal_reader_error(reader), reply);
	journal_reader_free(reader);
	free(page.text);
	free(page.starts);
}

void api_get_series(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	const char *kind = http_argument(request, "kind");
	bool is_relay = kind && strcmp(kind, "relay") == 0;
	struct query query;
	int battery;

	if (kind && !is_relay && strcmp(kind, "reading") != 0) {
		http_problem(reply, 400, "\"kind\" must be reading or relay");
		return;
	}
	if (read_query(&query, api, request, "node", reply) < 0)
		return;
	battery =
	    query.subject && !is_relay ? house_find_battery(api->host.house, query.subject) : -1;
	if (battery >= 0)
		query.subject = api->host.house->batteries[battery].node.text;
	read_history(api, is_relay ? HISTORY_RELAYS : HISTORY_READINGS, &query, reply);
}

/* The newest decisions, however old, unless a time is asked for. */
void api_get_decisions(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	struct query query;

	if (read_query(&query, api, request, "battery", reply) < 0)
		return;
	if (!http_argument(request, "from"))
		query.span.from.ms = 0;
	read_history(api, HISTORY_DECISIONS, &query, reply);
}
