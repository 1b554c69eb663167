/*
 * Idempotency keys (draft-ietf-httpapi-idempotency-key-header): kept by key and caller for a day or
 * until there were too many others. What was refused was not done, and is not kept: it is judged
 * anew. Over a restart the journal keeps that it was done, not what was answered.
 */
#include "adapt/api_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define UNTIL_DIGITS 15
#define NO_NAME "-" /* no name of a user or token: ident.h */

static bool is_key(const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < length; i++)
		if (key[i] < '!' || key[i] > '~')
			return false;
	return length >= 1 && length <= API_ONCE_KEY_MAX;
}

static uint64_t hash_of(const struct http_request *request, const char *what)
{
	uint64_t parts[3] = {
	    hash_bytes(what, strlen(what)),
	    hash_bytes(request->segment, strlen(request->segment)),
	    hash_bytes(request->body ? request->body : "", request->body_length),
	};

	return hash_bytes(parts, sizeof(parts));
}

static bool is_same_caller(const struct http_caller *one, const struct http_caller *other)
{
	return one->kind == other->kind && strcmp(one->name.text, other->name.text) == 0;
}

static void forget(struct api_asked *asked)
{
	free(asked->reply.body);
	*asked = (struct api_asked){0};
}

static struct api_asked *find(struct api_once *once, const struct http_request *request,
			      const char *key, uint64_t now_ms)
{
	for (size_t i = 0; i < API_ONCE_MAX; i++) {
		struct api_asked *asked = &once->list[i];

		if (asked->number > 0 && now_ms >= asked->until_ms)
			forget(asked);
		if (asked->number > 0 && strcmp(asked->key, key) == 0 &&
		    is_same_caller(&asked->caller, &request->caller))
			return asked;
	}
	return NULL;
}

static void repeat(const struct api_asked *asked, struct http_reply *reply)
{
	*reply = asked->reply;
	reply->body = NULL;
	if (asked->reply.body) {
		reply->body = malloc(asked->reply.body_length + 1);
		if (!reply->body) {
			http_problem(reply, 500, "out of memory");
			return;
		}
		memcpy(reply->body, asked->reply.body, asked->reply.body_length);
	}
	http_reply_header(reply, API_REPLAYED, "true");
}

bool api_once_answers(struct api_once *once, const struct http_request *request, const char *what,
		      uint64_t now_ms, struct http_reply *reply)
{
	const char *key = http_header(request, "Idempotency-Key");
	const struct api_asked *asked;

	if (!key)
		return false;
	if (!is_key(key)) {
		http_problem_of(reply, 400, "malformed",
				"Idempotency-Key must be 1 to 64 visible characters");
		return true;
	}
	asked = find(once, request, key, now_ms);
	if (!asked)
		return false;
	if (asked->asked != hash_of(request, what))
		http_problem_of(reply, 409, "idempotency-conflict",
				"this Idempotency-Key was sent with something else before");
	else if (asked->is_of_before)
		http_problem_of(reply, 409, "idempotency-conflict",
				"what was sent with this Idempotency-Key was done before amphorad "
				"was started anew, and is not done twice: see what is");
	else if (!asked->is_answered)
		http_problem_of(reply, 409, "idempotency-conflict",
				"what was sent with this Idempotency-Key is still being stored");
	else
		repeat(asked, reply);
	return true;
}

uint64_t api_once_begin(struct api_once *once, const struct http_request *request, const char *what,
			uint64_t now_ms)
{
	const char *key = http_header(request, "Idempotency-Key");
	struct api_asked *oldest = &once->list[0];
	struct text text;

	if (!key || !is_key(key))
		return 0;
	for (size_t i = 1; i < API_ONCE_MAX; i++)
		if (once->list[i].number < oldest->number)
			oldest = &once->list[i];
	forget(oldest);
	*oldest = (struct api_asked){
	    .number = ++once->last,
	    .caller = request->caller,
	    .asked = hash_of(request, what),
	    .until_ms = now_ms + API_ONCE_KEPT_MS,
	};
	text = text_in(oldest->key, sizeof(oldest->key));
	text_add(&text, "%s", key);
	return oldest->number;
}

void api_once_end(struct api_once *once, uint64_t number, const struct http_reply *reply)
{
	for (size_t i = 0; i < API_ONCE_MAX && number > 0; i++) {
		struct api_asked *asked = &once->list[i];

		if (asked->number != number)
			continue;
		asked->reply = *reply;
		asked->reply.body = NULL;
		if (reply->body && (asked->reply.body = malloc(reply->body_length + 1)))
			memcpy(asked->reply.body, reply->body, reply->body_length);
		asked->is_answered = !reply->body || asked->reply.body;
	}
}

size_t api_once_write(const struct api_once *once, uint64_t number, int64_t wall_ms,
		      uint64_t now_ms, struct text *out)
{
	size_t place = 0;
	const struct api_asked *asked;

	while (place + 1 < API_ONCE_MAX && once->list[place].number != number)
		place++;
	asked = &once->list[place];
	text_add(out, "%0*lld %d %s %016llx %s", UNTIL_DIGITS,
		 (long long)(wall_ms + (int64_t)(asked->until_ms - now_ms)), (int)asked->caller.kind,
		 asked->caller.name.text[0] ? asked->caller.name.text : NO_NAME,
		 (unsigned long long)asked->asked, asked->key);
	return place;
}

void api_once_recall(struct api_once *once, size_t place, const char *text, int64_t wall_ms,
		     uint64_t now_ms)
{
	char name[IDENT_MAX + 1], key[API_ONCE_KEY_MAX + 1];
	long long until_ms;
	unsigned long long hash;
	int kind, end = 0;

	if (place >= API_ONCE_MAX ||
	    sscanf(text, "%lld %d %63s %16llx %64s%n", &until_ms, &kind, name, &hash, key, &end) !=
		5 ||
	    text[end] != '\0' || until_ms <= wall_ms || !is_key(key))
		return;
	forget(&once->list[place]);
	once->list[place] = (struct api_asked){
	    .number = ++once->last,
	    .caller.kind = (enum http_caller_kind)kind,
	    .asked = hash,
	    .until_ms = now_ms + (uint64_t)(until_ms - wall_ms < (int64_t)API_ONCE_KEPT_MS
						? until_ms - wall_ms
						: (int64_t)API_ONCE_KEPT_MS),
	    .is_of_before = true,
	};
	strcpy(once->list[place].key, key);
	if (strcmp(name, NO_NAME) != 0)
		strcpy(once->list[place].caller.name.text, name);
}

void api_once_deinit(struct api_once *once)
{
	for (size_t i = 0; i < API_ONCE_MAX; i++)
		forget(&once->list[i]);
}
