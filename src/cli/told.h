/*
 * What a battery does, told from the daemon's answers with the words of the page
 * (src/web/screens/now-model.js, words/en/now.js); tests/words_test.py holds them side by side.
 */
#pragma once

#include <jansson.h>

#include "cli/told_relay.h"

/* One battery of GET /explain, and the same one of GET /state. */
struct told {
	const struct cli *cli; /* whose zone times are told in */
	const json_t *battery; /* NULL: nothing more is known than is explained */
	const json_t *explained;
};

/* `battery`, of GET /state, with its part of the list that GET /explain gives. */
struct told told_find(const struct cli *cli, const json_t *battery, const json_t *explanations);

/*
 * Adds what it does and why: "Charging because it is 40 % full; the rule charges it up to 80 %." A
 * relay that does not follow comes before the reason: "Not charging although asked to: …".
 */
void told_doing(const struct told *told, struct text *out);

/* Adds what would change that: "It would stop at 80 %." */
void told_flip(const struct told *told, struct text *out);

/* Whether told_doing() says what a relay answers, and not the reason of the decision. */
bool told_is_of_relay(const struct told *told);

/* Adds a reason with the names that it may have, without a full stop. */
void told_why(const struct told *told, struct text *out, const json_t *reason);

/* "the rule", … of "threshold", …; what is newer than this program stands as it is. */
const char *told_decider(const char *name);
