#include "wire/source_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* That a source is on a topic. */
struct link {
	const char *topic;
	uint16_t source;
};

struct source_index {
	size_t link_count, topic_count;
	struct link *links;
	uint16_t *sources; /* of all topics, one after the other */
	struct source_topic *topics;
	size_t slot_count; /* a power of 2 */
	uint32_t *slots;   /* topics by their hash, from 1; 0: free */
};

static void add(struct source_index *index, const char *topic, size_t source)
{
	if (topic != NULL)
		index->links[index->link_count++] = (struct link){topic, (uint16_t)source};
}

static size_t links_of(const struct source *source)
{
	return source->row_count + source->available_count + 1;
}

/* Rows come in the order of their topics: one link for those of one topic. */
static void add_source(struct source_index *index, const struct source *source, size_t number)
{
	for (size_t i = 0; i < source->row_count; i++) {
		if (i == 0 || strcmp(source->rows[i].topic, source->rows[i - 1].topic) != 0)
			add(index, source->rows[i].topic, number);
	}
	for (size_t i = 0; i < source->available_count; i++)
		add(index, source->available[i].topic, number);
	if (source->time.is_set)
		add(index, source->time.topic, number);
}

static int compare(const void *a, const void *b)
{
	const struct link *left = a, *right = b;
	int order = strcmp(left->topic, right->topic);

	return order != 0 ? order : (int)left->source - (int)right->source;
}

static void group(struct source_index *index)
{
	size_t used = 0;

	for (size_t i = 0; i < index->link_count; i++) {
		const struct link *link = &index->links[i];
		bool is_new = i == 0 || strcmp(link->topic, link[-1].topic) != 0;

		if (is_new)
			index->topics[index->topic_count++] =
			    (struct source_topic){link->topic, 0, &index->sources[used]};
		else if (link->source == link[-1].source)
			continue;
		index->sources[used++] = link->source;
		index->topics[index->topic_count - 1].count++;
	}
}

static size_t slot_of(const struct source_index *index, const char *topic)
{
	size_t slot = (size_t)hash_bytes(topic, strlen(topic)) & (index->slot_count - 1);

	while (index->slots[slot] != 0 &&
	       strcmp(index->topics[index->slots[slot] - 1].topic, topic) != 0)
		slot = (slot + 1) & (index->slot_count - 1);
	return slot;
}

static int make_slots(struct source_index *index)
{
	index->slot_count = 16;
	while (index->slot_count < index->topic_count * 2)
		index->slot_count *= 2;
	index->slots = calloc(index->slot_count, sizeof(*index->slots));
	if (index->slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < index->topic_count; i++)
		index->slots[slot_of(index, index->topics[i].topic)] = (uint32_t)i + 1;
	return 0;
}

static int fill(struct source_index *index, const struct sources *sources)
{
	size_t room = 1;

	for (size_t i = 0; i < sources->count; i++)
		room += links_of(&sources->entries[i]);
	index->links = calloc(room, sizeof(*index->links));
	index->sources = calloc(room, sizeof(*index->sources));
	index->topics = calloc(room, sizeof(*index->topics));
	if (index->links == NULL || index->sources == NULL || index->topics == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sources->count; i++)
		add_source(index, &sources->entries[i], i);
	qsort(index->links, index->link_count, sizeof(*index->links), compare);
	group(index);
	free(index->links);
	index->links = NULL;
	return make_slots(index);
}

int source_index_new(struct source_index **out, const struct sources *sources)
{
	struct source_index *index = calloc(1, sizeof(*index));

	if (index == NULL || fill(index, sources) != 0) {
		source_index_free(index);
		return -ENOMEM;
	}
	*out = index;
	return 0;
}

void source_index_free(struct source_index *index)
{
	if (index == NULL)
		return;
	free(index->links);
	free(index->sources);
	free(index->topics);
	free(index->slots);
	free(index);
}

const struct source_topic *source_index_find(const struct source_index *index, const char *topic)
{
	size_t slot = slot_of(index, topic);

	return index->slots[slot] != 0 ? &index->topics[index->slots[slot] - 1] : NULL;
}

const struct source_topic *source_index_topics(const struct source_index *index, size_t *count)
{
	*count = index->topic_count;
	return index->topics;
}
