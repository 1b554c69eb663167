/*
 * What was asked for with an Idempotency-Key is done once: whoever asks again with the same key
 * gets the same answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/http.h"
#include "base/text.h"

#define API_REPLAYED "Idempotency-Replayed" /* the header of what is answered again */
#define API_ONCE_MAX 128 /* keys that are remembered; the oldest gives way */
#define API_ONCE_KEY_MAX 64
#define API_ONCE_KEPT_MS (24 * 3600 * (uint64_t)1000)

struct api_once {
	struct api_asked {
		uint64_t number; /* 0: none */
		char key[API_ONCE_KEY_MAX + 1];
		struct http_caller caller;
		uint64_t asked; /* of what was asked for, a hash */
		uint64_t until_ms;
		bool is_answered;
		bool is_of_before; /* by an earlier start: its answer is not known any more */
		struct http_reply reply; /* its body is ours */
	} list[API_ONCE_MAX];
	uint64_t last;
};

/*
 * Whether `request`, of which `what` tells the kind, needs no more to be done: `reply` is what was
 * answered to it before, or says that its key is of another (409), is in the works (409), or is
 * none (400).
 */
bool api_once_answers(struct api_once *once, const struct http_request *request, const char *what,
		      uint64_t now_ms, struct http_reply *reply);

/* What was asked for is done, and an answer will follow. Returns its number; 0 without a key. */
uint64_t api_once_begin(struct api_once *once, const struct http_request *request, const char *what,
			uint64_t now_ms);

/*
 * Writes what is to be kept of it over a restart, in the same commit as what was done: until when
 * (`wall_ms` being now), whose it is, of what, and the key. Returns its place, below API_ONCE_MAX.
 */
size_t api_once_write(const struct api_once *once, uint64_t number, int64_t wall_ms,
		      uint64_t now_ms, struct text *out);

/* Takes that back at `place`, the oldest first; what is over, or not understood, is left out. */
void api_once_recall(struct api_once *once, size_t place, const char *text, int64_t wall_ms,
		     uint64_t now_ms);

/* That answer, of which a copy is kept. */
void api_once_end(struct api_once *once, uint64_t number, const struct http_reply *reply);

void api_once_deinit(struct api_once *once);
