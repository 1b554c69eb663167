/*
 * The relay node's memory, see relay_memory.h: one line, `switches 12 n 4294967303`,
 * written to a file beside it and renamed, so that a crash leaves the old or the
 * new one.
 */
#include "node/relay_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "model/relay.h"

int relay_memory_load(struct relay_memory *out, const char *path)
{
	FILE *file = fopen(path, "re");
	struct relay_memory memory = {0};
	char end;
	int found, result;

	if (!file && errno == ENOENT) {
		*out = memory;
		return 0;
	}
	if (!file)
		return -errno;
	found = fscanf(file, "switches %" SCNu32 " n %" SCNu64 "%c", &memory.switches,
		       &memory.number, &end);
	result = ferror(file) ? -errno : 0;
	fclose(file);
	if (result < 0)
		return result;
	if (found != 3 || end != '\n' || memory.number > COMMAND_NUMBER_MAX)
		return -EINVAL;
	*out = memory;
	return 0;
}

int relay_memory_save(const struct relay_memory *memory, const char *path)
{
	char beside[PATH_MAX];
	int len = snprintf(beside, sizeof(beside), "%s.new", path);
	FILE *file;

	if (len < 0 || (size_t)len >= sizeof(beside))
		return -ENAMETOOLONG;
	file = fopen(beside, "we");
	if (!file)
		return -errno;
	if (fprintf(file, "switches %" PRIu32 " n %" PRIu64 "\n", memory->switches,
		    memory->number) < 0) {
		fclose(file);
		return -EIO;
	}
	if (fclose(file) != 0)
		return -errno;
	return rename(beside, path) == 0 ? 0 : -errno;
}
