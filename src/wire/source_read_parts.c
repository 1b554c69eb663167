/* The small steps of reading sources: scalars with keys put in, mappings by tables, errors. */
#include "wire/source_read_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/json_glance.h"
#include "wire/nearest.h"
#include "wire/topic.h"

void source_error(struct source_reader *reader, const yaml_node_t *node,
		  const struct config_place *place, const char *format, ...)
{
	char words[CONFIG_ERROR_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	if (reader->profile == NULL)
		config_error(reader->errors, config_line(node), place->text, "%s", words);
	else
		config_error(reader->errors, reader->line, reader->named_at.text,
			     "profile %s, line %d, %s: %s", reader->profile, config_line(node),
			     place->text, words);
}

void source_not_allowed(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const char *allowed)
{
	const char *value = config_scalar(node);

	if (config_is_nothing(node))
		source_error(reader, node, place, "is empty: %s", allowed);
	else if (value != NULL)
		source_error(reader, node, place, "\"%.40s\" is not allowed: %s", value, allowed);
	else
		source_error(reader, node, place, "%s is not allowed: %s",
			     node->type == YAML_SEQUENCE_NODE  ? "a list"
			     : node->type == YAML_MAPPING_NODE ? "a mapping"
							       : "a NUL character",
			     allowed);
}

/* ---- mappings ---- */

static bool is_key(const struct source_key *keys, size_t key_count, const char *name)
{
	for (size_t i = 0; i < key_count; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return true;
	}
	return false;
}

static void note_unknown(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, const char *name,
			 const struct source_key *keys, size_t key_count)
{
	struct nearest nearest = nearest_to(name);
	char words[CONFIG_ERROR_MAX / 2];
	struct text list = text_in(words, sizeof words);

	for (size_t i = 0; i < key_count; i++) {
		nearest_offer(&nearest, keys[i].name);
		text_add(&list, "%s%s", i > 0 ? ", " : "", keys[i].name);
	}
	if (nearest.best != NULL)
		source_error(reader, node, place, "no such key; did you mean %s?", nearest.best);
	else
		source_error(reader, node, place, "no such key; allowed are %s", words);
}

/* Whether each key of the mapping is one that is known, and is there once. */
static void check_keys(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, const struct source_key *keys,
		       size_t key_count, bool (*is_other)(struct source_reader *, const char *))
{
	for (size_t i = 0; i < config_pair_count(node); i++) {
		const char *name = config_pair_key(reader->document, node, i);
		const yaml_node_t *key =
		    config_node(reader->document, node->data.mapping.pairs.start[i].key);
		struct config_place at;

		if (name == NULL) {
			source_error(reader, key, place, "a key must be a plain word");
			continue;
		}
		at = config_place_key(place, name);
		if ((size_t)config_find_pair(reader->document, node, name) != i)
			source_error(reader, key, &at, "is there twice");
		else if (!is_key(keys, key_count, name) &&
			 (is_other == NULL || !is_other(reader, name)))
			note_unknown(reader, key, &at, name, keys, key_count);
	}
}

void source_read_mapping(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, const struct source_key *keys,
			 size_t key_count, bool (*is_other)(struct source_reader *, const char *),
			 void *target)
{
	if (node->type != YAML_MAPPING_NODE) {
		source_not_allowed(reader, node, place, "a mapping (name: value)");
		return;
	}
	if (config_pair_count(node) > CONFIG_MAPPING_KEYS_MAX) {
		source_error(reader, node, place, "has too many keys: at most %d are allowed",
			     CONFIG_MAPPING_KEYS_MAX);
		return;
	}
	check_keys(reader, node, place, keys, key_count, is_other);
	for (size_t i = 0; i < key_count; i++) {
		int pair = config_find_pair(reader->document, node, keys[i].name);
		struct config_place at = config_place_key(place, keys[i].name);

		if (pair >= 0 && keys[i].read != NULL)
			keys[i].read(reader,
				     config_pair_value(reader->document, node, (size_t)pair), &at,
				     target);
	}
}

void source_read_each(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, source_key_reader *read, void *target)
{
	size_t count;

	if (node->type != YAML_SEQUENCE_NODE) {
		read(reader, node, place, target);
		return;
	}
	count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	for (size_t i = 0; i < count; i++) {
		struct config_place at = config_place_entry(place, i);

		read(reader, config_node(reader->document, node->data.sequence.items.start[i]), &at,
		     target);
	}
}

/* ---- keys put in ---- */

const char *source_key_text(const struct source_keys *keys, const char *name)
{
	for (size_t i = 0; keys != NULL && i < keys->count; i++) {
		if (strcmp(keys->entries[i].name, name) == 0)
			return keys->entries[i].text;
	}
	return NULL;
}

/* Adds what `${name}` at `at` stands for. Returns where the text goes on; NULL: left out. */
static const char *put_key(struct source_reader *reader, const char *at, struct text *out)
{
	const char *end = strchr(at, '}'), *text;
	char name[SOURCE_KEY_NAME_MAX];
	size_t length = end != NULL ? (size_t)(end - at - 2) : 0;

	if (end == NULL || length == 0 || length >= sizeof name)
		return NULL;
	memcpy(name, at + 2, length);
	name[length] = '\0';
	text = source_key_text(reader->keys, name);
	if (text == NULL) {
		reader->is_left_out = true;
		return NULL;
	}
	text_add(out, "%s", text);
	return end + 1;
}

/* Returns whether all fitted and each key has a value. */
static bool put_keys(struct source_reader *reader, const char *text, struct text *out)
{
	const char *next;

	while (reader->keys != NULL && (next = strstr(text, "${")) != NULL) {
		text_add_bytes(out, text, (size_t)(next - text));
		text = put_key(reader, next, out);
		if (text == NULL)
			return false;
	}
	text_add(out, "%s", text);
	return !out->is_cut;
}

const char *source_text(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const char *allowed)
{
	char filled[SOURCE_PAYLOAD_MAX];
	struct text text = text_in(filled, sizeof filled);
	const char *plain = config_scalar(node), *kept;
	bool was_left_out = reader->is_left_out;

	if (plain == NULL) {
		source_not_allowed(reader, node, place, allowed);
		return NULL;
	}
	reader->is_left_out = false;
	if (!put_keys(reader, plain, &text)) {
		if (!reader->is_left_out)
			source_not_allowed(reader, node, place, allowed);
		reader->is_left_out |= was_left_out;
		return NULL;
	}
	reader->is_left_out = was_left_out;
	kept = source_pool_text(reader->pool, filled);
	reader->is_without_memory |= kept == NULL;
	return kept;
}

bool source_read_number(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, double min, double max, double *out)
{
	char allowed[96];
	struct text words = text_in(allowed, sizeof allowed);
	const char *text;
	double number;

	text_add(&words, "a number from %g to %g", min, max);
	text = source_text(reader, node, place, allowed);
	if (text == NULL)
		return false;
	if (number_parse(&number, text, strlen(text)) != 0 || number < min || number > max) {
		source_not_allowed(reader, node, place, allowed);
		return false;
	}
	*out = number;
	return true;
}

int source_word(struct source_reader *reader, const yaml_node_t *node,
		const struct config_place *place, const char *const *words)
{
	char allowed[CONFIG_ERROR_MAX / 2];
	struct text list = text_in(allowed, sizeof allowed);
	const char *text;

	text_add(&list, "one of ");
	for (size_t i = 0; words[i] != NULL; i++)
		text_add(&list, "%s%s", i > 0 ? ", " : "", words[i]);
	text = source_text(reader, node, place, allowed);
	for (int i = 0; text != NULL && words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	if (text != NULL)
		source_not_allowed(reader, node, place, allowed);
	return -1;
}

const char *source_topic(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place)
{
	static const char allowed[] = "an MQTT topic of at most 255 bytes without + and #";
	const char *topic = source_text(reader, node, place, allowed);

	if (topic == NULL || topic_is_plain(topic))
		return topic;
	source_not_allowed(reader, node, place, allowed);
	return NULL;
}

const char *source_pointer(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place)
{
	static const char allowed[] =
	    "a JSON Pointer, such as /bms/soc, with ~1 for / and ~0 for ~";
	const char *pointer = source_text(reader, node, place, allowed);

	if (pointer == NULL || (pointer[0] == '/' && json_pointer_is_valid(pointer)))
		return pointer;
	source_not_allowed(reader, node, place, allowed);
	return NULL;
}

/* Whether the profile that is being read leaves a key of that name open. */
static bool is_key_of_profile(struct source_reader *reader, const char *name)
{
	const yaml_node_t *root = yaml_document_get_root_node(reader->document);
	int pair = config_find_pair(reader->document, root, "keys");
	const yaml_node_t *keys =
	    pair >= 0 ? config_pair_value(reader->document, root, (size_t)pair) : NULL;

	return keys != NULL && keys->type == YAML_MAPPING_NODE &&
	       config_find_pair(reader->document, keys, name) >= 0;
}

bool source_keys_agree(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place)
{
	if (node->type != YAML_MAPPING_NODE) {
		source_not_allowed(reader, node, place, "a mapping of keys to words");
		return false;
	}
	for (size_t i = 0; i < config_pair_count(node); i++) {
		const char *name = config_pair_key(reader->document, node, i);
		const char *wanted = config_scalar(config_pair_value(reader->document, node, i));
		const char *text = name != NULL ? source_key_text(reader->keys, name) : NULL;

		if (name != NULL && reader->profile != NULL && !is_key_of_profile(reader, name))
			source_error(reader, node, place, "%s is none of the profile's keys", name);
		if (wanted == NULL || text == NULL || strcmp(text, wanted) != 0)
			return false;
	}
	return true;
}

const struct source_map *source_keep_map(struct source_reader *reader,
					 const char *const (*pairs)[2], size_t count)
{
	union {
		struct source_map map;
		char room[sizeof(struct source_map) + SOURCE_WORDS_MAX * 2 * sizeof(char *)];
	} made = {.map.count = count};
	const struct source_map *kept;

	for (size_t i = 0; i < count; i++) {
		made.map.words[i].from = pairs[i][0];
		made.map.words[i].to = pairs[i][1];
	}
	kept = source_pool_copy(reader->pool, &made, sizeof made.map + count * 2 * sizeof(char *));
	reader->is_without_memory |= kept == NULL;
	return kept;
}
