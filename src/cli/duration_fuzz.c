/* Feeds any text to what reads durations and moments. */
#include <string.h>

#include "cli/duration.h"

#define TEXT_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX + 1] = "";
	struct wall_time at;
	int64_t ms;

	memcpy(text, data, size < TEXT_MAX ? size : TEXT_MAX);
	if (duration_parse(&ms, text) == 0 && ms <= 0)
		__builtin_trap();
	if (moment_parse(&at, text, (struct wall_time){0}, NULL, NULL) < 0)
		return 0;
	return 0;
}
