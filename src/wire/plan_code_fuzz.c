/* A plan from whatever bytes; what is read is written and read again alike. */
#include <stdlib.h>

#include "wire/plan_code.h"

static struct planned plan, again;
static uint8_t first[PLAN_CODE_MAX], second[PLAN_CODE_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length, other;

	if (plan_decode(&plan, data, size) != 0)
		return 0;
	length = plan_encode(first, sizeof(first), &plan);
	if (length == 0 || plan_decode(&again, first, length) != 0)
		abort();
	other = plan_encode(second, sizeof(second), &again);
	if (other == 0)
		abort();
	return 0;
}
