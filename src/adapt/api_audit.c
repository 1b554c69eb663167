/*
 * Who asked for what, as rows of the journal: one for each command and each change, and one
 * for each that was refused, as long as these are not too many (audit_pace.h).
 *
 * What is done is answered once its row is durable: a change that is stored has it in the same
 * commit; what lives elsewhere (users, tokens, sessions, faults of the demo) waits for a commit
 * of its own, but not longer than a second, and not at all where the journal cannot be written:
 * one must be able to log in then. What was refused has changed nothing, and nobody waits for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/api_page.h"
#include "adapt/journal_read.h"

#define ROWS_MAX 10000
#define ROWS_USUAL 1000
#define REFUSED_FROM 400 /* statuses of what was not done */

/* ---- written ---- */

static const char *who_of(enum http_caller_kind kind)
{
	static const char *const names[] = {
	    [HTTP_CALLER_NOBODY] = "nobody", [HTTP_CALLER_UNIX] = "unix",
	    [HTTP_CALLER_USER] = "user",     [HTTP_CALLER_CODE] = "code",
	    [HTTP_CALLER_TOKEN] = "token",
	};

	return names[kind];
}

/* What a stranger sent, so that it can stand in any text. */
static void copy_plain(char *out, size_t size, const char *from)
{
	size_t length = 0;

	for (; from[length] && length < size - 1; length++)
		out[length] = from[length] >= ' ' && from[length] <= '~' ? from[length] : '?';
	out[length] = '\0';
}

static struct audit entry_of(const struct http_deed *deed, int status, uint32_t command)
{
	const struct http_caller *caller = &deed->request->caller;
	struct audit entry = {
	    .who = who_of(caller->kind),
	    .name = caller->name,
	    .uid = deed->uid,
	    .transport = http_transport_name(deed->request->transport),
	    .method = deed->method,
	    .status = status,
	    .command = command,
	    .count = 1,
	};

	copy_plain(entry.address, sizeof(entry.address), caller->address);
	copy_plain(entry.path, sizeof(entry.path), deed->path);
	copy_plain(entry.what, sizeof(entry.what), deed->note);
	return entry;
}

/* Of a file that comes in pieces, the first stands for itself, and the others are summed up. */
static bool is_further_piece(const struct http_deed *deed)
{
	const char *line = http_argument(deed->request, "line");

	return line && strtoull(line, NULL, 10) > 2;
}

static void write_down(struct api *api, const struct http_deed *deed, int status, uint32_t command)
{
	struct audit entry = entry_of(deed, status, command);
	uint64_t now_ms = uv_now(api->loop);
	bool has_row = status < REFUSED_FROM ? !is_further_piece(deed)
					     : audit_pace_take(&api->audit_pace, now_ms);

	api_forget_state(api);
	if (has_row)
		api->host.audit(api->host.user, &entry);
	else
		audit_pace_add(&api->audit_pace, &entry, now_ms);
}

void api_audit_done(struct api *api, const struct http_request *request, int status,
		    uint32_t command)
{
	struct http_deed deed = http_take_deed(request);

	write_down(api, &deed, status, command);
}

static bool is_replayed(const struct http_reply *reply)
{
	for (size_t i = 0; i < reply->field_count; i++)
		if (strcmp(reply->fields[i].name, API_REPLAYED) == 0)
			return true;
	return false;
}

static bool see(void *user, const struct http_deed *deed, const struct http_reply *reply)
{
	struct api *api = user;

	if (api->is_closing || api->is_stopped || is_replayed(reply))
		return false;
	write_down(api, deed, reply->status, 0);
	return reply->status < REFUSED_FROM && api_hold(api, deed->request);
}

struct http_witness api_audit_witness(struct api *api)
{
	return (struct http_witness){.user = api, .see = see};
}

void api_audit_sum_up(struct api *api, bool is_last)
{
	struct audit sum;

	if (!is_last && !audit_pace_is_due(&api->audit_pace, uv_now(api->loop)))
		return;
	while (audit_pace_end(&api->audit_pace, &sum))
		api->host.audit(api->host.user, &sum);
}

/* ---- read ---- */

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static bool add_row(void *user, const struct journal_audit *row)
{
	return api_page_add(
	    user,
	    json_pack("{s:I, s:o, s:b, s:s, s:o, s:o, s:s, s:o, s:s, s:o, s:o, s:i, s:o, s:I}",
		      "row", (json_int_t)row->row, "at", api_wall(row->wall), "wall_trusted",
		      row->wall_is_trusted, "who", row->who, "name", text_or_null(row->name), "uid",
		      row->uid < 0 ? json_null() : json_integer(row->uid), "transport",
		      row->transport, "address", text_or_null(row->address), "method", row->method,
		      "path", text_or_null(row->path), "what", text_or_null(row->what), "status",
		      row->status, "command",
		      row->command > 0 ? json_integer(row->command) : json_null(), "count",
		      (json_int_t)row->count));
}

/* By default the newest, however old. */
static int read_span(struct journal_span *span, const struct api *api,
		     const struct http_request *request, struct http_reply *reply)
{
	*span = (struct journal_span){
	    .to = {clock_wall(api->host.clock).ms + 1}, .limit = ROWS_USUAL, .newest_first = true};
	if (api_read_time(&span->to, http_argument(request, "to")) < 0 ||
	    api_read_time(&span->from, http_argument(request, "from")) < 0) {
		http_problem(reply, 400,
			     "\"from\" and \"to\" must be ISO 8601 times with a zone, or ms");
		return -EINVAL;
	}
	if (api_read_limit(&span->limit, http_argument(request, "limit"), ROWS_MAX) < 0) {
		http_problem(reply, 400, "\"limit\" must be within 1..10000");
		return -EINVAL;
	}
	return 0;
}

static void reply_page(const struct api_page *page, struct http_reply *reply)
{
	reply->body = api_page_assemble(page, "", &reply->body_length);
	if (!reply->body) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	reply->status = 200;
	reply->content_type = "application/json";
}

void api_get_audit(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	struct journal_reader *reader = NULL;
	struct journal_span span;
	struct api_page page;
	int rc;

	if (read_span(&span, api, request, reply) < 0)
		return;
	if (journal_reader_new(&reader, api->host.journal_path) < 0) {
		http_problem(reply, 503, "the journal cannot be read");
		return;
	}
	rc = api_page_init(&page, span.limit);
	if (rc == 0)
		rc = journal_read_audit(reader, span, add_row, &page);
	if (rc == 0)
		rc = page.error;
	if (rc == -ENOMEM)
		http_problem(reply, 500, "out of memory");
	else if (rc < 0)
		http_problem(reply, 500, journal_reader_error(reader));
	else
		reply_page(&page, reply);
	journal_reader_free(reader);
	api_page_deinit(&page);
}
