/* Walking YAML's mappings, and the words for where one stands. */
#include <string.h>

#include "wire/config_file.h"

struct config_place config_place_key(const struct config_place *parent, const char *key)
{
	struct config_place place;
	struct text text = text_in(place.text, sizeof place.text);

	text_add(&text, "%s%s%.64s", parent->text, parent->text[0] != '\0' ? "." : "", key);
	return place;
}

struct config_place config_place_entry(const struct config_place *parent, size_t index)
{
	struct config_place place;
	struct text text = text_in(place.text, sizeof place.text);

	text_add(&text, "%s[%zu]", parent->text, index);
	return place;
}

const yaml_node_t *config_node(yaml_document_t *document, int index)
{
	return yaml_document_get_node(document, index);
}

size_t config_pair_count(const yaml_node_t *mapping)
{
	return (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
}

const char *config_pair_key(yaml_document_t *document, const yaml_node_t *mapping, size_t index)
{
	return config_scalar(config_node(document, mapping->data.mapping.pairs.start[index].key));
}

const yaml_node_t *config_pair_value(yaml_document_t *document, const yaml_node_t *mapping,
				     size_t index)
{
	return config_node(document, mapping->data.mapping.pairs.start[index].value);
}

int config_pair_line(yaml_document_t *document, const yaml_node_t *mapping, size_t index)
{
	return config_line(config_node(document, mapping->data.mapping.pairs.start[index].key));
}

int config_find_pair(yaml_document_t *document, const yaml_node_t *mapping, const char *name)
{
	for (size_t i = 0; i < config_pair_count(mapping); i++) {
		const char *key = config_pair_key(document, mapping, i);

		if (key != NULL && strcmp(key, name) == 0)
			return (int)i;
	}
	return -1;
}
