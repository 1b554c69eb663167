#include "wire/profile_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/source_read_parts.h"

static const yaml_node_t *list_of(yaml_document_t *document)
{
	const yaml_node_t *root = yaml_document_get_root_node(document), *list;
	int pair = root && root->type == YAML_MAPPING_NODE
		       ? config_find_pair(document, root, "profiles")
		       : -1;

	if (pair < 0)
		return NULL;
	list = config_pair_value(document, root, (size_t)pair);
	return list->type == YAML_SEQUENCE_NODE ? list : NULL;
}

static void take_list(struct profile_paths *out, yaml_document_t *document)
{
	const yaml_node_t *list = list_of(document);
	size_t count =
	    list ? (size_t)(list->data.sequence.items.top - list->data.sequence.items.start) : 0;

	for (size_t i = 0; i < count && out->count < PROFILE_PATHS_MAX; i++) {
		const yaml_node_t *node = config_node(document, list->data.sequence.items.start[i]);
		const char *text = config_scalar(node);

		if (!text || text[0] == '\0' || strlen(text) >= PATH_TEXT_MAX)
			continue;
		memcpy(out->entries[out->count].text, text, strlen(text) + 1);
		out->entries[out->count++].line = config_line(node);
	}
}

void profile_paths_find(struct profile_paths *out, const void *bytes, size_t len)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	yaml_document_t document;

	out->count = 0;
	/* Most configurations have none, and some are large. */
	if (errors && memmem(bytes, len, "profiles", strlen("profiles")) &&
	    config_file_load(&document, bytes, len, errors) == 0) {
		take_list(out, &document);
		yaml_document_delete(&document);
	}
	free(errors);
}

bool profile_name_is_free(const char *name)
{
	size_t length = 0;

	return name[0] != '\0' && strlen(name) < SOURCE_KEY_NAME_MAX &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0' &&
	       !source_shelf_built_in.find(NULL, name, &length);
}

int profile_check(const char *text, size_t length, struct text *error)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	yaml_document_t document;
	const yaml_node_t *root;
	int result = errors ? config_file_load(&document, text, length, errors) : -ENOMEM;

	if (result == 0) {
		root = yaml_document_get_root_node(&document);
		if (!root || root->type != YAML_MAPPING_NODE) {
			text_add(error, "line 1: a profile is a mapping: docs/devices.md");
			result = -EINVAL;
		}
		yaml_document_delete(&document);
	} else if (result == -EINVAL) {
		text_add(error, "line %d: %s", errors->kept[0].line, errors->kept[0].text);
	}
	free(errors);
	return result;
}
