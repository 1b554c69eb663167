#include "wire/source_pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define CHUNK_BYTES (16 * 1024)
#define SLOTS_FIRST 256 /* a power of 2 */

struct chunk {
	struct chunk *before;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct source_pool {
	struct chunk *last;
	size_t text_count, slot_count;
	const char **slots; /* texts by their hash, at most half of them used */
};

struct source_pool *source_pool_new(void)
{
	struct source_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->slot_count = SLOTS_FIRST;
	pool->slots = calloc(pool->slot_count, sizeof(*pool->slots));
	if (pool->slots != NULL)
		return pool;
	free(pool);
	return NULL;
}

void source_pool_free(struct source_pool *pool)
{
	while (pool != NULL && pool->last != NULL) {
		struct chunk *chunk = pool->last;

		pool->last = chunk->before;
		free(chunk);
	}
	if (pool != NULL)
		free(pool->slots);
	free(pool);
}

static struct chunk *chunk_for(struct source_pool *pool, size_t size)
{
	size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	struct chunk *chunk = pool->last;

	if (chunk != NULL && chunk->size - chunk->used >= size)
		return chunk;
	chunk = malloc(sizeof(*chunk) + room);
	if (chunk == NULL)
		return NULL;
	chunk->before = pool->last;
	chunk->used = 0;
	chunk->size = room;
	pool->last = chunk;
	return chunk;
}

static void *take(struct source_pool *pool, const void *bytes, size_t size, size_t alignment)
{
	struct chunk *chunk = chunk_for(pool, size + alignment);
	char *at;

	if (chunk == NULL)
		return NULL;
	chunk->used = (chunk->used + alignment - 1) / alignment * alignment;
	at = chunk->bytes + chunk->used;
	memcpy(at, bytes, size);
	chunk->used += size;
	return at;
}

void *source_pool_copy(struct source_pool *pool, const void *bytes, size_t size)
{
	return take(pool, bytes, size, alignof(max_align_t));
}

/* Where `text` is, or is to be. */
static const char **slot_of(const char **slots, size_t slot_count, const char *text)
{
	size_t slot = (size_t)hash_bytes(text, strlen(text)) & (slot_count - 1);

	while (slots[slot] != NULL && strcmp(slots[slot], text) != 0)
		slot = (slot + 1) & (slot_count - 1);
	return &slots[slot];
}

static int grow(struct source_pool *pool)
{
	size_t count = pool->slot_count * 2;
	const char **slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < pool->slot_count; i++) {
		if (pool->slots[i] != NULL)
			*slot_of(slots, count, pool->slots[i]) = pool->slots[i];
	}
	free(pool->slots);
	pool->slots = slots;
	pool->slot_count = count;
	return 0;
}

const char *source_pool_text(struct source_pool *pool, const char *text)
{
	const char **slot = slot_of(pool->slots, pool->slot_count, text);

	if (*slot != NULL)
		return *slot;
	if (pool->text_count >= pool->slot_count / 2) {
		if (grow(pool) != 0)
			return NULL;
		slot = slot_of(pool->slots, pool->slot_count, text);
	}
	*slot = take(pool, text, strlen(text) + 1, 1);
	pool->text_count += *slot != NULL;
	return *slot;
}
