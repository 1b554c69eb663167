/* Whatever bytes a trace holds: an entry that is read is one that can be written and read again. */
#include <stdlib.h>

#include "wire/trace_code.h"

static const struct now before = {{14395942}, {INT64_C(1795595354720)}, true, 3600, 1};
static struct trace_entry entry, again;
static uint8_t bytes[2 * TRACE_ENTRY_MAX];

static size_t encode(const struct trace_entry *from)
{
	switch (from->kind) {
	case TRACE_STEP:
		return trace_encode_step(bytes, sizeof(bytes), &from->now, &before, &from->event);
	case TRACE_START:
		return trace_encode_start(bytes, sizeof(bytes), &from->now, &from->start);
	case TRACE_PIECE:
		return trace_encode_piece(bytes, sizeof(bytes), &from->now, &from->piece);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length;

	if (trace_decode(&entry, data, size, &before) < 0)
		return 0;
	length = encode(&entry);
	if (length == 0 || trace_decode(&again, bytes, length, &before) != (int)length)
		abort();
	return 0;
}
