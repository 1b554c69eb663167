/* Copies of the core's state, cut into pieces and put together again. */
#include <errno.h>
#include <string.h>

#include "base/version.h"
#include "wire/trace_code.h"

/* FNV-1a of what a copy of the state depends on. */
uint64_t trace_layout(void)
{
	static const size_t sizes[] = {sizeof(struct site),          sizeof(struct battery_state),
				       sizeof(struct relay_state),   sizeof(struct settings),
				       sizeof(struct alert),         sizeof(struct decision),
				       offsetof(struct site, alerts)};
	static const uint16_t order = 1;
	uint64_t hash = UINT64_C(14695981039346656037) ^ *(const uint8_t *)&order;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		hash = (hash ^ sizes[i]) * UINT64_C(1099511628211);
	for (const char *at = AMPHORA_VERSION; *at != '\0'; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(1099511628211);
	return hash;
}

void trace_cut_piece(struct trace_piece *out, const struct site *site, uint32_t offset)
{
	const uint8_t *bytes = (const uint8_t *)site;
	size_t left = sizeof(*site) - offset;
	size_t kept = left < TRACE_PIECE_MAX ? left : TRACE_PIECE_MAX;
	size_t length = kept;

	while (length < left && bytes[offset + length] == 0)
		length++;
	while (kept > 0 && bytes[offset + kept - 1] == 0)
		kept--;
	*out = (struct trace_piece){.layout = trace_layout(),
				    .offset = offset,
				    .length = (uint32_t)length,
				    .kept = (uint16_t)kept};
	memcpy(out->bytes, bytes + offset, kept);
}

int trace_put_piece(struct site *site, const struct trace_piece *piece)
{
	uint8_t *bytes = (uint8_t *)site;

	if (piece->layout != trace_layout())
		return -ENOTSUP;
	if (piece->kept > piece->length || piece->offset > sizeof(*site) ||
	    piece->length > sizeof(*site) - piece->offset)
		return -EINVAL;
	memcpy(bytes + piece->offset, piece->bytes, piece->kept);
	memset(bytes + piece->offset + piece->kept, 0, piece->length - piece->kept);
	return piece->offset + piece->length == sizeof(*site);
}
