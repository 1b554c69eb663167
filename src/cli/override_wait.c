/*
 * Begins an override and waits for what comes of it.
 *
 * A command is not an effect: success is that the relay's own answer agrees.
 * Where the gate says no, its reason is what the person is told; a reason that
 * passes by itself (dwell, the other relay not confirmed open yet) is waited
 * for as long as anything else.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "cli/client.h"
#include "cli/duration.h"
#include "cli/override.h"
#include "cli/show.h"

#define WAIT_MS 10000
#define POLL_MS 200

enum outcome { OUTCOME_OPEN, OUTCOME_DONE, OUTCOME_REFUSED, OUTCOME_REFUSED_FOR_NOW };

static bool passes_by_itself(const char *reason)
{
	static const char *const PASSING[] = {"dwell", "other-path", "relay-unread", "epoch",
					      "settling"};

	for (size_t i = 0; i < ARRAY_LENGTH(PASSING); i++) {
		if (strcmp(PASSING[i], reason) == 0)
			return true;
	}
	return false;
}

static enum outcome judge_decision(const json_t *decision)
{
	if (!json_is_object(decision))
		return OUTCOME_OPEN;
	if (strcmp(member_text(decision, "intent"), member_text(decision, "wanted")) == 0)
		return OUTCOME_DONE;
	return passes_by_itself(member_text(json_object_get(decision, "reason"), "code"))
		   ? OUTCOME_REFUSED_FOR_NOW
		   : OUTCOME_REFUSED;
}

static const json_t *find(const json_t *array, const char *member, const char *value)
{
	const json_t *one;
	size_t index;

	json_array_foreach(array, index, one)
	{
		if (strcmp(member_text(one, member), value) == 0)
			return one;
	}
	return NULL;
}

static bool is_confirmed(const json_t *relay, bool is_on)
{
	const json_t *state = json_object_get(relay, "state");

	return strcmp(member_text(relay, "phase"), "confirmed") == 0 && json_is_boolean(state) &&
	       json_is_true(state) == is_on && member_is_true(relay, "wished") == is_on;
}

/* Asks once how it stands. `decision` is replaced. */
static int look(struct cli *cli, const char *battery, const char *relay, bool is_on,
		json_t **decision, enum outcome *outcome)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	text_add(&path, "explain");
	client_argument(&path, "battery", battery);
	rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	json_decref(*decision);
	*decision = json_incref(
	    json_object_get(json_array_get(json_object_get(answer, "batteries"), 0), "decision"));
	json_decref(answer);
	*outcome = judge_decision(*decision);
	if (*outcome != OUTCOME_DONE || !relay)
		return EXIT_OK;
	rc = client_get(cli, "relays", &answer);
	if (rc != EXIT_OK)
		return rc;
	if (!is_confirmed(find(json_object_get(answer, "relays"), "id", relay), is_on))
		*outcome = OUTCOME_OPEN;
	json_decref(answer);
	return EXIT_OK;
}

static int report(const struct cli *cli, const json_t *override, const json_t *decision,
		  enum outcome outcome, const char *relay, bool is_on)
{
	const char *words = member_text(decision, "words");

	if (cli->format == FORMAT_JSON) {
		static const char *const NAMES[] = {"not-confirmed", "done", "refused", "refused"};
		json_t *out =
		    json_pack("{s:O, s:O, s:s}", "override", override, "decision",
			      decision ? decision : json_null(), "outcome", NAMES[outcome]);

		json_show(stdout, out);
		json_decref(out);
	} else if (outcome == OUTCOME_DONE) {
		printf("override %.0f: %s\n", member_number(override, "id"), words);
		if (relay)
			printf("relay %s is confirmed %s\n", relay, is_on ? "on" : "off");
	}
	if (outcome == OUTCOME_DONE)
		return EXIT_OK;
	if (outcome == OUTCOME_OPEN) {
		complain("not confirmed within %d s: %s", WAIT_MS / MS_PER_SECOND, words);
		return EXIT_NOT_CONFIRMED;
	}
	complain("refused by limits%s: %s", outcome == OUTCOME_REFUSED ? "" : " for now", words);
	return EXIT_REFUSED;
}

static int wait_for_outcome(struct cli *cli, const json_t *override, const char *relay, bool is_on)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	enum outcome outcome = OUTCOME_OPEN;
	json_t *decision = NULL;
	int rc = EXIT_OK;

	for (int waited_ms = 0; waited_ms <= WAIT_MS; waited_ms += POLL_MS) {
		rc = look(cli, member_text(override, "battery"), relay, is_on, &decision, &outcome);
		if (rc != EXIT_OK || outcome == OUTCOME_DONE || outcome == OUTCOME_REFUSED)
			break;
		nanosleep(&pause, NULL);
	}
	if (rc == EXIT_OK)
		rc = report(cli, override, decision, outcome, relay, is_on);
	json_decref(decision);
	return rc;
}

int take_duration(struct cli *cli, int *argc, char **argv, int64_t *ms)
{
	const char *words = NULL;

	if (take_option(argc, argv, "--for", &words) != 1) {
		complain("--for DURATION is needed: an override always ends");
		return usage(cli);
	}
	if (duration_parse(ms, words) < 0) {
		complain("--for: %s is no duration (90s, 15m, 2h, 1h30m)", words);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

int override_begin(struct cli *cli, json_t *wish, int64_t ms, const char *relay, bool relay_is_on)
{
	json_t *override;
	int rc;

	if (!wish)
		return EXIT_FAILED;
	json_object_set_new(wish, "duration_s", json_real((double)ms / MS_PER_SECOND));
	rc = client_call(cli, "POST", "overrides", wish, &override);
	json_decref(wish);
	if (rc != EXIT_OK)
		return rc;
	if (!member_is_true(override, "stored"))
		complain(
		    "it acts, but is not known to be stored: a restart of amphorad may undo it");
	rc = wait_for_outcome(cli, override, relay, relay_is_on);
	json_decref(override);
	return rc;
}
