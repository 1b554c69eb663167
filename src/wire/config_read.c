/*
 * From YAML nodes to struct house, key by key.
 *
 * A mapping is looked at twice: once in the file's order for keys that are
 * unknown or there twice, once in the table's order to read what is there and
 * miss what is not. Whether the values fit together is for config_check.c.
 */
#include "wire/config_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/config_value.h"
#include "wire/nearest.h"

/* ---- keys that do not belong ---- */

static void list_keys(const struct config_section *section, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < section->key_count; i++, comma = ", ")
		text_add(out, "%s%s", comma, section->keys[i].name);
	for (int id = 0; section->has_parameters && id < PARAMETER_COUNT; id++, comma = ", ")
		text_add(out, "%s%s", comma, parameter_get((enum parameter_id)id)->name);
}

/* Whether a parameter was meant: one without its unit, or where none belongs. Says so then. */
static bool note_parameter(struct text *error, const struct config_section *section,
			   const char *key)
{
	char words[CONFIG_ERROR_MAX];
	struct text alike = text_in(words, sizeof words);
	enum parameter_id id;

	if (!section->has_parameters && parameter_find(&id, key) != -ENOENT)
		text_add(error, "does not belong here, but under settings or in a battery");
	else if (parameter_write_alike(key, &alike) > 0)
		text_add(error, "no such key; did you mean %s?", words);
	else
		return false;
	return true;
}

static void note_unknown(struct config_reader *reader, int line, const struct config_place *place,
			 const struct config_section *section, const char *key)
{
	struct text error = config_error_begin(reader->errors, line, place->text);
	struct nearest nearest = nearest_to(key);

	for (size_t i = 0; i < section->key_count; i++)
		nearest_offer(&nearest, section->keys[i].name);
	for (int id = 0; section->has_parameters && id < PARAMETER_COUNT; id++)
		nearest_offer(&nearest, parameter_get((enum parameter_id)id)->name);
	if (note_parameter(&error, section, key))
		return;
	if (nearest.best != NULL) {
		text_add(&error, "no such key; did you mean %s?", nearest.best);
		return;
	}
	text_add(&error, "no such key; allowed are ");
	list_keys(section, &error);
}

static void check_key(struct config_reader *reader, const yaml_node_t *mapping, size_t index,
		      const struct config_place *place, const struct config_section *section)
{
	const char *key = config_pair_key(reader->document, mapping, index);
	int line = config_pair_line(reader->document, mapping, index), first;
	enum parameter_id id;
	struct config_place at;

	if (key == NULL) {
		config_error(reader->errors, line, place->text, "a key must be a plain word");
		return;
	}
	at = config_place_key(place, key);
	first = config_find_pair(reader->document, mapping, key);
	if ((size_t)first != index) {
		config_error(reader->errors, line, at.text, "is there twice, first on line %d",
			     config_pair_line(reader->document, mapping, (size_t)first));
		return;
	}
	if (config_key_find(section, key) != NULL)
		return;
	/* An ambiguous name of a parameter is told by read_parameter(). */
	if (!section->has_parameters || parameter_find(&id, key) == -ENOENT)
		note_unknown(reader, line, &at, section, key);
}

/* ---- values ---- */

static void note_not_allowed(struct config_reader *reader, const yaml_node_t *node,
			     const struct config_place *place, const struct config_key *key)
{
	const char *value = config_scalar(node);
	struct text error = config_error_begin(reader->errors, config_line(node), place->text);

	if (config_is_nothing(node))
		text_add(&error, "is empty: ");
	else if (value != NULL)
		text_add(&error, "\"%.40s\" is not allowed: ", value);
	else
		text_add(&error, "%s is not allowed: ",
			 node->type == YAML_SEQUENCE_NODE  ? "a list"
			 : node->type == YAML_MAPPING_NODE ? "a mapping"
							   : "a NUL character");
	config_key_allowed(key, &error);
	if (key->kind == KEY_TIME)
		text_add(&error, " (some YAML writers turn 10:00 into 600: quote it)");
}

static void read_scalar(struct config_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const struct config_key *key,
			void *target)
{
	const char *text = config_scalar(node);

	if (text == NULL || config_is_nothing(node) ||
	    config_value_store(target, key, text, reader->house) != 0)
		note_not_allowed(reader, node, place, key);
}

/* The entries of a list, `*count` of them, `key->max` at most; false where it is none. */
static bool list_entries(struct config_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, const struct config_key *key,
			 size_t *count)
{
	*count = 0;
	if (config_is_nothing(node))
		return true;
	if (node->type != YAML_SEQUENCE_NODE) {
		note_not_allowed(reader, node, place, key);
		return false;
	}
	*count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (*count <= (size_t)key->max)
		return true;
	config_error(reader->errors, config_line(node), place->text,
		     "%zu entries are too many: at most %d are allowed", *count, (int)key->max);
	return false;
}

/* A list of single values: names, hosts or paths. */
static void read_values(struct config_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const struct config_key *key,
			void *target)
{
	static const struct config_key name = {.kind = KEY_NAME, .size = sizeof(struct ident)};
	static const struct config_key host = {
	    .kind = KEY_HOST, .size = sizeof(struct host_text), .min = 1, .max = HOST_TEXT_MAX - 1};
	static const struct config_key path = {
	    .kind = KEY_TEXT, .size = sizeof(struct path_text), .min = 1, .max = PATH_TEXT_MAX - 1};
	const struct config_key *value = key->kind == KEY_HOSTS	  ? &host
					 : key->kind == KEY_PATHS ? &path
								  : &name;
	char *values = (char *)target + key->offset;
	size_t count;

	if (!list_entries(reader, node, place, key, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct config_place at = config_place_entry(place, i);

		read_scalar(reader,
			    config_node(reader->document, node->data.sequence.items.start[i]), &at,
			    value, values + i * value->size);
	}
	*(size_t *)((char *)target + key->count_offset) = count;
}

static void read_section(struct config_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, const struct config_section *section,
			 void *target);

/* Where the lines of a list's entries are kept for config_check.c, or NULL. */
static int *lines_of(struct config_reader *reader, const void *entries)
{
	if (entries == reader->house->batteries)
		return reader->battery_lines;
	if (entries == reader->house->outlets)
		return reader->outlet_lines;
	if (entries == reader->house->home_assistant.takes)
		return reader->take_lines;
	return entries == reader->house->relays ? reader->relay_lines : NULL;
}

static void read_list(struct config_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, const struct config_key *key, void *target)
{
	char *entries = (char *)target + key->offset;
	int *lines = lines_of(reader, entries);
	size_t count;

	if (!list_entries(reader, node, place, key, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *item =
		    config_node(reader->document, node->data.sequence.items.start[i]);
		struct config_place at = config_place_entry(place, i);

		if (key->section->init != NULL)
			key->section->init(entries + i * key->size);
		if (lines != NULL)
			lines[i] = config_line(item);
		read_section(reader, item, &at, key->section, entries + i * key->size);
	}
	*(size_t *)((char *)target + key->count_offset) = count;
}

/* A number, or where it comes from. */
static void read_price(struct config_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, const struct config_key *key, void *target)
{
	struct price_config *price = (struct price_config *)((char *)target + key->offset);

	*(price == &reader->house->prices.buy ? &reader->buy_line : &reader->sell_line) =
	    config_line(node);
	if (node->type != YAML_MAPPING_NODE) {
		read_scalar(reader, node, place, key, target);
		return;
	}
	price->kind = PRICE_IS_FEED; /* until config_check_prices() has seen which */
	read_section(reader, node, place, key->section, price);
}

static void read_sources(struct config_reader *reader, const yaml_node_t *node,
			 const struct config_place *place)
{
	size_t errors = reader->errors->count;

	reader->is_without_memory |= sources_read(reader->sources, reader->document, node, place,
						  reader->shelf, reader->errors) != 0;
	reader->sources_are_wrong = reader->errors->count > errors;
}

static void read_key(struct config_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, const struct config_key *key, void *target)
{
	switch (key->kind) {
	case KEY_MAPPING:
		read_section(reader, node, place, key->section, (char *)target + key->offset);
		break;
	case KEY_LIST:
		read_list(reader, node, place, key, target);
		break;
	case KEY_SOURCES:
		read_sources(reader, node, place);
		break;
	case KEY_NAMES:
	case KEY_HOSTS:
	case KEY_PATHS:
		read_values(reader, node, place, key, target);
		break;
	case KEY_PRICE:
		read_price(reader, node, place, key, target);
		break;
	default:
		read_scalar(reader, node, place, key, target);
		break;
	}
}

/* ---- parameters ---- */

static bool read_windows(struct config_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, struct schedule *schedule)
{
	const struct config_key list = {.kind = KEY_LIST, .max = SCHEDULE_WINDOWS_MAX};
	size_t count;

	if (!list_entries(reader, node, place, &list, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct config_place at = config_place_entry(place, i);

		read_section(reader,
			     config_node(reader->document, node->data.sequence.items.start[i]), &at,
			     &config_window, &schedule->windows[i]);
	}
	schedule->count = (uint8_t)count;
	return true;
}

/* `parent` is the place of the mapping: what parameter_parse() says begins with the name. */
static bool read_parameter_text(struct config_reader *reader, const yaml_node_t *node,
				const struct config_place *parent, enum parameter_id id,
				struct parameter_value *value)
{
	const char *text = config_scalar(node), *name = parameter_get(id)->name;
	const char *dot = parent->text[0] != '\0' ? "." : "";
	char words[CONFIG_ERROR_MAX];
	struct text error = text_in(words, sizeof words);

	if (text == NULL || config_is_nothing(node)) {
		config_error(reader->errors, config_line(node), "", "%s%s%s: %s", parent->text, dot,
			     name, text == NULL ? "must be a single value" : "is empty");
		return false;
	}
	if (parameter_parse(value, id, text, &error) == 0)
		return true;
	config_error(reader->errors, config_line(node), "", "%s%s%s", parent->text, dot, words);
	return false;
}

static void read_parameter(struct config_reader *reader, const yaml_node_t *mapping, size_t index,
			   const struct config_place *place, struct parameter_layer *layer)
{
	const char *key = config_pair_key(reader->document, mapping, index);
	const yaml_node_t *node = config_pair_value(reader->document, mapping, index);
	struct config_place at = config_place_key(place, key);
	enum parameter_id id;
	int found = parameter_find(&id, key);

	if (found == -EEXIST) {
		struct text error = config_error_begin(
		    reader->errors, config_pair_line(reader->document, mapping, index), at.text);

		text_add(&error, "could be several: ");
		parameter_write_alike(key, &error);
	}
	if (found != 0)
		return;
	if (layer->is_set[id]) {
		/* `reserve` beside `reserve_pct`; the same word twice has been told. */
		if (config_find_pair(reader->document, mapping, key) == (int)index)
			config_error(reader->errors,
				     config_pair_line(reader->document, mapping, index), at.text,
				     "is there twice: it is %s", parameter_get(id)->name);
		return;
	}
	if (parameter_get(id)->kind == KIND_SCHEDULE && node->type == YAML_SEQUENCE_NODE)
		layer->is_set[id] = read_windows(reader, node, &at, &layer->value[id].schedule);
	else
		layer->is_set[id] = read_parameter_text(reader, node, place, id, &layer->value[id]);
}

static void read_parameters(struct config_reader *reader, const yaml_node_t *mapping,
			    const struct config_place *place, const struct config_section *section,
			    void *target)
{
	struct parameter_layer *layer =
	    (struct parameter_layer *)((char *)target + section->layer_offset);

	for (size_t i = 0; i < config_pair_count(mapping); i++) {
		const char *key = config_pair_key(reader->document, mapping, i);

		if (key != NULL && config_key_find(section, key) == NULL)
			read_parameter(reader, mapping, i, place, layer);
	}
}

/* ---- mappings ---- */

static void read_keys(struct config_reader *reader, const yaml_node_t *mapping,
		      const struct config_place *place, const struct config_section *section,
		      void *target)
{
	for (size_t i = 0; i < section->key_count; i++) {
		const struct config_key *key = &section->keys[i];
		struct config_place at = config_place_key(place, key->name);
		int pair = config_find_pair(reader->document, mapping, key->name);

		if (pair >= 0) {
			read_key(reader, config_pair_value(reader->document, mapping, (size_t)pair),
				 &at, key, target);
		} else if (key->is_required) {
			struct text error =
			    config_error_begin(reader->errors, config_line(mapping), at.text);

			text_add(&error, "is missing: ");
			config_key_allowed(key, &error);
		}
	}
}

/* Keeps the line of what config_check.c speaks about. */
static void note_line(struct config_reader *reader, const yaml_node_t *node, const void *target)
{
	if (target == &reader->house->store.server)
		reader->server_line = config_line(node);
	else if (target == &reader->house->broker)
		reader->broker_line = config_line(node);
	else if (target == &reader->house->coap)
		reader->coap_line = config_line(node);
	else if (target == &reader->house->web)
		reader->web_line = config_line(node);
	else if (target == &reader->house->home_assistant)
		reader->home_line = config_line(node);
	else if (target == &reader->house->forecast.pv)
		reader->pv_line = config_line(node);
	else if (target == &reader->house->layer)
		reader->settings_line = config_line(node);
}

static void read_section(struct config_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, const struct config_section *section,
			 void *target)
{
	note_line(reader, node, target);
	if (config_is_nothing(node))
		return;
	if (node->type != YAML_MAPPING_NODE) {
		config_error(reader->errors, config_line(node), place->text,
			     "must be a mapping (name: value)");
		return;
	}
	if (config_pair_count(node) > CONFIG_MAPPING_KEYS_MAX) {
		config_error(reader->errors, config_line(node), place->text,
			     "has too many keys: at most %d are allowed", CONFIG_MAPPING_KEYS_MAX);
		return;
	}
	for (size_t i = 0; i < config_pair_count(node); i++)
		check_key(reader, node, i, place, section);
	if (section->has_presence)
		*(bool *)((char *)target + section->presence_offset) = true;
	read_keys(reader, node, place, section, target);
	if (section->has_parameters)
		read_parameters(reader, node, place, section, target);
}

void config_read(struct config_reader *reader)
{
	const yaml_node_t *root = yaml_document_get_root_node(reader->document);
	const struct config_place top = {""};

	if (root != NULL)
		read_section(reader, root, &top, &config_root, reader->house);
}
