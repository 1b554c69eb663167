/*
 * Begins an override and waits for what comes of it.
 *
 * A command is not an effect: success is that each relay's own answer agrees.
 * What the limits refuse was not kept, and the daemon has said why. What waits
 * for a limit is kept: then the answer is how it stands and until when.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "cli/client.h"
#include "cli/duration.h"
#include "cli/override.h"
#include "cli/show.h"
#include "cli/told.h"
#include "model/event.h"

#define WAIT_MS 10000
#define POLL_MS 200
#define TIME_TEXT_MAX 64
#define WORDS_MAX 512

/* Whether the relay of `override` is as that asks, by its own word. */
static bool is_confirmed(const json_t *override, const json_t *relay)
{
	const json_t *state = json_object_get(relay, "state");
	bool is_on = strcmp(member_text(override, "state"), "on") == 0;

	return strcmp(member_text(relay, "phase"), "confirmed") == 0 && json_is_boolean(state) &&
	       json_is_true(state) == is_on && member_is_true(relay, "wished") == is_on;
}

/* Whether it is as was asked: relays confirmed, or, where it was to end, that it has. */
static bool is_well(const json_t *command)
{
	const char *wanted =
	    strcmp(member_text(command, "asked"), "cancel") == 0 ? "ended" : "confirmed";

	return strcmp(member_text(command, "state"), wanted) == 0;
}

int override_await(struct cli *cli, const json_t *begun)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));

	text_add(&path, "commands/%.0f", member_number(begun, "command"));
	for (int waited_ms = 0; waited_ms <= WAIT_MS; waited_ms += POLL_MS) {
		json_t *command;
		bool is_pending, is_done;
		int rc = client_get(cli, buffer, &command);

		if (rc == EXIT_NOT_FOUND) /* it was started anew meanwhile */
			return EXIT_NOT_CONFIRMED;
		if (rc != EXIT_OK)
			return rc;
		is_pending = strcmp(member_text(command, "state"), "pending") == 0;
		is_done = is_well(command);
		json_decref(command);
		if (!is_pending)
			return is_done ? EXIT_OK : EXIT_NOT_CONFIRMED;
		nanosleep(&pause, NULL);
	}
	return EXIT_NOT_CONFIRMED;
}

/* How the battery stands, a new reference; NULL where the call failed. */
static int explain(struct cli *cli, const json_t *begun, json_t **explained)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	*explained = NULL;
	text_add(&path, "explain");
	client_argument(&path, "battery", member_text(begun, "battery"));
	rc = client_get(cli, buffer, &answer);
	if (rc == EXIT_OK)
		*explained = json_incref(json_array_get(json_object_get(answer, "batteries"), 0));
	json_decref(answer);
	return rc;
}

/* ---- what came of it, for people ---- */

static const char *ends_of(const struct cli *cli, char buffer[TIME_TEXT_MAX],
			   const json_t *override)
{
	struct text text = text_in(buffer, TIME_TEXT_MAX);

	value_add(cli, &text, json_object_get(override, "ends"), COLUMN_TIME);
	return buffer;
}

static void show_begun(const struct cli *cli, const json_t *begun)
{
	const json_t *override = json_array_get(json_object_get(begun, "overrides"), 0);
	char ends[TIME_TEXT_MAX];
	const json_t *one;
	size_t index;

	printf("override %.0f lasts until %s\n", member_number(begun, "id"),
	       ends_of(cli, ends, override));
	json_array_foreach(json_object_get(begun, "replaced"), index, one)
	    printf("it replaces the override of %s (%s until %s)\n", member_text(one, "relay"),
		   member_text(one, "state"), ends_of(cli, ends, one));
}

static void show_relay(const json_t *override, const json_t *relay)
{
	const char *held_by = member_text(json_object_get(relay, "override"), "held_by");
	const char *id = member_text(override, "relay"), *state = member_text(override, "state");

	if (is_confirmed(override, relay)) {
		printf("relay %s is confirmed %s\n", id, state);
	} else if (held_by[0]) {
		complain("relay %s is not %s yet: %s", id, state, held_by);
	} else {
		complain("relay %s is not confirmed %s (%s)", id, state,
			 told_sign_words(told_sign(relay, NULL)));
	}
}

static void show(const struct cli *cli, const json_t *begun, const json_t *explained, bool is_done)
{
	const struct told told = {.cli = cli, .explained = explained};
	char words[WORDS_MAX];
	struct text doing = text_in(words, sizeof(words));
	const json_t *override;
	size_t index;

	show_begun(cli, begun);
	json_array_foreach(json_object_get(begun, "overrides"), index, override) show_relay(
	    override, row_find(json_object_get(explained, "relays"), member_text(override, "relay")));
	if (!is_done)
		complain("override %.0f stays in force; `amphora override cancel %.0f` ends it",
			 member_number(begun, "id"), member_number(begun, "id"));
	told_doing(&told, &doing);
	printf("%s  %s\n", member_text(begun, "battery"), words);
}

static void show_json(const json_t *begun, const json_t *explained, bool is_done)
{
	json_t *out = json_pack("{s:O, s:O, s:O, s:s}", "override", begun, "decision",
				json_object_get(explained, "decision"), "relays",
				json_object_get(explained, "relays"), "outcome",
				is_done ? "done" : "not-confirmed");

	json_show(stdout, out);
	json_decref(out);
}

/* ---- the two commands ---- */

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
	if (*ms > OVERRIDE_MAX_MS) {
		complain("--for: %s is too long: an override ends after %d h at the latest", words,
			 (int)(OVERRIDE_MAX_MS / MS_PER_HOUR));
		return EXIT_REFUSED;
	}
	return EXIT_OK;
}

int override_ask(struct cli *cli, json_t *wish, int64_t ms)
{
	json_t *begun = NULL, *explained = NULL;
	int explain_rc, rc = wish ? client_introduce(cli) : EXIT_FAILED;

	if (rc == EXIT_OK) {
		json_object_set_new(wish, "duration_s", json_real((double)ms / MS_PER_SECOND));
		rc = client_command(cli, "POST", "overrides", wish, &begun);
	}
	json_decref(wish);
	if (rc != EXIT_OK)
		return rc;
	if (!member_is_true(begun, "stored"))
		complain(
		    "it acts, but is not known to be stored: a restart of amphorad may undo it");
	rc = override_await(cli, begun);
	explain_rc = explain(cli, begun, &explained);
	if (rc == EXIT_OK)
		rc = explain_rc;
	if (json_is_object(explained) && cli->format == FORMAT_JSON)
		show_json(begun, explained, rc == EXIT_OK);
	else if (json_is_object(explained))
		show(cli, begun, explained, rc == EXIT_OK);
	json_decref(explained);
	json_decref(begun);
	return rc;
}
