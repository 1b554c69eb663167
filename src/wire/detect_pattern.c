#include "wire/detect_pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/config_file.h"
#include "wire/source_shelf.h"

#define LITERAL_MIN 3 /* bytes of a topic that are the profile's own: else anything would fit */
#define DETECT_OPEN_MAX 2 /* keys of one topic: what matching costs grows with each */

/* One profile while its topics are collected. */
struct collector {
	yaml_document_t document;
	const char *profile;
	struct detect_patterns *out;
};

/* --- collecting ------------------------------------------------------------ */

static const char *text_of(struct collector *collector, const yaml_node_t *about, const char *name)
{
	int pair = about->type == YAML_MAPPING_NODE
		       ? config_find_pair(&collector->document, about, name)
		       : -1;

	return pair < 0
		   ? NULL
		   : config_scalar(config_pair_value(&collector->document, about, (size_t)pair));
}

static void collect_keys(struct collector *collector, const yaml_node_t *keys)
{
	for (size_t i = 0; i < config_pair_count(keys); i++) {
		const char *name = config_pair_key(&collector->document, keys, i);
		const yaml_node_t *value = config_pair_value(&collector->document, keys, i);
		const char *preset = text_of(collector, value, "preset");
		const char *offer = text_of(collector, value, "offer");
		struct detect_about *about = &collector->out->keys[collector->out->key_count];
		struct text text;

		if (!name || strlen(name) >= DETECT_KEY_NAME_MAX ||
		    collector->out->key_count == DETECT_ABOUT_MAX)
			continue;
		collector->out->key_count++;
		about->profile = collector->profile;
		about->is_required = text_of(collector, value, "required") != NULL;
		text = text_in(about->name, sizeof(about->name));
		text_add(&text, "%s", name);
		text = text_in(about->preset, sizeof(about->preset));
		text_add(&text, "%s", preset ? preset : "");
		text = text_in(about->offer, sizeof(about->offer));
		text_add(&text, "%s", offer ? offer : "");
	}
}

const struct detect_about *detect_key_about(const struct detect_patterns *patterns,
					    const char *profile, const char *key)
{
	for (size_t i = 0; i < patterns->key_count; i++)
		if (strcmp(patterns->keys[i].profile, profile) == 0 &&
		    strcmp(patterns->keys[i].name, key) == 0)
			return &patterns->keys[i];
	return NULL;
}

bool detect_needs_key(const struct detect_patterns *patterns, const char *profile)
{
	for (size_t i = 0; i < patterns->key_count; i++)
		if (strcmp(patterns->keys[i].profile, profile) == 0 && patterns->keys[i].is_required)
			return true;
	return false;
}

const char *detect_key_text(const struct detect_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->entries[i].name, name) == 0)
			return keys->entries[i].text;
	return NULL;
}

/* `offer` with its one ${key} put in, if it has one; false where that does not fit or is not known. */
static bool put_own(char out[SOURCE_TOPIC_MAX], const char *offer, const struct detect_keys *own)
{
	struct text text = text_in(out, SOURCE_TOPIC_MAX);
	const char *begin = strstr(offer, "${"), *end = begin ? strchr(begin, '}') : NULL;
	char name[DETECT_KEY_NAME_MAX];
	struct text key = text_in(name, sizeof(name));
	const char *known;

	if (!end) {
		text_add(&text, "%s", offer);
		return !text.is_cut;
	}
	text_add_bytes(&key, begin + 2, (size_t)(end - begin) - 2);
	known = detect_key_text(own, name);
	text_add_bytes(&text, offer, (size_t)(begin - offer));
	text_add(&text, "%s%s", known ? known : "", end + 1);
	return known && !text.is_cut;
}

struct detect_keys detect_offers(const struct detect_patterns *patterns, const char *profile,
				 const struct detect_keys *own)
{
	struct detect_keys offers = {0};

	for (size_t i = 0; i < patterns->key_count && offers.count < DETECT_KEYS_MAX; i++) {
		const struct detect_about *about = &patterns->keys[i];
		struct detect_key *key = &offers.entries[offers.count];

		if (!about->offer[0] || strcmp(about->profile, profile) != 0 ||
		    !put_own(key->text, about->offer, own))
			continue;
		memcpy(key->name, about->name, sizeof(about->name));
		offers.count++;
	}
	return offers;
}

/* The preset of the key whose name is the `length` bytes at `name`, or NULL. */
static const char *preset_of(const struct collector *collector, const char *name, size_t length)
{
	char copy[DETECT_KEY_NAME_MAX] = "";
	const struct detect_about *about;

	if (length >= sizeof(copy))
		return NULL;
	memcpy(copy, name, length);
	about = detect_key_about(collector->out, collector->profile, copy);
	return about && about->preset[0] ? about->preset : NULL;
}

/* Copies `topic` with presets put in where `are_put_in`; returns how many there were. */
static int put_presets(const struct collector *collector, struct text *out, const char *topic,
		       bool are_put_in)
{
	int presets = 0;

	while (*topic) {
		const char *end = strncmp(topic, "${", 2) == 0 ? strchr(topic, '}') : NULL;
		const char *preset = end ? preset_of(collector, topic + 2, (size_t)(end - topic) - 2)
					 : NULL;

		presets += preset != NULL;
		if (preset && are_put_in)
			text_add(out, "%s", preset);
		else
			text_add_bytes(out, topic, end ? (size_t)(end - topic) + 1 : 1);
		topic = end ? end + 1 : topic + 1;
	}
	return presets;
}

/* Whether enough of the pattern is not left open, and nothing that is would hold another. */
static bool is_telling(const char *pattern)
{
	size_t literal = 0;
	int open = 0;

	while (*pattern) {
		if (strncmp(pattern, "${", 2) == 0) {
			pattern = strchr(pattern, '}') + 1;
			open++;
		} else {
			literal += *pattern != '/';
			pattern++;
		}
	}
	return literal >= LITERAL_MIN && open <= DETECT_OPEN_MAX;
}

static void keep(struct collector *collector, const char *pattern)
{
	struct detect_patterns *out = collector->out;
	struct text copy;

	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->entries[i].profile, collector->profile) == 0 &&
		    strcmp(out->entries[i].topic, pattern) == 0)
			return;
	if (out->count == DETECT_PATTERNS_MAX || !is_telling(pattern))
		return;
	out->entries[out->count].profile = collector->profile;
	copy = text_in(out->entries[out->count++].topic, SOURCE_TOPIC_MAX);
	text_add(&copy, "%s", pattern);
}

static void keep_topic(struct collector *collector, const char *topic)
{
	char pattern[SOURCE_TOPIC_MAX];
	struct text text = text_in(pattern, sizeof(pattern));
	int presets = put_presets(collector, &text, topic, true);

	if (!text.is_cut)
		keep(collector, pattern);
	text = text_in(pattern, sizeof(pattern));
	put_presets(collector, &text, topic, false);
	if (presets > 0 && !text.is_cut)
		keep(collector, pattern);
}

/* All topics below `node`, however deep (config_file_load() bounds that). */
static void collect(struct collector *collector, const yaml_node_t *node)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		for (const yaml_node_item_t *item = node->data.sequence.items.start;
		     item < node->data.sequence.items.top; item++)
			collect(collector, config_node(&collector->document, *item));
		return;
	}
	for (size_t i = 0; node->type == YAML_MAPPING_NODE && i < config_pair_count(node); i++) {
		const char *key = config_pair_key(&collector->document, node, i);
		const yaml_node_t *value = config_pair_value(&collector->document, node, i);

		if (key && strcmp(key, "topic") == 0 && config_scalar(value))
			keep_topic(collector, config_scalar(value));
		else
			collect(collector, value);
	}
}

static void collect_profile(struct collector *collector, struct config_errors *errors,
			    const struct source_profile_text *profile)
{
	const yaml_node_t *root;
	int pair;

	errors->count = 0;
	if (config_file_load(&collector->document, profile->text, strlen(profile->text), errors) != 0)
		return;
	collector->profile = profile->name;
	root = yaml_document_get_root_node(&collector->document);
	pair = config_find_pair(&collector->document, root, "keys");
	if (pair >= 0)
		collect_keys(collector,
			     config_pair_value(&collector->document, root, (size_t)pair));
	pair = config_find_pair(&collector->document, root, "read");
	if (pair >= 0)
		collect(collector, config_pair_value(&collector->document, root, (size_t)pair));
	yaml_document_delete(&collector->document);
}

void detect_patterns_read(struct detect_patterns *out)
{
	struct collector collector = {.out = out};
	struct config_errors *errors = calloc(1, sizeof(*errors));

	for (const struct source_profile_text *profile = source_profile_texts;
	     errors && profile->name; profile++)
		collect_profile(&collector, errors, profile);
	free(errors);
}

/* --- matching ---------------------------------------------------------------- */

static bool match_here(const char *pattern, const char *topic, struct detect_keys *keys);

/* The key at `pattern` takes as little as the rest allows. */
static bool match_key(const char *pattern, const char *topic, struct detect_keys *keys)
{
	const char *end = strchr(pattern, '}');
	size_t name = (size_t)(end - pattern) - 2, before = keys->count;
	struct detect_key *key = &keys->entries[before];

	if (before == DETECT_KEYS_MAX || name >= DETECT_KEY_NAME_MAX)
		return false;
	memcpy(key->name, pattern + 2, name);
	key->name[name] = '\0';
	for (size_t length = 1; length < SOURCE_TOPIC_MAX && topic[length - 1]; length++) {
		memcpy(key->text, topic, length);
		key->text[length] = '\0';
		keys->count = before + 1;
		if (match_here(end + 1, topic + length, keys))
			return true;
	}
	keys->count = before;
	return false;
}

static bool match_here(const char *pattern, const char *topic, struct detect_keys *keys)
{
	while (strncmp(pattern, "${", 2) != 0) {
		if (*pattern != *topic)
			return false;
		if (*pattern == '\0')
			return true;
		pattern++;
		topic++;
	}
	return match_key(pattern, topic, keys);
}

bool detect_pattern_match(const struct detect_pattern *pattern, const char *topic,
			  struct detect_keys *keys)
{
	keys->count = 0;
	return match_here(pattern->topic, topic, keys);
}
