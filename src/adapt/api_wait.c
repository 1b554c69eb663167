/*
 * Answers that wait for the disk.
 *
 * A change that a person asked for is done by the time that it comes here. It
 * decides when he is told: once the change is durable, so that what was
 * answered is still so after a restart, whatever ended the daemon. Off is
 * different: it has acted, and its answer says whether it is stored.
 */
#include <string.h>

#include "adapt/api_internal.h"

/* What every answer to a change has, late or not. */
static void finish(struct api *api, struct http_reply *reply, const struct api_change *change)
{
	if (change->command > 0)
		http_reply_header(reply, "Location", "%scommands/%u", change->is_of_part ? "../" : "",
				  (unsigned int)change->command);
	api_once_end(&api->once, change->once, reply);
}

static void reply_done(struct api *api, struct http_reply *reply, const struct api_change *change)
{
	if (change->settle)
		change->settle(api, change->body);
	if (change->status == 204)
		*reply = (struct http_reply){.status = change->status};
	else
		api_reply(reply, change->status, change->body);
	finish(api, reply, change);
}

/* What is not known to be stored: for off an answer like any other, else a problem. */
static void reply_unstored(struct api *api, struct http_reply *reply,
			   const struct api_change *change)
{
	char words[API_WORDS_MAX];
	struct text text = text_in(words, sizeof(words));
	const struct journal_status *journal = &api->host.status->journal;

	if (change->settle)
		change->settle(api, change->body);
	if (change->is_off) {
		json_object_set_new(change->body, "stored", json_false());
		api_reply(reply, change->status, change->body);
		finish(api, reply, change);
		return;
	}
	json_decref(change->body);
	text_add(&text,
		 "this is done, but not known to be stored: a restart of amphorad may undo it");
	if (!journal->is_ok)
		text_add(&text, " (%s)", journal->detail);
	http_problem_of(reply, 504, "not-known-to-be-stored", words);
	finish(api, reply, change);
}

static uint64_t patience_ms(const struct api_change *change)
{
	return change->is_off ? API_OFF_WAIT_MS : API_STORED_WAIT_MS;
}

static void keep_asked(struct api *api, uint64_t number)
{
	char buffer[RECORD_ASKED_MAX];
	struct text text = text_in(buffer, sizeof(buffer));
	size_t place = api_once_write(&api->once, number, clock_wall(api->host.clock).ms,
				      uv_now(api->loop), &text);

	api->host.keep_asked(api->host.user, place, buffer);
}

void api_reply_when_stored(struct api *api, const struct http_request *request,
			   struct http_reply *reply, const struct api_change *change)
{
	uint64_t commit;

	api_audit_done(api, request, change->status, change->command);
	if (change->once > 0)
		keep_asked(api, change->once);
	commit = api->host.store(api->host.user);
	if (commit <= api->durable) {
		reply_done(api, reply, change);
	} else if (api->is_closing || (change->is_off && !api->host.status->journal.is_ok)) {
		reply_unstored(api, reply, change);
	} else {
		/* Each holds a connection: there are no more of these than places. */
		api->waiting[api->waiting_count++] = (struct api_waiting){
		    .exchange = http_defer(request),
		    .change = *change,
		    .commit = commit,
		    .until_ms = uv_now(api->loop) + patience_ms(change),
		};
	}
}

bool api_hold(struct api *api, const struct http_request *request)
{
	uint64_t commit = api->host.store(api->host.user);

	if (commit <= api->durable || api->is_closing || !api->host.status->journal.is_ok)
		return false;
	/* Each holds a connection here, too. */
	api->waiting[api->waiting_count++] =
	    (struct api_waiting){.exchange = request->exchange,
				 .is_made = true,
				 .commit = commit,
				 .until_ms = uv_now(api->loop) + API_HOLD_MS};
	return true;
}

/* Answers one that waits, unless it has to wait on. Returns whether it was answered. */
static bool end_waiting(struct api *api, const struct api_waiting *waiting, uint64_t now_ms)
{
	bool is_stored = waiting->commit <= api->durable;
	struct http_reply reply = {0};

	if (!is_stored && now_ms < waiting->until_ms)
		return false;
	if (waiting->is_made) {
		http_release(waiting->exchange);
		return true;
	}
	if (is_stored)
		reply_done(api, &reply, &waiting->change);
	else
		reply_unstored(api, &reply, &waiting->change);
	http_answer(waiting->exchange, reply);
	return true;
}

void api_stored(struct api *api, uint64_t durable, uint64_t now_ms)
{
	struct api_waiting waiting[HTTP_CONNECTIONS_MAX];
	size_t count;

	if (!api)
		return;
	api->durable = durable;
	count = api->waiting_count;
	memcpy(waiting, api->waiting, count * sizeof(waiting[0]));
	api->waiting_count = 0;
	for (size_t i = 0; i < count; i++)
		if (!end_waiting(api, &waiting[i], now_ms))
			api->waiting[api->waiting_count++] = waiting[i];
	api_commands_look(api);
	if (!api->is_closing && !api->is_stopped)
		api_audit_sum_up(api, false);
}
