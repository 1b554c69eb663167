/* A relay's two words, asked and is, and how they compare, as the page says it. */
#include "cli/told_relay.h"

#include <string.h>

#include "cli/show.h"

const char *told_role(const char *role)
{
	return strcmp(role, "source") == 0 ? "charges" : "uses";
}

const char *told_switch(const json_t *state)
{
	return !json_is_boolean(state) ? "unknown" : json_is_true(state) ? "on" : "off";
}

bool told_has_alert(const json_t *alerts, const char *code, const char *subject)
{
	const json_t *alert;
	size_t index;

	json_array_foreach(alerts, index, alert)
	{
		if (!json_is_false(json_object_get(alert, "active")) &&
		    strcmp(member_text(alert, "code"), code) == 0 &&
		    (!subject || strcmp(member_text(alert, "subject"), subject) == 0))
			return true;
	}
	return false;
}

enum sign told_sign(const json_t *relay, const json_t *alerts)
{
	const json_t *state = json_object_get(relay, "state");

	if (!json_is_boolean(state))
		return SIGN_UNKNOWN;
	if (json_is_true(state) == member_is_true(relay, "wished"))
		return SIGN_AGREE;
	/* Asked once more, it still differs until it follows. */
	if (strcmp(member_text(relay, "phase"), "mismatch") == 0 ||
	    told_has_alert(alerts, "relay-mismatch", member_text(relay, "id")))
		return SIGN_DIFFER;
	return strcmp(member_text(relay, "phase"), "timeout") == 0 ? SIGN_UNKNOWN : SIGN_WAIT;
}

const char *told_sign_words(enum sign sign)
{
	static const char *const words[] = {
	    [SIGN_AGREE] = "agree",
	    [SIGN_WAIT] = "waiting",
	    [SIGN_DIFFER] = "disagree",
	    [SIGN_UNKNOWN] = "not known",
	};

	return words[sign];
}

void told_heard(const struct cli *cli, struct text *out, const json_t *relay)
{
	bool is_known = json_is_boolean(json_object_get(relay, "state"));
	const json_t *last = json_object_get(relay, "last_state");

	if (!is_known && !json_is_boolean(last)) {
		text_add(out, "never read");
		return;
	}
	if (is_known)
		text_add(out, "read back ");
	else
		text_add(out, "last: %s, ", told_switch(last));
	value_add(cli, out, json_object_get(relay, "heard_age_s"), COLUMN_DURATION);
	text_add(out, is_known ? " ago" : " old");
}

/* It says off, and power flows. */
bool told_is_welded(const json_t *relay, const json_t *alerts)
{
	return json_is_false(json_object_get(relay, "state")) &&
	       (told_has_alert(alerts, "relay-welded", member_text(relay, "id")) ||
		(strcmp(member_text(relay, "role"), "source") == 0 &&
		 told_has_alert(alerts, "still-charging", member_text(relay, "battery"))));
}

static void add_agreed(const struct cli *cli, struct text *out, const json_t *relay)
{
	const json_t *left_s = json_object_get(relay, "lease_left_s");
	bool is_on = json_is_true(json_object_get(relay, "state"));

	if (is_on && strcmp(member_text(relay, "lease"), "none") == 0) {
		text_add(out,
			 "They agree. It has no lease: it stays on when Amphora falls silent.");
	} else if (is_on && json_is_number(left_s)) {
		text_add(out, "They agree. Lease ");
		value_add(cli, out, left_s, COLUMN_DURATION);
		text_add(out, ", renewed in time.");
	} else {
		text_add(out, "They agree.");
	}
}

void told_deadline(const struct cli *cli, struct text *out, const json_t *relay)
{
	const json_t *left_s = json_object_get(relay, "deadline_left_s");

	if (!json_is_number(left_s))
		return;
	text_add(out, ", ");
	value_add(cli, out, left_s, COLUMN_DURATION);
	text_add(out, " left");
}

static void add_waiting(const struct cli *cli, struct text *out, const json_t *relay)
{
	const char *held_by = member_text(json_object_get(relay, "override"), "held_by");

	if (strcmp(member_text(relay, "phase"), "requested") != 0) {
		text_add(out, "Waiting for the relay to confirm: asked ");
		value_add(cli, out, json_object_get(relay, "asked_age_s"), COLUMN_DURATION);
		text_add(out, " ago");
		told_deadline(cli, out, relay);
		text_add(out, ".");
	} else if (held_by[0]) {
		text_add(out, "Not sent yet: %s", held_by);
	} else {
		text_add(out, "Not sent yet.");
	}
}

void told_said(const struct cli *cli, struct text *out, const json_t *relay, const json_t *alerts)
{
	switch (told_sign(relay, alerts)) {
	case SIGN_AGREE:
		if (told_is_welded(relay, alerts))
			text_add(out, "It says off, but power flows.");
		else
			add_agreed(cli, out, relay);
		break;
	case SIGN_WAIT:
		add_waiting(cli, out, relay);
		break;
	case SIGN_DIFFER:
		text_add(out, "They disagree. Asked ");
		if (member_number(relay, "mismatches") > 1)
			text_add(out, "%.0f times.", member_number(relay, "mismatches"));
		else
			text_add(out, "once.");
		break;
	case SIGN_UNKNOWN:
		text_add(out, "Not known: the relay does not answer.");
		break;
	}
}
