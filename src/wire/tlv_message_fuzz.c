/* Any bytes as LwM2M's TLV and as the same resource's text; the first byte chooses the path. */
#include "wire/tlv_message.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct named_values *values)
{
	if (values->count > NAMED_VALUES_MAX)
		abort();
	for (size_t i = 0; i < values->count; i++) {
		const struct named_value *value = &values->values[i];

		if (value->name[0] != '/' || strlen(value->name) >= sizeof value->name ||
		    !isfinite(value->number) || value->has_time ||
		    named_values_find(values, value->name, 0) == NULL)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/3303/0/5700", "/3303/0", "/3303",
					    "/3411/0",      "/3/0/6",  "/3312/0/5850"};
	struct named_values values;
	const char *path;

	if (size == 0)
		return 0;
	path = paths[data[0] % ARRAY_LENGTH(paths)];
	if (tlv_message_read(&values, path, data + 1, size - 1) == REFUSAL_NONE)
		check(&values);
	if (tlv_text_read(&values, path, data + 1, size - 1) == REFUSAL_NONE)
		check(&values);
	return 0;
}
