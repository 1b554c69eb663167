/*
 * What the core was given, as bytes: the journal's trace, from which every
 * decision can be made again.
 *
 * The trace is a row of entries. A start says with which house and settings the
 * core began; a step holds one event and the time at which it was given in. After
 * a gap, or far from a start, there is a start again, and a copy of the core's
 * state in pieces. Numbers are variable-length (LEB128, signed ones in zigzag),
 * so that a file made on one machine can be read on another; the pieces are not,
 * and say in `layout` for which programs they are. A step soon after the entry
 * before it says only how much later it was: a tick takes three bytes, a reading
 * some fifteen.
 *
 * What the core does not look at is left out: addresses, files, what a reading
 * was before it was rounded.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/event.h"
#include "model/house.h"
#include "model/site.h"

/* The most that one entry takes. */
#define TRACE_ENTRY_MAX 16384

enum trace_kind { TRACE_START = 1, TRACE_STEP, TRACE_PIECE };

/* With what the core began. */
struct trace_start {
	struct house house; /* batteries and relays, as far as the core looks at them */
	struct settings settings[BATTERIES_MAX];
	uint32_t next_decision_id, next_alert_id;
	struct ident version; /* of the program */
	bool has_copy;        /* the core goes on: its state follows in pieces */
	bool is_after_gap;    /* what it was given just before is not in the trace */
};

/* A part of a copy of `struct site`. */
#define TRACE_PIECE_MAX 4096
struct trace_piece {
	uint64_t layout; /* trace_layout() of who made it */
	uint32_t offset; /* of its first byte */
	uint32_t length; /* bytes that it stands for; what is behind `kept` of them is 0 */
	uint16_t kept;
	uint8_t bytes[TRACE_PIECE_MAX];
};

struct trace_entry {
	enum trace_kind kind;
	struct now now;
	union {
		struct event event;       /* TRACE_STEP */
		struct trace_start start; /* TRACE_START */
		struct trace_piece piece; /* TRACE_PIECE */
	};
};

/*
 * Each writes an entry to `to` and returns its length, or 0 where `size` is too
 * small (TRACE_ENTRY_MAX always suffices). `before` is the time of the entry that
 * stands before it in its row, NULL where it is the first.
 */
size_t trace_encode_step(uint8_t *to, size_t size, const struct now *now, const struct now *before,
			 const struct event *event);
size_t trace_encode_start(uint8_t *to, size_t size, const struct now *now,
			  const struct trace_start *start);
size_t trace_encode_piece(uint8_t *to, size_t size, const struct now *now,
			  const struct trace_piece *piece);

/*
 * Reads the entry that `from` begins with; `before` as above, and not within
 * `out`. Returns its length, or -EINVAL where
 * the bytes are no entry: then nothing in `out` means anything. What is read is
 * within the bounds of its types: enums are known ones, indices those of the
 * arrays, texts end.
 */
int trace_decode(struct trace_entry *out, const uint8_t *from, size_t size,
		 const struct now *before) MUST_CHECK;

/* The layout of `struct site` in this program: pieces of another cannot be used. */
uint64_t trace_layout(void);

/*
 * The piece of `site` from `offset` on, at most TRACE_PIECE_MAX bytes and then
 * the zeros that follow. Writes `out`; its `length` is 0 at the end of `site`.
 */
void trace_cut_piece(struct trace_piece *out, const struct site *site, uint32_t offset);

/*
 * Puts a piece back into `site`. Returns 1 when it was the last one, 0 when more
 * follow, -ENOTSUP where it is of another layout, -EINVAL where it cannot be one.
 */
int trace_put_piece(struct site *site, const struct trace_piece *piece) MUST_CHECK;
