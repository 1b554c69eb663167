/*
 * A battery's sentence, as the page says it. What a relay answers
 * counts for more than what was decided: nothing charges before the relay is read back on.
 */
#include "cli/told.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/result.h"
#include "base/time.h"
#include "cli/show.h"
#include "model/decision.h"

#define FLOWS_W 50   /* from here on a power shows that charging has an effect */
#define NOTHING_W 20 /* up to here nothing flows */
#define NAME_BYTES 64

/* ---- codes by their names ---- */

static enum decider decider_of(const char *name)
{
	int decider = 0;

	while (decider < DECIDER_COUNT && strcmp(decider_name((enum decider)decider), name) != 0)
		decider++;
	return (enum decider)decider;
}

static enum intent intent_of(const char *name)
{
	int intent = 0;

	while (intent < INTENT_COUNT && strcmp(intent_name((enum intent)intent), name) != 0)
		intent++;
	return (enum intent)intent;
}

const char *told_decider(const char *name)
{
	enum decider decider = decider_of(name);

	return decider < DECIDER_COUNT ? decider_words(decider) : name;
}

/* ---- reasons ---- */

/* When what a person asked of this battery ends: "12:47"; NULL where nobody did. */
static const char *until_of(const struct told *told, char buffer[NAME_BYTES])
{
	const json_t *relay;
	size_t index;

	json_array_foreach(json_object_get(told->explained, "relays"), index, relay)
	{
		const json_t *ends = json_object_get(json_object_get(relay, "override"), "ends");
		struct text text = text_in(buffer, NAME_BYTES);

		if (!json_is_string(ends))
			continue;
		value_add(told->cli, &text, ends, COLUMN_TIME);
		return buffer;
	}
	return NULL;
}

/* What the one after the winner wants, as decision_names() has it. */
static const char *other_of(const json_t *decision)
{
	const json_t *loser;
	size_t index;

	json_array_foreach(json_object_get(decision, "losers"), index, loser)
	{
		enum intent intent = intent_of(member_text(loser, "intent"));

		if (strcmp(member_text(loser, "decider"), "safety") != 0 && intent < INTENT_COUNT)
			return intent_would(intent);
	}
	return "the rules would decide";
}

/* Adds why or what flips it; the daemon's own words for a code that is newer than this program. */
static void add_reason(const struct told *told, struct text *out, const json_t *from, bool is_flip)
{
	const char *sensor = member_text(told->battery, "node");
	char until[NAME_BYTES];
	const struct reason_names names = {
	    .sensor = sensor[0] ? sensor : NULL,
	    .until = until_of(told, until),
	    .other = other_of(json_object_get(told->explained, "decision")),
	};
	struct reason reason = {
	    .code = reason_of_name(member_text(from, is_flip ? "flip_code" : "code")),
	    .value = (int64_t)member_number(from, is_flip ? "flip_value" : "value"),
	    .limit = (int64_t)member_number(from, is_flip ? "flip_limit" : "limit"),
	};

	/* Of what grows since it was decided, what it is now says more. */
	if (reason.code == REASON_STALE && !is_flip &&
	    json_is_number(json_object_get(told->battery, "age_s")))
		reason.value = (int64_t)(member_number(told->battery, "age_s") * MS_PER_SECOND);
	if (reason.code == REASON_COUNT)
		text_add(out, "%s", member_text(from, is_flip ? "flip" : "words"));
	else if (is_flip)
		reason_format_flip(&reason, &names, out);
	else
		reason_format(&reason, &names, out);
}

void told_why(const struct told *told, struct text *out, const json_t *reason)
{
	add_reason(told, out, reason, false);
}

struct told told_find(const struct cli *cli, const json_t *battery, const json_t *explanations)
{
	struct told told = {.cli = cli, .battery = battery};
	const json_t *one;
	size_t index;

	json_array_foreach(explanations, index, one)
	{
		if (strcmp(member_text(one, "battery"), member_text(battery, "id")) == 0)
			told.explained = one;
	}
	return told;
}

/* ---- what it does ---- */

/* Which relay's answer contradicts what is wanted, and how. */
struct trouble {
	const json_t *relay; /* NULL: none */
	enum sign sign;
	bool is_off; /* it was asked off, and is not */
};

static bool is_for(const json_t *relay, enum intent intent)
{
	bool is_source = strcmp(member_text(relay, "role"), "source") == 0;

	return intent == INTENT_BOTH || intent == (is_source ? INTENT_CHARGE : INTENT_DISCHARGE);
}

static struct trouble trouble_of(const json_t *relays, const json_t *alerts, enum intent intent)
{
	struct trouble still = {0};
	const json_t *relay;
	size_t index;

	json_array_foreach(relays, index, relay)
	{
		enum sign sign = told_sign(relay, alerts);
		const char *phase = member_text(relay, "phase");
		bool is_asked = member_is_true(relay, "wished");

		if (sign == SIGN_AGREE)
			continue;
		if (is_asked && is_for(relay, intent))
			return (struct trouble){relay, sign, false};
		if (!is_asked && !still.relay && !json_is_false(json_object_get(relay, "state")) &&
		    (member_is_true(relay, "state") || strcmp(phase, "timeout") == 0 ||
		     strcmp(phase, "mismatch") == 0))
			still = (struct trouble){relay, sign, true};
	}
	return still;
}

/* What is told of a battery, once it is known. */
struct story {
	enum verb verb;
	struct trouble trouble;
	const json_t *welded; /* the relay that says off although power flows; NULL: none */
	const json_t *decision;
};

static const json_t *find_welded(const struct told *told)
{
	const json_t *power = json_object_get(told->battery, "power_w"), *relay;
	size_t index;

	if (json_is_number(power) && fabs(json_number_value(power)) < NOTHING_W)
		return NULL;
	json_array_foreach(json_object_get(told->explained, "relays"), index, relay)
	{
		if (told_is_welded(relay, json_object_get(told->explained, "alerts")))
			return relay;
	}
	return NULL;
}

static enum verb verb_in_trouble(const struct trouble *trouble, enum intent intent, enum verb plain)
{
	bool is_waiting = trouble->sign == SIGN_WAIT, is_use = intent == INTENT_DISCHARGE;

	if (!trouble->is_off && is_waiting)
		return is_use ? VERB_STARTING_USE : VERB_STARTING_CHARGE;
	if (!trouble->is_off)
		return is_use ? VERB_NOT_USING : VERB_NOT_CHARGING;
	if (intent != INTENT_SAFE)
		return plain;
	return is_waiting ? VERB_GOING_TO_REST : VERB_NOT_RESTING;
}

static struct story story_of(const struct told *told)
{
	struct story story = {.decision = json_object_get(told->explained, "decision")};
	const json_t *alerts = json_object_get(told->explained, "alerts");
	enum reason_code code =
	    reason_of_name(member_text(json_object_get(story.decision, "reason"), "code"));
	/* One asked in vain is not asked any more: what was wanted counts. */
	enum intent intent = intent_of(
	    member_text(story.decision, code == REASON_RELAY_GIVEN_UP ? "wanted" : "intent"));
	bool flows = member_number(told->battery, "power_w") >= FLOWS_W;

	if (intent == INTENT_COUNT)
		intent = INTENT_SAFE;
	story.verb = decision_verb(intent, decider_of(member_text(story.decision, "winner")), code);
	story.trouble = trouble_of(json_object_get(told->explained, "relays"), alerts, intent);
	if (story.trouble.relay) {
		story.verb = verb_in_trouble(&story.trouble, intent, story.verb);
	} else if (intent == INTENT_CHARGE && !flows && told_has_alert(alerts, "no-effect", NULL)) {
		story.verb = VERB_NO_EFFECT;
	} else if (intent == INTENT_SAFE) {
		story.welded = find_welded(told);
		story.verb = story.welded ? VERB_NOT_RESTING : story.verb;
	}
	return story;
}

/* Whether the relay, not the reason, is what there is to say. */
static bool is_of_relay(const struct story *story)
{
	return story->welded || (story->trouble.relay && story->trouble.sign != SIGN_WAIT);
}

static void add_relay_because(struct text *out, const struct story *story)
{
	const json_t *relay = story->welded ? story->welded : story->trouble.relay;
	const char *id = member_text(relay, "id");
	const char *state = told_switch(json_object_get(relay, "state"));

	if (story->welded || (story->trouble.is_off && story->trouble.sign == SIGN_DIFFER))
		text_add(out, "although asked to rest: relay %s says it is %s.", id, state);
	else if (story->trouble.sign == SIGN_DIFFER)
		text_add(out, "although asked to: relay %s says it is %s.", id, state);
	else
		text_add(out, "although asked to: relay %s does not answer.", id);
}

/* Why the plan does not decide where it was to. */
static void add_missing_plan(const struct told *told, struct text *out, const json_t *decision)
{
	const json_t *loser;
	size_t index;

	if (strcmp(member_text(decision, "winner"), "threshold") != 0)
		return;
	json_array_foreach(json_object_get(decision, "losers"), index, loser)
	{
		if (strcmp(member_text(loser, "decider"), "plan") != 0)
			continue;
		text_add(out, "; the rule decides, as ");
		told_why(told, out, json_object_get(loser, "reason"));
	}
}

bool told_is_of_relay(const struct told *told)
{
	struct story story = story_of(told);

	return is_of_relay(&story);
}

void told_doing(const struct told *told, struct text *out)
{
	struct story story = story_of(told);

	if (!json_is_object(story.decision)) {
		text_add(out, "Waiting because Amphora has not decided anything yet.");
		return;
	}
	text_add(out, "%s ", verb_words(story.verb));
	if (story.verb == VERB_NO_EFFECT) {
		text_add(out, "although the relay says it is on: what flows is not what is to be "
			      "expected.");
	} else if (is_of_relay(&story)) {
		add_relay_because(out, &story);
	} else {
		text_add(out, "because ");
		told_why(told, out, json_object_get(story.decision, "reason"));
		add_missing_plan(told, out, story.decision);
		text_add(out, ".");
	}
}

static void add_relay_flip(struct text *out, const struct story *story)
{
	const json_t *relay = story->trouble.relay;
	const char *id = member_text(relay, "id");

	if (story->welded) {
		text_add(out, "Switch its circuit off by hand.");
	} else if (story->trouble.sign == SIGN_DIFFER) {
		text_add(out, "It would follow as soon as %s reads back %s.", id,
			 told_switch(json_object_get(relay, "wished")));
	} else if (strcmp(member_text(relay, "lease"), "none") == 0) {
		text_add(out,
			 "It would follow as soon as %s answers. It has no lease: nothing opens "
			 "it by itself.",
			 id);
	} else {
		text_add(out,
			 "It would follow as soon as %s answers. Its lease opens it by itself.",
			 id);
	}
}

void told_flip(const struct told *told, struct text *out)
{
	struct story story = story_of(told);

	if (!json_is_object(story.decision))
		return;
	if (story.verb == VERB_NO_EFFECT)
		text_add(out, "It counts as charging again once the battery follows. Check what is "
			      "behind its relay.");
	else if (is_of_relay(&story))
		add_relay_flip(out, &story);
	else if (story.trouble.relay)
		text_add(out, "Nothing has moved yet. Without a readback you get an alert.");
	else
		add_reason(told, out, json_object_get(story.decision, "reason"), true);
}
