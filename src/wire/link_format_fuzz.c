/* Any bytes as /.well-known/core. */
#include "wire/link_format.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char targets[4][LINK_TARGET_MAX];
	int count = links_find(targets, 4, LINK_TYPE_RELAY, data, size);

	for (int i = 0; i < count; i++) {
		if (targets[i][0] != '/' || strlen(targets[i]) >= LINK_TARGET_MAX)
			abort();
	}
	return 0;
}
