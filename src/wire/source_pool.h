/*
 * The memory of sources: texts, each kept once, and what refers to them. Made
 * while a configuration is read, freed as a whole.
 */
#pragma once

#include <stddef.h>

#include "wire/source.h"

struct source_pool;

/* NULL without memory. */
struct source_pool *source_pool_new(void);
void source_pool_free(struct source_pool *pool); /* NULL is fine */

/* A copy of `text`, the same for equal texts; NULL without memory. */
const char *source_pool_text(struct source_pool *pool, const char *text);

/* `size` bytes, aligned, that hold a copy of `bytes`; NULL without memory. */
void *source_pool_copy(struct source_pool *pool, const void *bytes, size_t size);
