/*
 * A profile put into a source: the keys that it leaves open get what the source
 * says, or their preset, then it is read as if it stood there.
 *
 *     keys:
 *       topic: {required: true, help: "…"}
 *       relay: {preset: 1}
 *       role: {preset: charger, one_of: [charger, inverter]}
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/source_read_parts.h"

static const char key_allowed[] =
    "a text of 1 to 255 bytes, without + # $ { } \" \\ and control characters";

/*
 * What may be put into topics, pointers and payloads without being more than a name there. A sign
 * may come first, as in an offset; as a wildcard the topic's own check refuses it.
 */
static bool is_key_text(const char *text)
{
	if (text == NULL || text[0] == '\0' || strlen(text) >= SOURCE_TOPIC_MAX)
		return false;
	text += text[0] == '+' && text[1] != '\0' && text[1] != '/';
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || strchr("+#${}\"\\", *text) != NULL)
			return false;
	}
	return true;
}

static const yaml_node_t *keys_of(struct source_profile *profile)
{
	const yaml_node_t *root = yaml_document_get_root_node(&profile->document);
	int pair = root != NULL && root->type == YAML_MAPPING_NODE
		       ? config_find_pair(&profile->document, root, "keys")
		       : -1;
	const yaml_node_t *keys =
	    pair >= 0 ? config_pair_value(&profile->document, root, (size_t)pair) : NULL;

	return keys != NULL && keys->type == YAML_MAPPING_NODE ? keys : NULL;
}

bool source_profile_has_key(struct source_profile *profile, const char *name)
{
	const yaml_node_t *keys = keys_of(profile);

	return keys != NULL && config_find_pair(&profile->document, keys, name) >= 0;
}

/* What the profile says of one of its keys, or NULL. */
static const yaml_node_t *about_key(struct source_profile *profile, const yaml_node_t *key,
				    const char *name)
{
	int pair =
	    key->type == YAML_MAPPING_NODE ? config_find_pair(&profile->document, key, name) : -1;

	return pair >= 0 ? config_pair_value(&profile->document, key, (size_t)pair) : NULL;
}

/* Whether `text` is one of the key's words, or any where there are none; else lists them. */
static bool is_one_of(struct source_profile *profile, const yaml_node_t *key, const char *text,
		      struct text *list)
{
	const yaml_node_t *words = about_key(profile, key, "one_of");
	size_t count;

	if (words == NULL || words->type != YAML_SEQUENCE_NODE)
		return true;
	count = (size_t)(words->data.sequence.items.top - words->data.sequence.items.start);
	for (size_t i = 0; i < count; i++) {
		const char *word = config_scalar(
		    config_node(&profile->document, words->data.sequence.items.start[i]));

		if (word != NULL && strcmp(word, text) == 0)
			return true;
		text_add(list, "%s%s", i > 0 ? ", " : "one of ", word != NULL ? word : "?");
	}
	return false;
}

static void keep_key(struct source_keys *keys, const char *name, const char *text)
{
	if (keys->count == SOURCE_KEYS_MAX || strlen(name) >= SOURCE_KEY_NAME_MAX)
		return;
	snprintf(keys->entries[keys->count].name, SOURCE_KEY_NAME_MAX, "%s", name);
	snprintf(keys->entries[keys->count++].text, SOURCE_TOPIC_MAX, "%s", text);
}

/* What the source gives one key; what is wrong is noted there. */
static void take_key(struct source_reader *reader, struct source_profile *profile,
		     const yaml_node_t *key, const char *name, const yaml_node_t *given,
		     const struct config_place *place, struct source_keys *keys)
{
	struct config_place at = config_place_key(place, name);
	const char *text = config_scalar(given);
	char words[CONFIG_ERROR_MAX / 4];
	struct text list = text_in(words, sizeof words);

	if (!is_key_text(text))
		source_not_allowed(reader, given, &at, key_allowed);
	else if (!is_one_of(profile, key, text, &list))
		source_not_allowed(reader, given, &at, words);
	else
		keep_key(keys, name, text);
}

/* Fills `keys` from the source's mapping and the profile's presets. */
static void take_keys(struct source_reader *reader, struct source_profile *profile,
		      const yaml_node_t *node, const struct config_place *place,
		      struct source_keys *keys)
{
	const yaml_node_t *open = keys_of(profile);

	for (size_t i = 0; open != NULL && i < config_pair_count(open); i++) {
		const char *name = config_pair_key(&profile->document, open, i);
		const yaml_node_t *key = config_pair_value(&profile->document, open, i);
		int pair = name != NULL ? config_find_pair(reader->document, node, name) : -1;
		const yaml_node_t *preset = about_key(profile, key, "preset");
		const yaml_node_t *help = about_key(profile, key, "help");

		if (pair >= 0)
			take_key(reader, profile, key, name,
				 config_pair_value(reader->document, node, (size_t)pair), place,
				 keys);
		else if (preset != NULL && config_scalar(preset) != NULL && name != NULL)
			keep_key(keys, name, config_scalar(preset));
		else if (about_key(profile, key, "required") != NULL && name != NULL)
			source_error(reader, node, place, "%s is missing%s%s", name,
				     help != NULL ? ": " : "",
				     help != NULL ? config_scalar(help) : "");
	}
}

/* What may be said of a key. */
static void check_about(struct source_reader *within, struct source_profile *profile)
{
	static const char *const allowed[] = {"required", "preset", "one_of", "help", "offer"};
	const yaml_node_t *open = keys_of(profile);

	for (size_t i = 0; open != NULL && i < config_pair_count(open); i++) {
		const yaml_node_t *key = config_pair_value(&profile->document, open, i);
		const char *name = config_pair_key(&profile->document, open, i);
		struct config_place top = {"keys"}, place = config_place_key(&top, name ? name : "?");

		for (size_t a = 0; key->type == YAML_MAPPING_NODE && a < config_pair_count(key); a++) {
			const char *about = config_pair_key(&profile->document, key, a);
			bool is_allowed = false;

			for (size_t w = 0; w < ARRAY_LENGTH(allowed); w++)
				is_allowed = is_allowed || (about && strcmp(about, allowed[w]) == 0);
			if (!is_allowed)
				source_error(within, key, &place,
					     "%s is none of required, preset, one_of, help, offer",
					     about ? about : "what is there");
		}
	}
}

static bool is_of_profiles(struct source_reader *reader, const char *name)
{
	(void)reader;
	return strcmp(name, "about") == 0 || strcmp(name, "keys") == 0;
}

void source_read_profile(struct source_reader *reader, struct source_profile *profile,
			 const yaml_node_t *node, const struct config_place *place,
			 struct source_keys *keys)
{
	const yaml_node_t *root = yaml_document_get_root_node(&profile->document);
	struct config_place top = {""};
	struct source_reader within = *reader;
	size_t errors = reader->errors->count;

	within.document = &profile->document;
	within.profile = profile->place;
	within.line = config_line(node);
	within.named_at = *place;
	within.keys = keys;
	check_about(&within, profile);
	take_keys(reader, profile, node, place, keys);
	if (reader->errors->count > errors || root == NULL)
		return;
	source_read_common(&within, root, &top, is_of_profiles);
	reader->is_without_memory |= within.is_without_memory;
}
