/* Files that the daemon reads, and where it keeps its own when nobody says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

/*
 * Reads `path`, at most `size` bytes. Returns 0 with the length in `len`, or a negative errno
 * with a sentence in `error` (-EFBIG where it is larger).
 */
int files_read(const char *path, void *out, size_t size, size_t *len,
	       struct text *error) MUST_CHECK;

/*
 * Where journal and socket lie without a configuration: under systemd what it
 * gives, for root /var/lib/amphora and /run/amphora, for others below their
 * home and XDG_RUNTIME_DIR.
 */
void files_default_places(struct house *house);

/*
 * Makes the directories of `path` that are missing (mode 0750), for `group` where it is not
 * NO_GROUP, and logs which; errors show on use.
 */
void files_make_directory_of(const char *path, gid_t group);

#define NO_GROUP ((gid_t)-1)

/*
 * Finds the group of that name; NO_GROUP for an empty one. Returns 0, or -ENOENT with a
 * sentence in `error`.
 */
int files_find_group(gid_t *out, const char *name, struct text *error) MUST_CHECK;

/* Lets `group` use the file, unless it is NO_GROUP. Returns 0, or a negative errno with a sentence.
 */
int files_give_to_group(const char *path, gid_t group, struct text *error) MUST_CHECK;

/* Whether the directory of `path` is there already. */
bool files_directory_is_there(const char *path);
