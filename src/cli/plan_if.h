/* What GET /plan/what-if is asked and answers, as text for people and programs. */
#pragma once

#include "cli/plan_view.h"

/*
 * Adds `reserve_pct=30`, or the beginning of a name as in `reserve=30`, as an argument to `path`.
 * Complains of what is no circumstance. Returns an exit code.
 */
int plan_if_add(struct text *path, const char *change) MUST_CHECK;

/* Both plans and how they differ; `changes`, `count` of them, are as they were typed. */
void plan_if_show(const struct plan_view *view, FILE *out, const json_t *answer, int count,
		  char **changes);
