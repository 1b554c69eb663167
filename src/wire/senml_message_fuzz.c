/* Any bytes as SenML, in CBOR and in JSON. */
#include "wire/senml_message.h"

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

		if (value->name[0] == '\0' || strlen(value->name) >= sizeof value->name ||
		    strlen(value->unit) >= sizeof value->unit || !isfinite(value->number) ||
		    !isfinite(value->time_s) ||
		    named_values_find(values, value->name, 1.8e9) == NULL)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct named_values values;

	if (senml_cbor_read(&values, data, size) == REFUSAL_NONE)
		check(&values);
	if (senml_json_read(&values, data, size) == REFUSAL_NONE)
		check(&values);
	return 0;
}
