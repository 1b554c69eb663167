/* Our certificate and its key, for browsers. */
#pragma once

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

#define WEB_FILE_MAX (64 * 1024)

/* PEM text; NULL where none is configured. */
struct web_files {
	char *certificate, *key;
};

/*
 * Reads the files that `config` names. Returns 0, or a negative errno with a
 * sentence in `error`: a file that cannot be read or holds nothing of its kind,
 * a key that others may read, or one that does not belong to the certificate;
 * nothing is held then. Blocks while the files do. To be freed with web_files_free().
 */
int web_files_read(struct web_files *out, const struct web_config *config,
		   struct text *error) MUST_CHECK;

/* Wipes the key. */
void web_files_free(struct web_files *files);
