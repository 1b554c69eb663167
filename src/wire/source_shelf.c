/* The profiles that came with this program, by name. */
#include "wire/source_shelf.h"

#include <string.h>

#include "wire/source_read.h"

static const char *find(void *user, const char *name, size_t *length)
{
	(void)user;
	for (const struct source_profile_text *row = source_profile_texts; row->name != NULL;
	     row++) {
		if (strcmp(row->name, name) == 0) {
			*length = strlen(row->text);
			return row->text;
		}
	}
	return NULL;
}

static void list(void *user, struct text *out)
{
	(void)user;
	for (const struct source_profile_text *row = source_profile_texts; row->name != NULL; row++)
		text_add(out, "%s%s", row == source_profile_texts ? "" : ", ", row->name);
}

const struct source_shelf source_shelf_built_in = {.find = find, .list = list};
