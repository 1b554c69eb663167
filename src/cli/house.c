/* Reading the daemon's configuration: the file, into memory of its own for as long as it takes. */
#include "cli/house.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/config_files.h"
#include "cli/cli.h"
#include "wire/config.h"
#include "wire/source_read.h"

/* Too large for a stack. */
struct reading_place {
	char bytes[CONFIG_BYTES_MAX + 1];
	char words[CONFIG_ERRORS_TEXT_MAX];
};

static int read_into(struct house *out, struct sources *sources, struct reading_place *place,
		     const char *path)
{
	struct text errors = text_in(place->words, sizeof(place->words));
	FILE *file = fopen(path, "re");

	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return -EINVAL;
	}
	size_t length = fread(place->bytes, 1, sizeof(place->bytes), file);
	bool is_bad = ferror(file);
	fclose(file);
	if (is_bad) {
		complain("%s: cannot be read", path);
		return -EINVAL;
	}
	int result =
	    config_files_parse(out, sources, path, place->bytes, length, &errors);
	if (result != 0)
		fprintf(stderr, "%s", place->words);
	return result;
}

int house_read_with_sources(struct house *out, struct sources *sources, const char *path)
{
	struct reading_place *place = malloc(sizeof(*place));
	int result;

	if (!place) {
		complain("no memory to read %s", path);
		return -ENOMEM;
	}
	result = read_into(out, sources, place, path);
	free(place);
	return result;
}

int house_read(struct house *out, const char *path)
{
	struct sources sources;
	int result = house_read_with_sources(out, &sources, path);

	if (result == 0)
		sources_deinit(&sources);
	return result;
}
