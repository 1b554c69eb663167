/* See samples.h; nothing is decided here. */
#include "samples.h"

#include <stdio.h>
#include <time.h>

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void samples_add(struct samples *samples, int64_t ns)
{
	if (samples->count < SAMPLES_MAX)
		samples->ns[samples->count++] = ns;
	else
		samples->missing++;
}

void samples_print(const struct samples *samples)
{
	printf("{\"missing\":%zu,\"ns\":[", samples->missing);
	for (size_t i = 0; i < samples->count; i++)
		printf("%s%lld", i > 0 ? "," : "", (long long)samples->ns[i]);
	printf("]}\n");
}
