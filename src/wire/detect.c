/* Whether a device that may be there is, and what it tells: its profile is read and takes what it said. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/detect_home.h"
#include "wire/detect_parts.h"
#include "wire/source_read.h"
#include "wire/topic.h"

#define SOURCE_TEXT_MAX 1536
#define OWN_PROFILE "amphora"
#define GENERIC_PROFILE "generic"
#define HEAD "sources:\n"

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

/* What stands in a topic goes into YAML between quotes, and must not end them. */
static bool is_quotable(const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || iscntrl((unsigned char)*text))
			return false;
	}
	return true;
}

static bool are_quotable(const struct detect_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (!is_quotable(keys->entries[i].text))
			return false;
	}
	return true;
}

static void add_keys(struct text *out, const struct detect_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		text_add(out, ", %s: \"%s\"", keys->entries[i].name, keys->entries[i].text);
}

static bool is_own(const struct look *look)
{
	return strcmp(look->device.profile, OWN_PROFILE) == 0;
}

static enum detect_kind kind_of(const struct look *look, const struct source *source)
{
	uint64_t got = look->device.got;

	/* A sensor of ours whose state of charge cannot be read is a battery all the same. */
	if (is_own(look) || (got & SOURCE_BIT(SOURCE_SOC)))
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
		struct detect_heard *heard = &look->detect->topics[t];
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

	look->device.source = is_own(look) ? "" : look->source + strlen(HEAD);
	if (!is_own(look))
		text_add(&lines, "%s", look->source);
	if (is_own(look))
		text_add(&lines, "batteries:\n- {id: %s}\n", look->id);
	else if (look->device.kind == DETECT_BATTERY)
		text_add(&lines, "batteries:\n- {id: %s, sensor: {source: %s}}\n", look->id, look->id);
	else if (look->device.kind == DETECT_RELAY)
		text_add(&lines, "relays:\n- {id: %s, battery: b1, role: source, source: %s}\n",
			 look->id, look->id);
	look->device.opens_by_itself = source->write.lease == SOURCE_LEASE_DEVICE ||
				       source->write.lease == SOURCE_LEASE_REFRESH;
}

/* Reads look->source, and takes all by it: what device it is, if anything came of that. */
static int take_source(struct look *look)
{
	char words[CONFIG_ERRORS_TEXT_MAX];
	struct text errors = text_in(words, sizeof(words));
	struct sources *sources = NULL;
	int result = sources_parse(&sources, "found", look->source, strlen(look->source),
				   &source_shelf_built_in, &errors);

	look->device.got = 0;
	if (result != 0)
		return result == -ENOMEM ? result : 0;
	take_all(look, &sources->entries[0]);
	look->device.kind = kind_of(look, &sources->entries[0]);
	add_lines(look, &sources->entries[0]);
	sources_free(sources);
	return 0;
}

static void tell_device(struct look *look, const char *topic)
{
	if (look->device.got == 0)
		return;
	look->device.topic = topic;
	look->device.id = look->id;
	look->device.value = look->value;
	look->device.is_only_retained = !look->is_live;
	look->device.lines = look->lines;
	if (look->told_count < DETECT_DEVICES_MAX)
		memcpy(look->told[look->told_count++], look->id, sizeof(look->id));
	look->tell(look->user, &look->device);
}

/* Writes and takes the candidate's entry with those of its own names that are `chosen`. */
static int take_candidate(struct look *look, const struct detect_candidate *candidate,
			  const struct detect_keys *chosen, const struct detect_keys *offered)
{
	struct text source = text_in(look->source, sizeof(look->source));

	text_add(&source, HEAD "- {id: %s, profile: %s", look->id, candidate->profile);
	add_keys(&source, &candidate->keys);
	add_keys(&source, chosen);
	add_keys(&source, offered);
	text_add(&source, "}\n");
	look->device.profile = candidate->profile;
	look->device.got = 0;
	return source.is_cut ? 0 : take_source(look);
}

/* Looks at the candidate under the name `name`; a switch gets what its profile proposes of one. */
static int look_at_as(struct look *look, const struct detect_candidate *candidate,
		      const struct detect_keys *chosen, const char *name)
{
	struct detect_keys offered =
	    detect_offers(&look->detect->patterns, candidate->profile, &candidate->keys);
	int result;

	choose_id(look, name);
	if (look->id[0] == '\0')
		choose_id(look, candidate->profile);
	result = take_candidate(look, candidate, chosen, &(struct detect_keys){0});
	if (result == 0 && look->device.got != 0 && look->device.kind == DETECT_RELAY && offered.count > 0)
		result = take_candidate(look, candidate, chosen, &offered);
	if (result == 0)
		tell_device(look, look->detect->topics[candidate->topic].topic);
	return result;
}

/*
 * The switch of a device that is a battery as well, as a source of its own: one that also
 * read the state of charge would be a second battery.
 */
static int look_at_switch(struct look *look, const struct detect_candidate *candidate,
			  const char *name)
{
	char switch_name[SOURCE_TOPIC_MAX];
	struct text text = text_in(switch_name, sizeof switch_name);
	struct detect_keys only = {0};

	for (size_t i = 0; i < candidate->chosen.count; i++) {
		if (strcmp(candidate->chosen.entries[i].name, "state") == 0)
			only.entries[only.count++] = candidate->chosen.entries[i];
	}
	text_add(&text, "%.16s-switch", name);
	return only.count > 0 ? look_at_as(look, candidate, &only, switch_name) : 0;
}

static int look_at_candidate(struct look *look, const struct detect_candidate *candidate)
{
	const char *name =
	    candidate->keys.count > 0 ? candidate->keys.entries[0].text : candidate->profile;
	int result;

	if (!are_quotable(&candidate->keys) || !are_quotable(&candidate->chosen))
		return 0;
	result = look_at_as(look, candidate, &candidate->chosen, name);
	if (result == 0 && look->device.kind == DETECT_BATTERY &&
	    (look->device.got & SOURCE_BIT(SOURCE_STATE)) != 0)
		result = look_at_switch(look, candidate, name);
	return result;
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
static bool write_generic(struct look *look, const struct detect_heard *heard)
{
	static const char *const SOC[] = {"SoC", "state_of_charge", "stateOfCharge"};
	static const char *const TEMP[] = {"Temp", "temperature", "temp_c"};
	json_t *object = json_loadb((const char *)heard->payload, heard->length, 0, NULL);
	const char *soc = member_like(object, SOC, ARRAY_LENGTH(SOC));
	const char *temp = member_like(object, TEMP, ARRAY_LENGTH(TEMP));
	struct text source = text_in(look->source, sizeof(look->source));
	struct ident node;

	if (soc) {
		bool is_ours = topic_classify(heard->topic, &node) == TOPIC_IS_BATTERY;

		look->device.profile = is_ours ? OWN_PROFILE : GENERIC_PROFILE;
		choose_id(look, is_ours ? node.text : heard->topic);
		text_add(&source, HEAD "- id: %s\n  read:\n    soc_pct: {topic: \"%s\", path: /%s}\n",
			 look->id, heard->topic, soc);
		if (temp)
			text_add(&source, "    temp_c: {topic: \"%s\", path: /%s}\n", heard->topic, temp);
	}
	json_decref(object);
	return soc && is_quotable(heard->topic) && !source.is_cut && look->id[0];
}

int detect_report(struct detect *detect, void (*tell)(void *user, const struct detect_device *device),
		  void *user)
{
	struct look *look = calloc(1, sizeof(*look));
	int result = look ? 0 : -ENOMEM;

	if (look)
		*look = (struct look){.detect = detect, .tell = tell, .user = user};
	detect_find_candidates(detect);
	for (size_t i = 0; result == 0 && i < detect->candidate_count; i++)
		result = look_at_candidate(look, &detect->candidates[i]);
	for (size_t t = 0; result == 0 && t < detect->topic_count; t++)
		if (!detect->topics[t].is_known && !detect_is_command(detect->topics[t].topic) &&
		    write_generic(look, &detect->topics[t])) {
			result = take_source(look);
			if (result == 0)
				tell_device(look, detect->topics[t].topic);
		}
	if (result == 0)
		detect_home_report(detect->home, tell, user);
	free(look);
	return result;
}
