/* The titles of alerts: a table that tests/words_test.py holds beside that of the page. */
#include "cli/alert_words.h"

#include <string.h>

#include "base/result.h"
#include "cli/show.h"

/* {id} stands for what the alert is about. */
static const struct {
	const char *code, *title;
} TITLES[] = {
    {"sensor-stale", "{id} is silent"},
    {"reading-out-of-range", "{id} sends a value out of range"},
    {"reading-contradictory", "{id} contradicts itself"},
    {"soc-implausible", "The charge of {id} cannot be right"},
    {"temp-implausible", "The temperature of {id} cannot be right"},
    {"power-contradiction", "Voltage, current and power of {id} do not agree"},
    {"cells-contradiction", "The cells and the pack of {id} do not agree"},
    {"sign-contradiction", "The charge of {id} moves against its current"},
    {"sensor-frozen", "{id} repeats the same values"},
    {"sensor-clock", "The clock of {id} is wrong"},
    {"sequence-gap", "Readings of {id} were lost on the way"},
    {"interval-ignored", "{id} does not send as it was set to"},
    {"relay-timeout", "Relay {id} does not answer"},
    {"relay-mismatch", "Relay {id} does not follow"},
    {"relay-foreign", "Someone else switched {id}"},
    {"relay-rebooted", "Relay {id} rebooted"},
    {"relay-clock", "The clock of relay {id} runs at another speed"},
    {"relay-impostor", "Another node answers in the place of {id}"},
    {"relay-no-lease", "Relay {id} has no lease"},
    {"relay-welded", "{id} says off, but power flows"},
    {"still-charging", "{id} charges although its relay says off"},
    {"no-effect", "{id} is on, and nothing follows"},
    {"limit-tripped", "A limit stopped {id}"},
    {"locked-out", "{id} is locked: its limits tripped too often today"},
    {"broker-away", "The broker is away"},
    {"broker-taken-over", "Another client uses Amphora’s name at the broker"},
    {"broker-session-lost", "The broker forgot what was waiting"},
    {"marker-silent", "The broker does not give back what Amphora says"},
    {"store-failed", "Nothing can be stored"},
    {"journal-set-aside", "A damaged journal was set aside"},
    {"server-away", "The database server is away"},
    {"server-refused", "The database server refused a row"},
    {"clock-untrusted", "The time of day is not known for sure"},
    {"store-nearly-full", "There is little room left to store"},
    {"control-away", "The second connection to the broker is away"},
    {"web-away", "Browsers cannot reach Amphora"},
    {"meter-wrong", "A meter cannot be right"},
    {"prices-old", "What energy costs is not known"},
    {"outlet-failing", "Alerts do not arrive by {id}"},
};

static const char *title_of(const char *code)
{
	for (size_t i = 0; i < ARRAY_LENGTH(TITLES); i++) {
		if (strcmp(TITLES[i].code, code) == 0)
			return TITLES[i].title;
	}
	return NULL;
}

/* What the daemon says, without the name that the title has said already. */
static const char *rest_of(const json_t *alert)
{
	const char *words = member_text(alert, "words"), *subject = member_text(alert, "subject");
	size_t length = strlen(subject);

	if (length > 0 && strncmp(words, subject, length) == 0 &&
	    strncmp(words + length, ": ", 2) == 0)
		return words + length + 2;
	return words;
}

void alert_words_add(struct text *out, const json_t *alert)
{
	const char *title = title_of(member_text(alert, "code")), *id;

	if (!title) {
		text_add(out, "%s", member_text(alert, "words"));
		return;
	}
	id = strstr(title, "{id}");
	if (id)
		text_add(out, "%.*s%s%s", (int)(id - title), title, member_text(alert, "subject"),
			 id + strlen("{id}"));
	else
		text_add(out, "%s", title);
	text_add(out, ": %s", rest_of(alert));
}
