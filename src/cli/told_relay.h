/*
 * A relay as it is told to people: its two words and how they compare, as the page says it
 * (words/en/now.js); tests/words_test.py holds them side by side.
 */
#pragma once

#include <jansson.h>

#include "base/text.h"
#include "cli/cli.h"

/* How what a relay was asked compares with what it is. */
enum sign { SIGN_AGREE, SIGN_WAIT, SIGN_DIFFER, SIGN_UNKNOWN };

/* Of a relay of GET /state, or of an event; `alerts` are those of its battery, or all, or NULL. */
enum sign told_sign(const json_t *relay, const json_t *alerts);

/* "agree", "waiting", "disagree", "not known" */
const char *told_sign_words(enum sign sign);

/* "on", "off"; "unknown" where it is not told. */
const char *told_switch(const json_t *state);

/* "charges" or "uses": what a relay of that role does. */
const char *told_role(const char *role);

/* Adds "read back 4 s ago", "last: on, 2 min old" or "never read". */
void told_heard(const struct cli *cli, struct text *out, const json_t *relay);

/*
 * Adds how a relay's two words compare, as a sentence: "They agree. Lease 78 s, renewed in time."
 */
void told_said(const struct cli *cli, struct text *out, const json_t *relay, const json_t *alerts);

/* Adds ", 3 s left" where a relay has to answer yet; nothing where no command is on its way. */
void told_deadline(const struct cli *cli, struct text *out, const json_t *relay);

/* Whether it says off although power flows. */
bool told_is_welded(const json_t *relay, const json_t *alerts);

/* Whether such an alert is active; `subject` NULL: whatever it is about. */
bool told_has_alert(const json_t *alerts, const char *code, const char *subject);
