/* Which switches setup uses: those that are heard on the broker, and nodes that speak CoAP. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/detect_run.h"
#include "cli/setup_ask.h"
#include "cli/setup_parts.h"
#include "cli/show.h"
#include "model/relay.h"

void setup_list(struct setup_choice *choice, const struct setup *setup, const char *kind)
{
	size_t i;
	json_t *device;

	choice->count = 0;
	json_array_foreach(setup->found, i, device)
	{
		struct text words = text_in(choice->words[choice->count], SETUP_WORDS_MAX);

		if (strcmp(member_text(device, "kind"), kind) != 0 || choice->count == SETUP_LISTED_MAX)
			continue;
		text_add(&words, "%s, a ", member_text(device, "id"));
		detect_words(&words, device);
		choice->lines[choice->count] = choice->words[choice->count];
		choice->devices[choice->count++] = device;
	}
}

/* Whether a relay that nothing opens when we are gone may be used all the same. */
static int ask_leaseless(bool *is_taken, const char *id)
{
	printf("%s does not open by itself when this machine fails or the network is down: whatever\n"
	       "it charges or empties then goes on. Read docs/devices.md on `lease` before you say yes.\n",
	       id);
	return ask_yes(is_taken, "Use it all the same?", false);
}

static int take_relay(struct setup *setup, struct setup_relay *relay, const json_t *device,
		      bool *is_taken)
{
	int result = 0;

	snprintf(relay->id, sizeof(relay->id), "%s", member_text(device, "id"));
	snprintf(relay->source, sizeof(relay->source), "%s", relay->id);
	relay->is_leaseless = json_is_false(json_object_get(device, "opens_by_itself"));
	*is_taken = true;
	if (relay->is_leaseless)
		result = ask_leaseless(is_taken, relay->id);
	if (result == 0 && *is_taken && !setup_add_source(&setup->answers, member_text(device, "source")))
		result = -E2BIG;
	return result;
}

/* Kinds of CoAP nodes, and what is asked of those that are not ours. */
static const struct kind {
	const char *profile, *words, *key, *question, *otherwise;
} KINDS[] = {
    {NULL, "amphora-relay, or one that speaks as it does (docs/protocol.md)", NULL, NULL, NULL},
    {"course-node", "a node of a course project, which takes mode=on", "actuator",
     "Its actuator's path:", "/temp_act"},
    {"lwm2m", "an LwM2M or IPSO switch", "state", "Its resource:", "/3306/0/5850"},
    {"contiki-ng", "an LED of Contiki-NG's examples", "led", "Which LED (r, g or b)?", "r"},
};

/* A source for a node that is not ours; none of them opens by itself. */
static int ask_foreign(struct setup *setup, struct setup_relay *relay, const struct kind *kind,
		       bool *is_taken)
{
	char value[64], entry[SETUP_SOURCE_TEXT_MAX];
	struct text text = text_in(entry, sizeof(entry));
	int result = ask_text(value, sizeof(value), kind->question, kind->otherwise);

	if (result == 0)
		result = ask_leaseless(is_taken, relay->id);
	if (result != 0 || !*is_taken)
		return result;
	relay->is_leaseless = true;
	snprintf(relay->source, sizeof(relay->source), "%s", relay->id);
	text_add(&text, "- {id: %s, profile: %s, uri: \"%s\", %s: \"%s\"}\n", relay->id,
		 kind->profile, relay->uri, kind->key, value);
	return setup_add_source(&setup->answers, entry) ? 0 : -E2BIG;
}

/* A quote would end the text that it is written as. */
static bool is_address(const char *text)
{
	return (strncmp(text, "coap://", 7) == 0 || strncmp(text, "coaps://", 8) == 0) &&
	       strpbrk(text, "\"\\ ") == NULL;
}

static int ask_coap(struct setup *setup, struct setup_relay *relay, bool *is_taken)
{
	const char *lines[ARRAY_LENGTH(KINDS)];
	size_t which;
	int result;

	snprintf(relay->id, sizeof(relay->id), "%s", relay->role == RELAY_SOURCE ? "r1" : "r2");
	for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++)
		lines[i] = KINDS[i].words;
	printf("\nWhat is it?\n");
	result = ask_which(&which, "Number:", lines, ARRAY_LENGTH(KINDS), NULL, 1);
	do {
		if (result == 0)
			result = ask_text(relay->uri, sizeof(relay->uri),
					  which == 1 ? "Its address, such as coap://192.168.1.31/relay:"
						     : "Its address, such as coap://192.168.1.31:",
					  "");
	} while (result == 0 && !is_address(relay->uri));
	if (result == 0 && which > 1)
		result = ask_foreign(setup, relay, &KINDS[which - 1], is_taken);
	return result;
}

int setup_ask_relay(struct setup *setup, enum relay_role role, const char *question)
{
	struct setup_relay relay = {.role = role};
	struct setup_choice *choice = malloc(sizeof(*choice));
	bool is_taken = true;
	size_t which = 0;
	int result;

	if (!choice)
		return -ENOMEM;
	setup_list(choice, setup, "relay");
	choice->lines[choice->count] = "one that speaks CoAP";
	printf("\n%s\n", question);
	result = ask_which(&which, "Number:", choice->lines, choice->count + 1, "none", 0);
	if (result == 0 && which > choice->count)
		result = ask_coap(setup, &relay, &is_taken);
	else if (result == 0 && which > 0)
		result = take_relay(setup, &relay, choice->devices[which - 1], &is_taken);
	free(choice);
	if (result == 0 && which > 0 && is_taken)
		setup->answers.relays[setup->answers.relay_count++] = relay;
	return result;
}
