/* The configuration with the files that it is read from besides: profiles of one's own. */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

struct sources;

#define OWN_PROFILES_MAX 64
#define OWN_PROFILE_BYTES_MAX (64 * 1024)

/*
 * As config_parse_with_sources() of wire/config.h, with the profiles that `profiles` names: each a
 * file NAME.yaml, or a directory of such. Those that do not begin with / lie beside `path`, the
 * configuration's own place. What cannot be read is an error as any other. Blocks on files.
 */
int config_files_parse(struct house *out, struct sources *sources, const char *path,
		       const void *bytes, size_t len, struct text *errors) MUST_CHECK;
