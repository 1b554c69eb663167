/*
 * Sources from YAML: what a configuration says under `sources`, with the
 * profiles that it names.
 *
 * A profile is a source of the same grammar with keys left open, `${topic}`;
 * docs/devices.md has the grammar. Errors name file, line, key and what is
 * allowed, those within a profile too.
 */
#pragma once

#include "wire/config_file.h"
#include "wire/source.h"

/* Where profiles are found by name. */
struct source_shelf {
	void *user;

	/* The text of the profile `name`, `*length` bytes, borrowed; NULL where there is none. */
	const char *(*find)(void *user, const char *name, size_t *length);

	/* Adds the names that there are, for the words of an error. */
	void (*list)(void *user, struct text *out);

	/* The file that the profile `name` is in; NULL: none. May itself be NULL. */
	const char *(*place)(void *user, const char *name);
};

/* The profiles that came with this program. */
extern const struct source_shelf source_shelf_built_in;

/* The sources of a house; texts and rows are theirs. */
struct sources {
	size_t count;
	struct source *entries;
	int *lines; /* where each begins in the file */
	struct source_pool *pool;
};

/*
 * Reads `node`, a list of sources, of `document`. Errors go to `errors`; what was wrong is left
 * out. `place` says where the list stands. Returns 0 or -ENOMEM; `out` is for sources_free() in
 * both cases.
 */
int sources_read(struct sources *out, yaml_document_t *document, const yaml_node_t *node,
		 const struct config_place *place, const struct source_shelf *shelf,
		 struct config_errors *errors) MUST_CHECK;

/*
 * Reads `bytes` as a file whose only key is `sources`. As config_parse() otherwise: 0, -EINVAL with
 * `errors`, or -ENOMEM; writes `out` only on 0.
 */
int sources_parse(struct sources **out, const char *file_name, const void *bytes, size_t len,
		  const struct source_shelf *shelf, struct text *errors) MUST_CHECK;

/* Frees what is within, and `sources` itself where it came from sources_parse(). */
void sources_free(struct sources *sources);
void sources_deinit(struct sources *sources);

/* The index of the source `id`, or -1. */
int sources_find(const struct sources *sources, const char *id);
