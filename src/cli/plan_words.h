/* What a plan is made of, in the words of the page (src/web/words/en/plan.js). */
#pragma once

#include <jansson.h>

#include "base/text.h"

/* Adds "charge from the grid to 80 %" of a mode and its level, which may be null. */
void plan_mode_add(struct text *out, const char *mode, const json_t *level_pct);

/* What is missing, and what it is for, as two sentences. */
const char *plan_need_words(const char *need);

/* Who decides where the plan does not: "the rule decides". */
const char *plan_meanwhile_words(const char *logic);

/* A rule that the plan is held beside: "with self-use alone". */
const char *plan_rule_words(const char *rule);
