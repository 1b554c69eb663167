/* What a plan is worth, in the words of the page (src/web/words/en/plan.js). */
#pragma once

#include "cli/plan_view.h"

/*
 * What is expected and how far it may be off, what was measured, and what each simple rule would
 * come to. `plan` as in GET /plan; `measured` is GET /plan/worth's answer, NULL where it is not
 * known.
 */
void plan_worth_show(const struct plan_view *view, FILE *out, const json_t *plan,
		     const json_t *measured);
