/* Whose topic a message is on: which sources, at once, however many there are. */
#pragma once

#include "base/result.h"
#include "wire/source_read.h"

/* A topic and the sources that something of stands on it. */
struct source_topic {
	const char *topic; /* of the sources */
	size_t count;
	const uint16_t *sources; /* their indices, in order */
};

struct source_index;

/* Makes the index of `sources`, which must outlive it. Returns 0 or -ENOMEM. */
int source_index_new(struct source_index **out, const struct sources *sources) MUST_CHECK;
void source_index_free(struct source_index *index); /* NULL is fine */

/* NULL where no source is on `topic`. */
const struct source_topic *source_index_find(const struct source_index *index, const char *topic);

/* All topics, `*count` of them. */
const struct source_topic *source_index_topics(const struct source_index *index, size_t *count);
