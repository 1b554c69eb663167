/*
 * `amphora doctor`: looks at each part and says what is wrong with it and what to
 * do. The daemon tells of itself and of what it hears; this machine's part is
 * looked at from here, and where no daemon answers, that is all there is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/client.h"
#include "cli/doctor_machine.h"
#include "cli/house.h"
#include "cli/screen.h"
#include "cli/show.h"

#define FINDING_MAX 2048

static const struct column COLUMNS[] = {
    {"verdict", NULL, COLUMN_TEXT}, {"check", NULL, COLUMN_TEXT},  {"subject", NULL, COLUMN_TEXT},
    {"words", NULL, COLUMN_TEXT},   {"advice", NULL, COLUMN_TEXT},
};

static enum colour colour_of(const char *verdict)
{
	if (strcmp(verdict, "fault") == 0)
		return COLOUR_RED;
	if (strcmp(verdict, "warning") == 0)
		return COLOUR_YELLOW;
	return strcmp(verdict, "ok") == 0 ? COLOUR_GREEN : COLOUR_NONE;
}

static void show_finding(const struct cli *cli, const json_t *finding)
{
	const char *verdict = member_text(finding, "verdict");
	const char *subject = member_text(finding, "subject");
	const char *advice = member_text(finding, "advice");

	char buffer[FINDING_MAX];
	struct text line = text_in(buffer, sizeof(buffer));

	text_add(&line, "%s%-8s%s %s%s%s: %s\n", colour_begin(cli, colour_of(verdict)), verdict,
		 colour_end(cli), member_text(finding, "check"), subject[0] ? " " : "", subject,
		 member_text(finding, "words"));
	if (advice[0])
		text_add(&line, "         → %s\n", advice);
	screen_print(buffer);
}

static int count_of(const json_t *findings, const char *verdict)
{
	int count = 0;
	size_t i;
	json_t *finding;

	json_array_foreach(findings, i, finding)
		count += strcmp(member_text(finding, "verdict"), verdict) == 0;
	return count;
}

static void show(const struct cli *cli, json_t *findings)
{
	int faults = count_of(findings, "fault"), warnings = count_of(findings, "warning");
	size_t i;
	json_t *finding;

	if (cli->format == FORMAT_CSV) {
		rows_show(cli, stdout, findings, COLUMNS, ARRAY_LENGTH(COLUMNS), "");
	} else if (cli->format == FORMAT_JSON) {
		json_t *whole = json_pack("{s:O, s:i, s:i}", "findings", findings, "faults", faults,
					  "warnings", warnings);

		json_show(stdout, whole);
		json_decref(whole);
	} else {
		json_array_foreach(findings, i, finding) show_finding(cli, finding);
		printf("%d fault%s, %d warning%s\n", faults, faults == 1 ? "" : "s", warnings,
		       warnings == 1 ? "" : "s");
	}
}

/* What the daemon says, and where its journal is. Returns an exit code. */
static int ask(struct cli *cli, json_t *findings)
{
	json_t *answer, *state;
	int rc = client_get(cli, "doctor?ask=broker", &answer);

	if (rc != EXIT_OK)
		return rc;
	json_array_extend(findings, json_object_get(answer, "findings"));
	json_decref(answer);
	rc = client_get_state(cli, &state);
	if (rc != EXIT_OK)
		return rc;
	doctor_machine(findings,
		       member_text(json_object_get(json_object_get(state, "store"), "journal"), "path"));
	json_decref(state);
	return EXIT_OK;
}

static int look_without_daemon(json_t *findings, const char *config)
{
	struct house *house;
	int rc = EXIT_UNREACHABLE;

	json_array_append_new(
	    findings,
	    json_pack("{s:s, s:n, s:s, s:s, s:s}", "check", "daemon", "subject", "verdict", "fault",
		      "words", "does not answer", "advice",
		      config ? "start amphorad with that configuration"
			     : "is amphorad running? with --config FILE its configuration is looked at"));
	if (!config)
		return rc;
	house = malloc(sizeof(*house));
	if (!house || house_read(house, config) != 0)
		rc = EXIT_FAILED;
	else
		doctor_configured(findings, house);
	free(house);
	return rc;
}

int command_doctor(struct cli *cli, int argc, char **argv)
{
	const char *config = NULL;
	json_t *findings;
	int rc;

	if (take_option(&argc, argv, "--config", &config) < 0 || !words_fit(argc, argv, 0, 0))
		return usage(cli);
	findings = json_array();
	if (client_is_answered(cli))
		rc = ask(cli, findings);
	else
		rc = look_without_daemon(findings, config);
	if (rc == EXIT_OK || rc == EXIT_UNREACHABLE)
		show(cli, findings);
	if (rc == EXIT_OK && count_of(findings, "fault") > 0)
		rc = EXIT_FAILED;
	json_decref(findings);
	return rc;
}
