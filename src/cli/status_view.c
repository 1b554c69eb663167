/*
 * The picture of `amphora status`: the daemon, batteries (status_battery.c), meters, alerts, the
 * last events.
 *
 * It decides how things look; when and where it is drawn is status.c's affair.
 * What is missing is a dash with its age, never 0.
 */
#include "cli/status_view.h"

#include <string.h>

#include "cli/alert_words.h"
#include "cli/events.h"
#include "cli/show.h"
#include "cli/status_battery.h"
#include "cli/status_total.h"

#define LINE_MAX_BYTES 768

static const char *begin(const struct cli *cli, enum colour colour)
{
	return colour_begin(cli, colour);
}

static void put_line(FILE *out, const struct text *line)
{
	fprintf(out, "%s\n", line->data);
}

/* ---- the daemon ---- */

static void view_daemon(const struct cli *cli, FILE *out, const json_t *state)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	double factor = member_number(state, "clock_factor");

	text_add(&line, "%samphorad %s%s  ", begin(cli, COLOUR_BOLD), member_text(state, "version"),
		 colour_end(cli));
	value_add(cli, &line, json_object_get(state, "time"), COLUMN_TIME);
	if (factor > 1)
		text_add(&line, "  %sclock ×%.0f (simulated)%s", begin(cli, COLOUR_YELLOW), factor,
			 colour_end(cli));
	if (!member_is_true(state, "wall_trusted"))
		text_add(&line, "  %sclock not trusted: rules only%s", begin(cli, COLOUR_YELLOW),
			 colour_end(cli));
	text_add(&line, "  up ");
	duration_member_add(cli, &line, state, "uptime_s");
	if (member_is_true(state, "stopping"))
		text_add(&line, "  %sstopping%s", begin(cli, COLOUR_YELLOW), colour_end(cli));
	put_line(out, &line);
}

static void add_broker(const struct cli *cli, struct text *line, const json_t *broker)
{
	if (!member_is_true(broker, "configured")) {
		text_add(line, "broker: none");
		return;
	}
	if (member_is_true(broker, "connected"))
		text_add(line, "broker: connected%s",
			 member_is_true(broker, "marker_awaited") ? ", taking in a backlog" : "");
	else if (member_text(broker, "detail")[0] == '\0')
		text_add(line, "broker: connecting");
	else
		text_add(line, "broker: %saway%s: %s", begin(cli, COLOUR_RED), colour_end(cli),
			 member_text(broker, "detail"));
	if (member_is_true(broker, "connected") && member_is_true(broker, "taken_over"))
		text_add(line, ", %sanother client took over the id %s%s", begin(cli, COLOUR_RED),
			 member_text(broker, "client_id"), colour_end(cli));
	if (json_is_integer(json_object_get(broker, "retry_s"))) {
		text_add(line, ", tried again in ");
		duration_member_add(cli, line, broker, "retry_s");
	}
}

/* "writes 41.2 MB a day, gathered for 60 s": what an SD card has to bear. */
static void add_writing(struct text *line, const json_t *journal)
{
	double delay_s = member_number(journal, "commit_delay_s");

	if (json_is_number(json_object_get(journal, "written_per_day_bytes")))
		text_add(line, ", writes %.1f MB a day",
			 member_number(journal, "written_per_day_bytes") / 1e6);
	if (delay_s > 0)
		text_add(line, ", gathered for %.0f s", delay_s);
}

/* `3 rows`, and of how much of the space that it may take. */
static void add_size(struct text *line, const json_t *journal)
{
	double used_mb = member_number(journal, "used_bytes") / 1e6;
	double max_mb = member_number(journal, "max_bytes") / 1e6;

	count_add(line, member_number(journal, "rows"), "row");
	if (max_mb <= 0)
		return;
	text_add(line, ", %.*f of ", used_mb < 10 ? 1 : 0, used_mb);
	text_add(line, "%.0f MB", max_mb);
}

static void add_journal(const struct cli *cli, struct text *line, const json_t *journal)
{
	text_add(line, " · journal: ");
	if (!member_is_true(journal, "ok")) {
		text_add(line, "%sfailed%s: %s", begin(cli, COLOUR_RED), colour_end(cli),
			 member_text(journal, "detail"));
		return;
	}
	add_size(line, journal);
	add_writing(line, journal);
}

static void add_server(const struct cli *cli, struct text *line, const json_t *server)
{
	const char *detail = member_text(server, "detail");

	text_add(line, " · server: ");
	if (!json_is_object(server)) {
		text_add(line, "none");
		return;
	}
	if (member_is_true(server, "connected"))
		text_add(line, "connected, ");
	else if (detail[0] == '\0' || strcmp(detail, "connecting") == 0)
		text_add(line, "connecting, ");
	else
		text_add(line, "%saway%s: %s, ", begin(cli, COLOUR_RED), colour_end(cli), detail);
	count_add(line, member_number(server, "unsent_rows"), "row");
	text_add(line, " to send");
	if (member_number(server, "dead_letters") > 0) {
		text_add(line, ", %s", begin(cli, COLOUR_RED));
		count_add(line, member_number(server, "dead_letters"), "dead letter");
		text_add(line, "%s", colour_end(cli));
	}
}

static void view_surroundings(const struct cli *cli, FILE *out, const json_t *state)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const json_t *store = json_object_get(state, "store");

	add_broker(cli, &line, json_object_get(state, "broker"));
	add_journal(cli, &line, json_object_get(store, "journal"));
	add_server(cli, &line, json_object_get(store, "server"));
	put_line(out, &line);
}

/* "not encrypted: mqtt 192.168.1.10:1883, relay r1"; what can be done is in the log. */
static void view_unencrypted(const struct cli *cli, FILE *out, const json_t *state)
{
	const json_t *channels = json_object_get(state, "unencrypted");
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const json_t *channel;
	size_t i;

	if (json_array_size(channels) == 0)
		return;
	text_add(&line, "%snot encrypted:%s", begin(cli, COLOUR_YELLOW), colour_end(cli));
	json_array_foreach(channels, i, channel) text_add(
	    &line, "%s %s %s", i > 0 ? "," : "", member_text(channel, "channel"),
	    member_text(channel, json_is_string(json_object_get(channel, "subject")) ? "subject" : "address"));
	put_line(out, &line);
}

static void view_refused(const struct cli *cli, FILE *out, const json_t *state)
{
	const json_t *counters = json_object_get(state, "readings");
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const char *reason;
	json_t *count;

	if (member_number(counters, "accepted") > 0)
		text_add(&line, "readings: %.0f taken", member_number(counters, "accepted"));
	else
		text_add(&line, "readings: none yet");
	if (member_number(counters, "duplicates") > 0)
		text_add(&line, ", %.0f came again", member_number(counters, "duplicates"));
	if (member_number(counters, "missing") > 0)
		text_add(&line, ", %s%.0f missing%s", begin(cli, COLOUR_YELLOW),
			 member_number(counters, "missing"), colour_end(cli));
	json_object_foreach(json_object_get(counters, "refused"), reason, count)
	    text_add(&line, ", %s%.0f refused: %s%s", begin(cli, COLOUR_YELLOW),
		     json_number_value(count), reason, colour_end(cli));
	put_line(out, &line);
}

/* ---- meters, alerts, events ---- */

/* " (2 of 3: garage is silent)", where a sum lacks some; " (cannot be right)"; " (stands still)". */
static void add_silent(struct text *line, const json_t *meter)
{
	const json_t *silent = json_object_get(meter, "silent"), *name;
	size_t of = (size_t)member_number(meter, "of"), count = json_array_size(silent), index;

	if (count > 0 && count < of) {
		text_add(line, " (%zu of %zu: ", of - count, of);
		json_array_foreach(silent, index, name)
		{
			text_add(line, "%s%s", index > 0 ? ", " : "", json_string_value(name));
		}
		text_add(line, " %s silent)", count == 1 ? "is" : "are");
	}
	if (strcmp(member_text(meter, "quality"), "suspect") == 0)
		text_add(line, " (cannot be right)");
	if (strcmp(member_text(meter, "quality"), "frozen") == 0)
		text_add(line, " (stands still)");
}

static void view_meters(const struct cli *cli, FILE *out, const json_t *meters)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const char *name;
	json_t *meter;
	bool is_any = false;

	json_object_foreach((json_t *)meters, name, meter)
	{
		text_add(&line, "%s%s ", is_any ? "   " : "", name);
		value_add(cli, &line, json_object_get(meter, "power_w"), COLUMN_WHOLE);
		text_add(&line, " W");
		if (json_is_null(json_object_get(meter, "power_w")) &&
		    json_is_number(json_object_get(meter, "age_s"))) {
			text_add(&line, " (");
			duration_member_add(cli, &line, meter, "age_s");
			text_add(&line, " old)");
		}
		add_silent(&line, meter);
		is_any = true;
	}
	put_line(out, &line);
}

static void view_alerts(const struct cli *cli, FILE *out, const json_t *alerts)
{
	const json_t *alert;
	size_t index;

	json_array_foreach(alerts, index, alert)
	{
		bool is_alarm = strcmp(member_text(alert, "level"), "alarm") == 0;
		char buffer[LINE_MAX_BYTES];
		struct text words = text_in(buffer, sizeof(buffer));

		alert_words_add(&words, alert);

		fprintf(out, "%s%s %.0f%s  %s%s\n",
			begin(cli, is_alarm ? COLOUR_RED : COLOUR_YELLOW),
			member_text(alert, "level"), member_number(alert, "id"), colour_end(cli),
			buffer, member_is_true(alert, "acknowledged") ? " (seen)" : "");
	}
	if (json_array_size(alerts) > 0)
		fputc('\n', out);
}

/* Readings come all the time, and the last one is on the screen already. */
static bool is_change(const json_t *event)
{
	return strcmp(member_text(event, "kind"), "reading") != 0;
}

/* Where the last `shown` changes begin. */
static size_t first_shown(const json_t *events, size_t shown)
{
	size_t index = json_array_size(events), found = 0;

	while (index > 0 && found < shown)
		found += is_change(json_array_get(events, --index));
	return index;
}

static void view_events(const struct cli *cli, FILE *out, const json_t *events, size_t shown)
{
	size_t count = json_array_size(events);

	if (count > 0 && shown > 0)
		fprintf(out, "\n");
	for (size_t index = first_shown(events, shown); index < count; index++) {
		const json_t *event = json_array_get(events, index);
		char buffer[LINE_MAX_BYTES];
		struct text line = text_in(buffer, sizeof(buffer));

		if (!is_change(event))
			continue;
		event_add(cli, &line, event);
		fprintf(out, "%s%s%s\n", begin(cli, COLOUR_DIM), buffer, colour_end(cli));
	}
}

void status_view(const struct cli *cli, FILE *out, const json_t *state, const json_t *explanations,
		 const json_t *events, size_t shown)
{
	const json_t *batteries = json_object_get(state, "batteries");
	const json_t *battery;
	size_t index;

	view_daemon(cli, out, state);
	view_surroundings(cli, out, state);
	view_unencrypted(cli, out, state);
	view_refused(cli, out, state);
	json_array_foreach(batteries, index, battery)
	{
		fputc('\n', out);
		status_battery_view(cli, out, battery, explanations);
	}
	if (json_array_size(batteries) == 0)
		fprintf(out, "\nno battery is configured\n");
	status_total_view(out, batteries);
	fputc('\n', out);
	view_alerts(cli, out, json_object_get(state, "alerts"));
	view_meters(cli, out, json_object_get(state, "meters"));
	view_events(cli, out, events, shown);
}
