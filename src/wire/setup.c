/* What an answer makes of a device or a node; the text is setup_write.c's. */
#include "wire/setup.h"

#include <stdio.h>
#include <string.h>

const struct setup_kind setup_kinds[SETUP_KINDS] = {
    {NULL, "amphora-relay, or one that speaks as it does (docs/protocol.md)", NULL, NULL, NULL},
    {"course-node", "a node of a course project, which takes mode=on", "actuator",
     "Its actuator's path:", "/temp_act"},
    {"lwm2m", "an LwM2M or IPSO switch", "state", "Its resource:", "/3306/0/5850"},
    {"contiki-ng", "an LED of Contiki-NG's examples", "led", "Which LED (r, g or b)?", "r"},
};

const struct setup_kind *setup_find_kind(const char *profile)
{
	for (size_t i = 1; i < SETUP_KINDS; i++)
		if (strcmp(setup_kinds[i].profile, profile) == 0)
			return &setup_kinds[i];
	return NULL;
}

bool setup_add_source(struct setup_answers *answers, const char *source)
{
	struct text copy;

	for (size_t i = 0; i < answers->source_count; i++)
		if (strcmp(answers->sources[i], source) == 0)
			return true;
	if (!source[0])
		return true;
	if (answers->source_count == SETUP_SOURCES_MAX || strlen(source) >= SETUP_SOURCE_TEXT_MAX)
		return false;
	copy = text_in(answers->sources[answers->source_count++], SETUP_SOURCE_TEXT_MAX);
	text_add(&copy, "%s", source);
	return true;
}

bool setup_take_battery(struct setup_answers *answers, const char *id, const char *source)
{
	bool is_own = source[0] == '\0';

	snprintf(answers->battery, sizeof(answers->battery), "%s", is_own ? id : "b1");
	snprintf(answers->battery_source, sizeof(answers->battery_source), "%s", is_own ? "" : id);
	return setup_add_source(answers, source);
}

void setup_take_relay(struct setup_relay *relay, const char *id, bool opens_by_itself)
{
	snprintf(relay->id, sizeof(relay->id), "%s", id);
	snprintf(relay->source, sizeof(relay->source), "%s", id);
	relay->uri[0] = '\0';
	relay->is_leaseless = !opens_by_itself;
}

static const struct setup_timer timers[] = {
    {"shelly1", "AUTO OFF, set on the device's own page (Timers)", ", auto_off_s: "},
    {"esphome", "an automation in the node's YAML (on_turn_on: delay, turn_off; mode: restart)",
     ", lease: node, auto_off_s: "},
};

const struct setup_timer *setup_find_timer(const char *profile)
{
	for (size_t i = 0; i < ARRAY_LENGTH(timers); i++)
		if (strcmp(timers[i].profile, profile) == 0)
			return &timers[i];
	return NULL;
}

bool setup_is_timer(double timer_s)
{
	return timer_s >= SETUP_TIMER_MIN_S && timer_s <= SETUP_TIMER_MAX_S &&
	       timer_s == (unsigned)timer_s;
}

void setup_take_timer(struct setup_relay *relay, struct text *out, const char *source,
		      const struct setup_timer *timer, unsigned timer_s)
{
	const char *end = strrchr(source, '}');
	size_t length = end ? (size_t)(end - source) : strlen(source);

	text_add(out, "%.*s%s%u}\n", (int)length, source, timer->keys, timer_s);
	relay->is_leaseless = false;
}

bool setup_is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '"' || *c == '\\')
			return false;
	return text[0] != '\0';
}

bool setup_take_node(struct setup_relay *relay, const struct setup_kind *kind, const char *uri)
{
	if (!setup_is_plain(uri) || strlen(uri) >= sizeof(relay->uri) ||
	    (strncmp(uri, "coap://", 7) != 0 && strncmp(uri, "coaps://", 8) != 0))
		return false;
	snprintf(relay->id, sizeof(relay->id), "%s", relay->role == RELAY_SOURCE ? "r1" : "r2");
	snprintf(relay->source, sizeof(relay->source), "%s", kind->profile ? relay->id : "");
	snprintf(relay->uri, sizeof(relay->uri), "%s", uri);
	relay->is_leaseless = kind->profile != NULL; /* none of the others opens by itself */
	return true;
}

void setup_write_node(struct text *out, const struct setup_relay *relay,
		      const struct setup_kind *kind, const char *value)
{
	text_add(out, "- {id: %s, profile: %s, uri: ", relay->id, kind->profile);
	setup_write_quoted(out, relay->uri);
	text_add(out, ", %s: ", kind->key);
	setup_write_quoted(out, value);
	text_add(out, "}\n");
}

bool setup_add_relay(struct setup_answers *answers, const struct setup_relay *relay,
		     const char *source)
{
	if (answers->relay_count == SETUP_RELAYS_MAX)
		return false;
	for (size_t i = 0; i < answers->relay_count; i++)
		if (strcmp(answers->relays[i].id, relay->id) == 0)
			return false;
	if (!setup_add_source(answers, source))
		return false;
	answers->relays[answers->relay_count++] = *relay;
	return true;
}
