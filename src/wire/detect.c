#include "wire/detect.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/detect_home.h"
#include "wire/detect_pattern.h"
#include "wire/source_read.h"
#include "wire/topic.h"

#define SLOTS (DETECT_TOPICS_MAX * 2) /* of the table of topics */
#define SOURCE_TEXT_MAX 1536
#define OWN_PROFILE "amphora"
#define GENERIC_PROFILE "generic"
#define HEAD "sources:\n"
#define HOME_PREFIX "homeassistant"

struct heard {
	char *topic; /* NULL: free */
	unsigned char *payload;
	size_t length;
	bool is_retained;
	bool is_known; /* some device was found on it */
};

/* A device that may be there: a profile and what its keys stand for. */
struct candidate {
	const char *profile;
	struct detect_keys keys; /* required ones, and others that are not as preset */
	struct detect_keys chosen; /* of the device's own names, which is taken for what */
	size_t topic;              /* the first on which it was heard */
};

struct detect {
	struct detect_patterns patterns;
	size_t topic_count;
	uint64_t left_out;
	struct heard topics[DETECT_TOPICS_MAX]; /* in the order of their first message */
	uint16_t slots[SLOTS];                  /* index + 1 into `topics` */
	struct ha_book *home; /* what is announced to Home Assistant; NULL without memory */
	size_t candidate_count;
	struct candidate candidates[DETECT_DEVICES_MAX];
};

const char *detect_kind_name(enum detect_kind kind)
{
	static const char *const NAMES[] = {"battery", "relay", "meter", "other"};

	return NAMES[kind];
}

struct detect *detect_new(void)
{
	struct detect *detect = calloc(1, sizeof(*detect));

	if (detect) {
		detect_patterns_read(&detect->patterns);
		detect->home = ha_book_new(HOME_PREFIX, NULL, 0);
	}
	return detect;
}

void detect_free(struct detect *detect)
{
	for (size_t i = 0; detect && i < detect->topic_count; i++) {
		free(detect->topics[i].topic);
		free(detect->topics[i].payload);
	}
	if (detect)
		ha_book_free(detect->home);
	free(detect);
}

size_t detect_topic_count(const struct detect *detect)
{
	return detect->topic_count;
}

uint64_t detect_left_out(const struct detect *detect)
{
	return detect->left_out;
}

/* --- hearing ---------------------------------------------------------------- */

/* The slot of `topic`, or the free one where it would be. */
static uint16_t *slot_of(struct detect *detect, const char *topic)
{
	size_t at = hash_bytes(topic, strlen(topic)) % SLOTS;

	while (detect->slots[at] != 0 &&
	       strcmp(detect->topics[detect->slots[at] - 1].topic, topic) != 0)
		at = (at + 1) % SLOTS;
	return &detect->slots[at];
}

static void keep_payload(struct heard *heard, const void *payload, size_t length, bool is_retained)
{
	unsigned char *copy;

	if (length > DETECT_PAYLOAD_MAX)
		length = DETECT_PAYLOAD_MAX;
	copy = malloc(length + 1);
	if (!copy)
		return;
	if (length > 0)
		memcpy(copy, payload, length);
	copy[length] = '\0';
	free(heard->payload);
	heard->payload = copy;
	heard->length = length;
	heard->is_retained = is_retained;
}

void detect_hear(struct detect *detect, const char *topic, const void *payload, size_t length,
		 bool is_retained)
{
	uint16_t *slot = slot_of(detect, topic);
	struct heard *heard;
	bool is_announced;

	if (detect->home)
		(void)!ha_book_hear(detect->home, topic, payload, length, &is_announced);
	if (*slot != 0) {
		heard = &detect->topics[*slot - 1];
		if (!is_retained || heard->is_retained)
			keep_payload(heard, payload, length, is_retained);
		return;
	}
	if (detect->topic_count == DETECT_TOPICS_MAX || strlen(topic) >= SOURCE_TOPIC_MAX) {
		detect->left_out++;
		return;
	}
	heard = &detect->topics[detect->topic_count];
	heard->topic = strdup(topic);
	keep_payload(heard, payload, length, is_retained);
	if (!heard->topic || !heard->payload) {
		free(heard->topic);
		free(heard->payload);
		*heard = (struct heard){0};
		detect->left_out++;
		return;
	}
	*slot = (uint16_t)++detect->topic_count;
}

/* --- which devices may be there ------------------------------------------------ */

/* What somebody asks of a device says nothing of it. */
static bool is_command(const char *topic)
{
	static const char *const LAST[] = {"/set", "/get", "/command"};
	size_t length = strlen(topic);

	for (size_t i = 0; i < ARRAY_LENGTH(LAST); i++) {
		size_t last = strlen(LAST[i]);

		if (length > last && strcmp(topic + length - last, LAST[i]) == 0)
			return true;
	}
	return strncmp(topic, "cmnd/", 5) == 0;
}

/* What a device's own name for a value hints at. */
static bool name_fits(const char *key, const char *name)
{
	static const struct {
		const char *key, *part;
	} HINTS[] = {
	    {"soc_pct", "soc"},    {"soc_pct", "state_of_charge"}, {"soh_pct", "soh"},
	    {"temp_c", "temp"},    {"voltage_v", "volt"},          {"current_a", "current"},
	    {"power_w", "power"},  {"state", ""},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(HINTS); i++)
		if (strcmp(HINTS[i].key, key) == 0 && strcasestr(name, HINTS[i].part))
			return true;
	return false;
}

static const char *key_text(const struct detect_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->entries[i].name, name) == 0)
			return keys->entries[i].text;
	return NULL;
}

static void add_key(struct detect_keys *keys, const struct detect_key *key)
{
	if (keys->count < DETECT_KEYS_MAX && !key_text(keys, key->name))
		keys->entries[keys->count++] = *key;
}

static bool is_same(const struct candidate *candidate, const char *profile,
		    const struct detect_keys *keys)
{
	if (strcmp(candidate->profile, profile) != 0 || candidate->keys.count != keys->count)
		return false;
	for (size_t i = 0; i < keys->count; i++) {
		const char *text = key_text(&candidate->keys, keys->entries[i].name);

		if (!text || strcmp(text, keys->entries[i].text) != 0)
			return false;
	}
	return true;
}

static struct candidate *candidate_of(struct detect *detect, const char *profile,
				      const struct detect_keys *keys, size_t topic)
{
	struct candidate *candidate;

	for (size_t i = 0; i < detect->candidate_count; i++)
		if (is_same(&detect->candidates[i], profile, keys))
			return &detect->candidates[i];
	if (detect->candidate_count == DETECT_DEVICES_MAX)
		return NULL;
	candidate = &detect->candidates[detect->candidate_count++];
	*candidate = (struct candidate){.profile = profile, .keys = *keys, .topic = topic};
	return candidate;
}

/* Sorts what a topic gave into what names the device and what names a value of it. */
static void take_match(struct detect *detect, const struct detect_pattern *pattern,
		       const struct detect_keys *match, size_t topic)
{
	struct detect_keys own = {0}, values = {0};
	struct candidate *candidate;

	for (size_t i = 0; i < match->count; i++) {
		const struct detect_key *key = &match->entries[i];
		const struct detect_about *about =
		    detect_key_about(&detect->patterns, pattern->profile, key->name);

		if (!about || (about->preset[0] && strcmp(about->preset, key->text) == 0))
			continue;
		if (about->is_required || about->preset[0])
			add_key(&own, key);
		else if (name_fits(key->name, key->text))
			add_key(&values, key);
		else
			return;
	}
	if (own.count == 0 && detect_needs_key(&detect->patterns, pattern->profile))
		return;
	candidate = candidate_of(detect, pattern->profile, &own, topic);
	for (size_t i = 0; candidate && i < values.count; i++)
		add_key(&candidate->chosen, &values.entries[i]);
}

static void find_candidates(struct detect *detect)
{
	struct detect_keys match;

	detect->candidate_count = 0;
	for (size_t t = 0; t < detect->topic_count; t++) {
		detect->topics[t].is_known = false;
		if (is_command(detect->topics[t].topic))
			continue;
		for (size_t p = 0; p < detect->patterns.count; p++)
			if (detect_pattern_match(&detect->patterns.entries[p], detect->topics[t].topic,
						 &match))
				take_match(detect, &detect->patterns.entries[p], &match, t);
	}
}

/* --- whether they are, and what they tell ---------------------------------------- */

/* One device while it is looked at. */
struct look {
	struct detect *detect;
	struct detect_device device;
	double value[SOURCE_FIELD_COUNT];
	bool is_live;
	char id[IDENT_MAX + 1];
	size_t told_count;
	char told[DETECT_DEVICES_MAX][IDENT_MAX + 1]; /* ids */
	char source[SOURCE_TEXT_MAX], lines[SOURCE_TEXT_MAX + DETECT_LINES_MAX];
	void (*tell)(void *user, const struct detect_device *device);
	void *user;
};

/* Letters, digits, - and _; what else there is becomes -. */
static void make_id(char out[IDENT_MAX + 1], const char *from)
{
	size_t length = 0;

	for (; *from && length < 24; from++) {
		bool is_fit = isalnum((unsigned char)*from) || *from == '_';

		if (is_fit || (length > 0 && out[length - 1] != '-'))
			out[length++] = is_fit ? *from : '-';
	}
	while (length > 0 && out[length - 1] == '-')
		length--;
	out[length] = '\0';
}

static bool is_told(const struct look *look)
{
	for (size_t i = 0; i < look->told_count; i++)
		if (strcmp(look->told[i], look->id) == 0)
			return true;
	return false;
}

/* The id made of `from`, with a number behind it where a device has that already. */
static void choose_id(struct look *look, const char *from)
{
	size_t length;

	make_id(look->id, from);
	length = strlen(look->id);
	for (int number = 2; is_told(look) && number < DETECT_DEVICES_MAX; number++) {
		struct text id = text_in(look->id + length, sizeof(look->id) - length);

		text_add(&id, "-%d", number);
	}
}

static void add_keys(struct text *out, const struct detect_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		text_add(out, ", %s: \"%s\"", keys->entries[i].name, keys->entries[i].text);
}

static enum detect_kind kind_of(const struct source *source, uint64_t got)
{
	if (got & SOURCE_BIT(SOURCE_SOC))
		return DETECT_BATTERY;
	if ((got & SOURCE_BIT(SOURCE_STATE)) && source->write.on.topic)
		return DETECT_RELAY;
	if (got & (SOURCE_BIT(SOURCE_GRID) | SOURCE_BIT(SOURCE_PV) | SOURCE_BIT(SOURCE_LOAD)))
		return DETECT_METER;
	return DETECT_OTHER;
}

/* Takes all that was heard by `source`, as if it were live: what is retained shows who it is. */
static void take_all(struct look *look, const struct source *source)
{
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_state state;
	struct source_news news;
	struct source_now now = {.mono = {1}};

	source_state_init(&state, slots, source);
	look->device.got = 0;
	look->is_live = false;
	for (size_t t = 0; t < look->detect->topic_count; t++) {
		struct heard *heard = &look->detect->topics[t];
		struct source_message message = {
		    .topic = heard->topic, .payload = heard->payload, .length = heard->length};

		if (!source_has_topic(source, heard->topic))
			continue;
		source_take(&news, source, &state, &message, &now);
		if (news.got == 0)
			continue;
		look->device.got |= news.got;
		look->is_live = look->is_live || !heard->is_retained;
		heard->is_known = true;
		for (int field = 0; field < SOURCE_FIELD_COUNT; field++)
			if (news.got & SOURCE_BIT(field))
				look->value[field] = news.value[field];
	}
}

static void add_lines(struct look *look, const struct source *source)
{
	struct text lines = text_in(look->lines, sizeof(look->lines));
	bool is_own = strcmp(look->device.profile, OWN_PROFILE) == 0;

	look->device.source = is_own ? "" : look->source + strlen(HEAD);
	if (!is_own)
		text_add(&lines, "%s", look->source);
	if (look->device.kind == DETECT_BATTERY && is_own)
		text_add(&lines, "batteries:\n- {id: %s}\n", look->id);
	else if (look->device.kind == DETECT_BATTERY)
		text_add(&lines, "batteries:\n- {id: %s, sensor: {source: %s}}\n", look->id, look->id);
	else if (look->device.kind == DETECT_RELAY)
		text_add(&lines, "relays:\n- {id: %s, battery: b1, role: source, source: %s}\n",
			 look->id, look->id);
	look->device.opens_by_itself = source->write.lease == SOURCE_LEASE_DEVICE ||
				       source->write.lease == SOURCE_LEASE_REFRESH;
}

/* Reads look->source and takes all by it; tells of the device where that gave anything. */
static int look_at(struct look *look, const char *topic)
{
	char words[CONFIG_ERRORS_TEXT_MAX];
	struct text errors = text_in(words, sizeof(words));
	struct sources *sources = NULL;
	int result = sources_parse(&sources, "found", look->source, strlen(look->source),
				   &source_shelf_built_in, &errors);

	if (result != 0)
		return result == -ENOMEM ? result : 0;
	take_all(look, &sources->entries[0]);
	if (look->device.got != 0) {
		look->device.kind = kind_of(&sources->entries[0], look->device.got);
		look->device.topic = topic;
		look->device.id = look->id;
		look->device.value = look->value;
		look->device.is_only_retained = !look->is_live;
		look->device.lines = look->lines;
		add_lines(look, &sources->entries[0]);
		if (look->told_count < DETECT_DEVICES_MAX)
			memcpy(look->told[look->told_count++], look->id, sizeof(look->id));
		look->tell(look->user, &look->device);
	}
	sources_free(sources);
	return 0;
}

static int look_at_candidate(struct look *look, const struct candidate *candidate)
{
	struct text source = text_in(look->source, sizeof(look->source));

	choose_id(look, candidate->keys.count > 0 ? candidate->keys.entries[0].text
						  : candidate->profile);
	if (look->id[0] == '\0')
		choose_id(look, candidate->profile);
	text_add(&source, HEAD "- {id: %s, profile: %s", look->id, candidate->profile);
	add_keys(&source, &candidate->keys);
	add_keys(&source, &candidate->chosen);
	text_add(&source, "}\n");
	look->device.profile = candidate->profile;
	return source.is_cut ? 0 : look_at(look, look->detect->topics[candidate->topic].topic);
}

/* --- JSON that no profile knows -------------------------------------------------- */

static const char *member_like(const json_t *object, const char *const *names, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
		for (size_t i = 0; i < count; i++)
			if (strcasecmp(key, names[i]) == 0 && strlen(key) < 32 &&
			    (json_is_number(value) || json_is_string(value)))
				return key;
	return NULL;
}

/* Writes a source for one topic whose JSON has a state of charge; false where it has none. */
static bool write_generic(struct look *look, const struct heard *heard)
{
	static const char *const SOC[] = {"SoC", "state_of_charge", "stateOfCharge"};
	static const char *const TEMP[] = {"Temp", "temperature", "temp_c"};
	json_t *object = json_loadb((const char *)heard->payload, heard->length, 0, NULL);
	const char *soc = member_like(object, SOC, ARRAY_LENGTH(SOC));
	const char *temp = member_like(object, TEMP, ARRAY_LENGTH(TEMP));
	struct text source = text_in(look->source, sizeof(look->source));
	struct ident node;

	if (soc) {
		bool is_own = topic_classify(heard->topic, &node) == TOPIC_IS_BATTERY;

		look->device.profile = is_own ? OWN_PROFILE : GENERIC_PROFILE;
		choose_id(look, is_own ? node.text : heard->topic);
		text_add(&source, HEAD "- id: %s\n  read:\n    soc_pct: {topic: \"%s\", path: /%s}\n",
			 look->id, heard->topic, soc);
		if (temp)
			text_add(&source, "    temp_c: {topic: \"%s\", path: /%s}\n", heard->topic, temp);
	}
	json_decref(object);
	return soc && !source.is_cut && look->id[0];
}

int detect_report(struct detect *detect, void (*tell)(void *user, const struct detect_device *device),
		  void *user)
{
	struct look *look = calloc(1, sizeof(*look));
	int result = look ? 0 : -ENOMEM;

	if (look)
		*look = (struct look){.detect = detect, .tell = tell, .user = user};
	find_candidates(detect);
	for (size_t i = 0; result == 0 && i < detect->candidate_count; i++)
		result = look_at_candidate(look, &detect->candidates[i]);
	for (size_t t = 0; result == 0 && t < detect->topic_count; t++)
		if (!detect->topics[t].is_known && !is_command(detect->topics[t].topic) &&
		    write_generic(look, &detect->topics[t]))
			result = look_at(look, detect->topics[t].topic);
	if (result == 0)
		detect_home_report(detect->home, tell, user);
	free(look);
	return result;
}
