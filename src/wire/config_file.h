/*
 * A YAML file as nodes with their lines, read within bounds, and the list of
 * what is wrong with it. Internal to wire/config*.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "base/result.h"
#include "base/text.h"
#include "wire/config.h"

#define CONFIG_NODES_MAX 150000
#define CONFIG_MAPPING_KEYS_MAX 128
#define CONFIG_ERROR_MAX 1024
#define CONFIG_PATH_MAX 192

struct config_error {
	int line;
	char text[CONFIG_ERROR_MAX];
};

struct config_errors {
	size_t count; /* all there were; only the first CONFIG_ERRORS_MAX are kept */
	struct config_error kept[CONFIG_ERRORS_MAX];
	struct config_error surplus; /* where the others go */
};

/* Begins an error on `line` about the key `path`; what is wrong is added to what is returned. */
struct text config_error_begin(struct config_errors *errors, int line, const char *path);

/* The same in one call. */
void config_error(struct config_errors *errors, int line, const char *path, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Writes the errors in the order of the file, one a line. */
void config_errors_write(struct config_errors *errors, const char *file_name, struct text *out);

/*
 * Loads `bytes` as one YAML document without aliases, tags or depth. Returns 0
 * with `out` for yaml_document_delete(), -EINVAL with an error noted, or -ENOMEM.
 */
int config_file_load(yaml_document_t *out, const void *bytes, size_t len,
		     struct config_errors *errors) MUST_CHECK;

static inline int config_line(const yaml_node_t *node)
{
	return (int)node->start_mark.line + 1;
}

/* Whether `node` is nothing, as `key:` and `key: ~` are. */
bool config_is_nothing(const yaml_node_t *node);

/* The text of a scalar without NUL in it, borrowed; otherwise NULL. */
const char *config_scalar(const yaml_node_t *node);

/* Where in the file something stands, in words: `batteries[0].sensor`. */
struct config_place {
	char text[CONFIG_PATH_MAX];
};

struct config_place config_place_key(const struct config_place *parent, const char *key);
struct config_place config_place_entry(const struct config_place *parent, size_t index);

/* The pairs of a mapping: their keys (NULL where it is no plain word), values and lines. */
const yaml_node_t *config_node(yaml_document_t *document, int index);
size_t config_pair_count(const yaml_node_t *mapping);
const char *config_pair_key(yaml_document_t *document, const yaml_node_t *mapping, size_t index);
const yaml_node_t *config_pair_value(yaml_document_t *document, const yaml_node_t *mapping,
				     size_t index);
int config_pair_line(yaml_document_t *document, const yaml_node_t *mapping, size_t index);

/* The first pair with that key, or -1. */
int config_find_pair(yaml_document_t *document, const yaml_node_t *mapping, const char *name);
