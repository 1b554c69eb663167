/* The words of a plan: tables that tests/words_test.py holds beside those of the page. */
#include "cli/plan_words.h"

#include <string.h>

#include "base/result.h"

/* A name and its words, as the page has them (words/en/plan.js). */
struct named_words {
	const char *name, *words;
};

/* The words for `name`; what is newer than this program stands as it is. */
static const char *words_of(const struct named_words *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].name, name) == 0)
			return list[i].words;
	}
	return name;
}

static const struct named_words MODES[] = {
    {"hold", "rest"},
    {"self-consume", "cover the home and store the sun"},
    {"charge-from-sun", "charge from the sun"},
    {"charge-to", "charge from the grid to"},
    {"discharge-to", "give to the grid down to"},
};

static const struct named_words NEEDS[] = {
    {"meters.load", "A meter of what the home uses. From it Amphora learns when you use power."},
    {"meters.pv", "A meter of the sun. "
		  "From it Amphora learns when the sun shines on your roof."},
    {"meters.grid", "A meter of the grid. With it Amphora knows what you buy and sell."},
    {"prices", "Add a price list. A day and a night price is enough."},
    {"clock",
     "A clock that can be trusted. "
     "A plan is about times of the day. Until the clock is set it would be about the wrong ones."},
    {"days", "Some days to learn from. A plan is made from your home’s own past days."},
    {"log", "A log that shows it charging and in use."},
    {"battery", "The battery’s size and power. Capacity and power stand in the configuration."},
    {"reading", "A reading of the battery. It is not known how full it is."},
    {"one-battery", "Only one battery is planned. "
		    "Another battery of this house is planned: two would count on the same sun."},
};

static const struct named_words DECIDERS[] = {
    {"threshold", "the rule decides"},
    {"schedule", "the schedule decides"},
    {"monitor", "nobody switches anything"},
};

static const struct named_words RULES[] = {
    {"none", "without a battery"},     {"self-use", "with self-use alone"},
    {"tou", "with cheap hours alone"}, {"topup", "with cheap hours and the sun"},
    {"threshold", "with the rule"},
};

/* How long words are without the "to" or "down to" that a level follows. */
static int length_without_level(const char *words)
{
	static const char *const ENDS[] = {" down to", " to"};
	size_t length = strlen(words);

	for (size_t i = 0; i < ARRAY_LENGTH(ENDS); i++) {
		size_t end = strlen(ENDS[i]);

		if (length > end && strcmp(words + length - end, ENDS[i]) == 0)
			return (int)(length - end);
	}
	return (int)length;
}

void plan_mode_add(struct text *out, const char *mode, const json_t *level_pct)
{
	const char *words = words_of(MODES, ARRAY_LENGTH(MODES), mode);

	if (json_is_number(level_pct))
		text_add(out, "%s %.0f %%", words, json_number_value(level_pct));
	else
		text_add(out, "%.*s", length_without_level(words), words);
}

const char *plan_need_words(const char *need)
{
	return words_of(NEEDS, ARRAY_LENGTH(NEEDS), need);
}

const char *plan_meanwhile_words(const char *logic)
{
	return words_of(DECIDERS, ARRAY_LENGTH(DECIDERS), logic);
}

const char *plan_rule_words(const char *rule)
{
	return words_of(RULES, ARRAY_LENGTH(RULES), rule);
}
