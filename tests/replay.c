/*
 * Feeds a fuzzer the seeds of its corpus without libFuzzer, in TAP: each seed
 * whole, and each beginning of it, as a message that was cut off. Each lies in
 * memory of just its size, so that a sanitizer sees the first byte read past
 * it. What breaks a rule aborts, and the seed's name is the last that was said.
 *
 *     NAME_replay DIRECTORY
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX (64 * 1024)
#define PATH_SIZE 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	if (exact == NULL)
		abort();
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

/* Returns whether the seed could be read whole. */
static bool replay(const char *path)
{
	static uint8_t seed[SEED_MAX + 1];
	FILE *file = fopen(path, "rb");
	size_t size = file != NULL ? fread(seed, 1, sizeof seed, file) : 0;
	bool is_whole = file != NULL && !ferror(file) && size <= SEED_MAX;

	if (file != NULL)
		fclose(file);
	for (size_t length = 0; is_whole && length <= size; length++)
		feed(seed, length);
	return is_whole;
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **seeds = NULL;
	int count = argc == 2 ? scandir(argv[1], &seeds, is_seed, alphasort) : -1;
	int failures = 0;

	printf("TAP version 13\n1..%d\n", count > 0 ? count : 1);
	if (count <= 0)
		printf("not ok 1 - there are seeds to replay\n");
	for (int i = 0; i < count; i++) {
		char path[PATH_SIZE];
		bool is_read;

		printf("# %s\n", seeds[i]->d_name);
		fflush(stdout);
		snprintf(path, sizeof path, "%s/%s", argv[1], seeds[i]->d_name);
		is_read = replay(path);
		failures += !is_read;
		printf("%s %d - %s\n", is_read ? "ok" : "not ok", i + 1, seeds[i]->d_name);
		free(seeds[i]);
	}
	free(seeds);
	return count <= 0 || failures > 0;
}
