/* Which devices may be there: what the profiles' topics say of those that were heard. */
#include <string.h>

#include "wire/detect_parts.h"

bool detect_is_command(const char *topic)
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

static void add_key(struct detect_keys *keys, const struct detect_key *key)
{
	if (keys->count < DETECT_KEYS_MAX && !detect_key_text(keys, key->name))
		keys->entries[keys->count++] = *key;
}

static bool is_same(const struct detect_candidate *candidate, const char *profile,
		    const struct detect_keys *keys)
{
	if (strcmp(candidate->profile, profile) != 0 || candidate->keys.count != keys->count)
		return false;
	for (size_t i = 0; i < keys->count; i++) {
		const char *text = detect_key_text(&candidate->keys, keys->entries[i].name);

		if (!text || strcmp(text, keys->entries[i].text) != 0)
			return false;
	}
	return true;
}

static struct detect_candidate *candidate_of(struct detect *detect, const char *profile,
				      const struct detect_keys *keys, size_t topic)
{
	struct detect_candidate *candidate;

	for (size_t i = 0; i < detect->candidate_count; i++)
		if (is_same(&detect->candidates[i], profile, keys))
			return &detect->candidates[i];
	if (detect->candidate_count == DETECT_DEVICES_MAX)
		return NULL;
	candidate = &detect->candidates[detect->candidate_count++];
	*candidate = (struct detect_candidate){.profile = profile, .keys = *keys, .topic = topic};
	return candidate;
}

/* Sorts what a topic gave into what names the device and what names a value of it. */
static void take_match(struct detect *detect, const struct detect_pattern *pattern,
		       const struct detect_keys *match, size_t topic)
{
	struct detect_keys own = {0}, values = {0};
	struct detect_candidate *candidate;

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

void detect_find_candidates(struct detect *detect)
{
	struct detect_keys match;

	detect->candidate_count = 0;
	for (size_t t = 0; t < detect->topic_count; t++) {
		detect->topics[t].is_known = false;
		if (detect_is_command(detect->topics[t].topic))
			continue;
		for (size_t p = 0; p < detect->patterns.count; p++)
			if (detect_pattern_match(&detect->patterns.entries[p], detect->topics[t].topic,
						 &match))
				take_match(detect, &detect->patterns.entries[p], &match, t);
	}
}
