/*
 * Profiles of one's own: which files a configuration names for them, before it is read. What is in
 * them is read as any profile, where a source names it (source_read.h). Pure.
 */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"
#include "wire/source_read.h"

struct profile_paths {
	size_t count;
	struct {
		char text[PATH_TEXT_MAX]; /* as it stands: a file or a directory */
		int line;
	} entries[PROFILE_PATHS_MAX];
};

/*
 * What `profiles` of the configuration `bytes` lists, as far as it can be read: what is wrong with
 * it config_parse() says. Allocates, and frees it.
 */
void profile_paths_find(struct profile_paths *out, const void *bytes, size_t len);

/*
 * Whether the file's name, without .yaml, may be a profile's: at most 31 small letters, digits and
 * hyphens, and none that is built in.
 */
bool profile_name_is_free(const char *name);

/* Whether `text` is a profile at all: YAML, and a mapping. 0, or -EINVAL with line and words. */
int profile_check(const char *text, size_t length, struct text *error) MUST_CHECK;

/* The configuration with these profiles beside those that are built in; as config_parse_with_sources(). */
int config_parse_with_shelf(struct house *out, struct sources *sources, const char *file_name,
			    const void *bytes, size_t len, const struct source_shelf *shelf,
			    struct text *errors) MUST_CHECK;
