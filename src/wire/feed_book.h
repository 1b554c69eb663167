/*
 * What others published, over a restart: a file beside the journal, so that a
 * daemon that starts without the internet knows the prices that it knew.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "wire/feed_message.h"

#define FEED_BOOK_SLOTS_MAX 900 /* the newest: nine days of quarters */
#define FEED_BOOK_BYTES_MAX (60 * 1024)

/* Writes the newest slots of `feed`, which came last at `good_s`, as read by `config`. */
void feed_book_write(struct text *out, const struct feed *feed, const struct feed_config *config,
		     int64_t good_s);

/*
 * Reads such a file into `news` and `good_s`. Returns 0, or -EINVAL where it is none or was written
 * with another configuration, whose values may mean something else; then `news` is of no use.
 */
int feed_book_read(struct feed_news *news, int64_t *good_s, const struct feed_config *config,
		   const void *bytes, size_t length) MUST_CHECK;
