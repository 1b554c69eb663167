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

/* One that has the other role already. */
static bool has_role(const struct setup *setup, const char *id)
{
	for (size_t i = 0; i < setup->answers.relay_count; i++)
		if (strcmp(setup->answers.relays[i].id, id) == 0)
			return true;
	return false;
}

void setup_list(struct setup_choice *choice, const struct setup *setup, const char *kind)
{
	size_t i;
	json_t *device;

	choice->count = 0;
	json_array_foreach(setup->found, i, device)
	{
		struct text words = text_in(choice->words[choice->count], SETUP_WORDS_MAX);

		if (strcmp(member_text(device, "kind"), kind) != 0 ||
		    choice->count == SETUP_LISTED_MAX || has_role(setup, member_text(device, "id")))
			continue;
		text_add(&words, "%s: ", member_text(device, "id"));
		detect_words(&words, device);
		choice->lines[choice->count] = choice->words[choice->count];
		choice->devices[choice->count++] = device;
	}
}

static int cannot_take(const char *id)
{
	complain("%s cannot be used: it has the other role already, or its lines are too long", id);
	return -E2BIG;
}

int setup_ask_leaseless(bool *is_taken, const char *id)
{
	printf("%s does not open by itself when this machine fails or the\n"
	       "network is down: whatever it charges or empties then goes on.\n"
	       "Read docs/devices.md on `lease` before you say yes.\n",
	       id);
	return ask_yes(is_taken, "Use it all the same?", false);
}

/* The timer that only the owner can set up, where the device has one; 0: it has none. */
static int ask_timer(struct setup_relay *relay, struct text *source, const json_t *device)
{
	const struct setup_timer *timer = setup_find_timer(member_text(device, "profile"));
	double timer_s = 0;
	int result;

	if (!timer || !relay->is_leaseless)
		return 0;
	printf("%s can open by itself when this machine fails, with %s.\n", relay->id, timer->words);
	result = ask_number(&timer_s, "After how many seconds does that open it (5 to 60; 0: it is not set up)?",
			    0, SETUP_TIMER_MAX_S, 0);
	while (result == 0 && timer_s != 0 && !setup_is_timer(timer_s))
		result = ask_number(&timer_s, "Whole seconds from 5 to 60, or 0:", 0, SETUP_TIMER_MAX_S, 0);
	if (result == 0 && timer_s != 0)
		setup_take_timer(relay, source, member_text(device, "source"), timer, (unsigned)timer_s);
	return result;
}

static int take_relay(struct setup *setup, struct setup_relay *relay, const json_t *device)
{
	char entry[SETUP_SOURCE_TEXT_MAX] = "";
	struct text source = text_in(entry, sizeof(entry));
	bool is_taken = true;
	int result;

	setup_take_relay(relay, member_text(device, "id"),
			 !json_is_false(json_object_get(device, "opens_by_itself")));
	result = ask_timer(relay, &source, device);
	if (result == 0 && source.length == 0)
		text_add(&source, "%s", member_text(device, "source"));
	if (result == 0 && relay->is_leaseless)
		result = setup_ask_leaseless(&is_taken, relay->id);
	if (result == 0 && is_taken &&
	    (source.is_cut || !setup_add_relay(&setup->answers, relay, entry)))
		result = cannot_take(relay->id);
	return result;
}

/* What is asked of a node that is not ours; none of them opens by itself. */
static int ask_foreign(struct setup *setup, const struct setup_relay *relay,
		       const struct setup_kind *kind)
{
	char value[SETUP_VALUE_MAX], entry[SETUP_SOURCE_TEXT_MAX];
	struct text text = text_in(entry, sizeof(entry));
	bool is_taken = false;
	int result;

	do
		result = ask_text(value, sizeof(value), kind->question, kind->otherwise);
	while (result == 0 && !setup_is_plain(value));
	if (result == 0)
		result = setup_ask_leaseless(&is_taken, relay->id);
	if (result != 0 || !is_taken)
		return result;
	setup_write_node(&text, relay, kind, value);
	return setup_add_relay(&setup->answers, relay, entry) ? 0 : cannot_take(relay->id);
}

static int ask_address(struct setup_relay *relay, const struct setup_kind *kind)
{
	const char *example = kind->profile ? "coap://192.168.1.31" : "coap://192.168.1.31/relay";
	char uri[PATH_TEXT_MAX], question[128];
	int result;

	snprintf(question, sizeof(question), "Its address, such as %s:", example);
	for (;;) {
		result = ask_text(uri, sizeof(uri), question, "");
		if (result != 0 || setup_take_node(relay, kind, uri))
			return result;
		printf("  an address that begins with coap:// or coaps://, please\n");
	}
}

static int ask_coap(struct setup *setup, struct setup_relay *relay)
{
	const char *lines[SETUP_KINDS];
	const struct setup_kind *kind;
	size_t which = 0;
	int result;

	for (size_t i = 0; i < SETUP_KINDS; i++)
		lines[i] = setup_kinds[i].words;
	printf("\nWhat is it?\n");
	result = ask_which(&which, "Number:", lines, SETUP_KINDS, "none of these: no switch here", 1);
	if (result != 0 || which == 0)
		return result;
	kind = &setup_kinds[which - 1];
	result = ask_address(relay, kind);
	if (result != 0)
		return result;
	if (kind->profile)
		return ask_foreign(setup, relay, kind);
	return setup_add_relay(&setup->answers, relay, "") ? 0 : cannot_take(relay->id);
}

int setup_ask_relay(struct setup *setup, enum relay_role role, const char *question)
{
	struct setup_relay relay = {.role = role};
	struct setup_choice *choice = malloc(sizeof(*choice));
	size_t which, again;
	int result;

	if (!choice)
		return -ENOMEM;
	do {
		setup_list(choice, setup, "relay");
		again = choice->count + 2;
		choice->lines[choice->count] = "one that speaks CoAP";
		choice->lines[choice->count + 1] =
		    "one that was not heard: switch it by hand, and listen again meanwhile";
		printf("\n%s\n", question);
		result = ask_which(&which, "Number:", choice->lines, again, "none", 0);
		if (result == 0 && which == again)
			(void)setup_listen(setup);
	} while (result == 0 && which == again);
	if (result == 0 && which > choice->count)
		result = ask_coap(setup, &relay);
	else if (result == 0 && which > 0)
		result = take_relay(setup, &relay, choice->devices[which - 1]);
	free(choice);
	return result;
}
