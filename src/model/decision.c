/* The sentence of a decision: what is done in a word, why, and what would change it. */
#include "model/decision.h"

#include <stddef.h>

const char *decider_name(enum decider decider)
{
	static const char *const names[DECIDER_COUNT] = {"safety",   "override",  "plan",
							 "schedule", "threshold", "monitor"};

	return names[decider];
}

const char *decider_words(enum decider decider)
{
	static const char *const words[DECIDER_COUNT] = {
	    [DECIDER_SAFETY] = "safety",      [DECIDER_OVERRIDE] = "you",
	    [DECIDER_PLAN] = "the plan",      [DECIDER_SCHEDULE] = "the schedule",
	    [DECIDER_THRESHOLD] = "the rule", [DECIDER_MONITOR] = "watching",
	};

	return words[decider];
}

const char *intent_would(enum intent intent)
{
	static const char *const words[] = {
	    [INTENT_SAFE] = "it would rest",
	    [INTENT_CHARGE] = "it would charge",
	    [INTENT_DISCHARGE] = "it would be used",
	    [INTENT_BOTH] = "it would charge and be used",
	};

	return words[intent];
}

const char *verb_words(enum verb verb)
{
	static const char *const words[VERB_COUNT] = {
	    [VERB_CHARGING] = "Charging",
	    [VERB_DISCHARGING] = "Discharging",
	    [VERB_BOTH] = "Charging, in use",
	    [VERB_RESTING] = "Resting",
	    [VERB_WAITING] = "Waiting",
	    [VERB_STOPPED] = "Stopped",
	    [VERB_WATCHING] = "Watching",
	    [VERB_STARTING_CHARGE] = "Starting to charge",
	    [VERB_STARTING_USE] = "Starting to use",
	    [VERB_GOING_TO_REST] = "Going to rest",
	    [VERB_NOT_CHARGING] = "Not charging",
	    [VERB_NOT_USING] = "Not used",
	    [VERB_NOT_RESTING] = "Not at rest",
	    [VERB_NO_EFFECT] = "No effect",
	};

	return words[verb];
}

/* What is known of the battery does not do to act on, until its sensor says more. */
static bool is_about_readings(enum reason_code code)
{
	return code >= REASON_NO_READING && code <= REASON_SETTLING;
}

enum verb decision_verb(enum intent intent, enum decider winner, enum reason_code reason)
{
	static const enum verb doing[] = {
	    [INTENT_CHARGE] = VERB_CHARGING,
	    [INTENT_DISCHARGE] = VERB_DISCHARGING,
	    [INTENT_BOTH] = VERB_BOTH,
	};

	if (intent != INTENT_SAFE)
		return doing[intent];
	if (winner == DECIDER_MONITOR || reason == REASON_NOT_CONFIGURED)
		return VERB_WATCHING;
	if (winner != DECIDER_SAFETY)
		return VERB_RESTING;
	return is_about_readings(reason) || reason_passes(reason) ? VERB_WAITING : VERB_STOPPED;
}

void hindrance_format(const struct hindrance *hindrance, const struct reason_names *names,
		      struct text *out)
{
	reason_format(&hindrance->reason, names, out);
	text_add(out, ". ");
	reason_format_flip(&hindrance->flip, names, out);
}

/* What the one after the winner wants: it would come about without the winner. */
static const char *other_of(const struct decision *decision)
{
	for (int i = DECIDER_OVERRIDE; i < DECIDER_COUNT; i++)
		if ((enum decider)i != decision->winner && decision->wishes[i].is_given)
			return intent_would(decision->wishes[i].intent);
	return "the rules would decide";
}

struct reason_names decision_names(const struct decision *decision, const char *sensor)
{
	return (struct reason_names){.sensor = sensor, .other = other_of(decision)};
}

void decision_format(const struct decision *decision, const char *sensor, struct text *out)
{
	const struct reason_names names = decision_names(decision, sensor);
	const struct wish *plan = &decision->wishes[DECIDER_PLAN];

	text_add(
	    out, "%s because ",
	    verb_words(decision_verb(decision->intent, decision->winner, decision->reason.code)));
	reason_format(&decision->reason, &names, out);
	if (decision->winner == DECIDER_THRESHOLD && plan->is_given) {
		text_add(out, "; the rule decides, as ");
		reason_format(&plan->reason, &names, out);
	}
	text_add(out, ". ");
	reason_format_flip(&decision->flip, &names, out);
}
