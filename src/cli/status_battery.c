/*
 * A battery in the picture of `amphora status`: its bar, what it does and why, and each of its
 * relays' two words. What is missing is a dash with its age, never 0.
 */
#include "cli/status_battery.h"

#include <math.h>
#include <string.h>

#include "cli/show.h"
#include "cli/told.h"

#define BAR_WIDTH 24
#define LINE_MAX_BYTES 768

static const char *begin(const struct cli *cli, enum colour colour)
{
	return colour_begin(cli, colour);
}

static void add_decimal(const struct cli *cli, struct text *line, const json_t *object,
			const char *name, const char *unit)
{
	value_add(cli, line, json_object_get(object, name), COLUMN_ONE_DECIMAL);
	text_add(line, " %s", unit);
}

static void put_line(FILE *out, const struct text *line)
{
	fprintf(out, "%s\n", line->data);
}

/* ---- the battery ---- */

static void add_bar(struct text *line, const json_t *soc_pct)
{
	int full =
	    json_is_number(soc_pct) ? (int)lround(json_number_value(soc_pct) * BAR_WIDTH / 100) : 0;

	for (int i = 0; i < BAR_WIDTH; i++)
		text_add(line, "%s", !json_is_number(soc_pct) ? "·" : i < full ? "█" : "░");
}

static enum colour quality_colour(const char *quality)
{
	return strcmp(quality, "good") == 0      ? COLOUR_GREEN
	       : strcmp(quality, "missing") == 0 ? COLOUR_RED
						 : COLOUR_YELLOW;
}

static void view_reading(const struct cli *cli, FILE *out, const json_t *battery)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const char *quality = member_text(battery, "quality");
	const char *chemistry = member_text(battery, "chemistry");

	text_add(&line, "%s%-6s%s ", begin(cli, COLOUR_BOLD), member_text(battery, "id"),
		 colour_end(cli));
	add_bar(&line, json_object_get(battery, "soc_pct"));
	text_add(&line, "  ");
	add_decimal(cli, &line, battery, "soc_pct", "%");
	text_add(&line, "  ");
	add_decimal(cli, &line, battery, "temp_c", "°C");
	if (json_is_number(json_object_get(battery, "power_w"))) {
		text_add(&line, "  ");
		value_add(cli, &line, json_object_get(battery, "power_w"), COLUMN_WHOLE);
		text_add(&line, " W");
	}
	text_add(&line, "  %s%s%s, ", begin(cli, quality_colour(quality)), quality,
		 colour_end(cli));
	if (json_is_number(json_object_get(battery, "age_s")))
		duration_member_add(cli, &line, battery, "age_s");
	else
		text_add(&line, "never heard");
	text_add(&line, "  (%s, %s)", chemistry[0] ? chemistry : "no chemistry",
		 member_text(battery, "logic"));
	put_line(out, &line);
}

static void view_conditions(const struct cli *cli, FILE *out, const json_t *battery)
{
	if (!member_is_true(battery, "commanded"))
		fprintf(out,
			"       %swatched, never commanded: chemistry, capacity_kwh and power_kw "
			"are not all configured%s\n",
			begin(cli, COLOUR_YELLOW), colour_end(cli));
	else if (strcmp(member_text(battery, "logic"), "monitor") == 0)
		fprintf(out, "       %smonitor mode: watches, commands nothing%s\n",
			begin(cli, COLOUR_YELLOW), colour_end(cli));
	if (member_is_true(battery, "locked_out"))
		fprintf(out,
			"       %sLOCKED OUT until a person acknowledges it: `amphora alerts ack "
			"ID`%s\n",
			begin(cli, COLOUR_RED), colour_end(cli));
}

/* What it does and why, and what would change that. */
static void view_doing(const struct cli *cli, FILE *out, const struct told *told)
{
	char doing[LINE_MAX_BYTES], flip[LINE_MAX_BYTES];
	struct text doing_line = text_in(doing, sizeof(doing));
	struct text flip_line = text_in(flip, sizeof(flip));

	told_doing(told, &doing_line);
	told_flip(told, &flip_line);
	fprintf(out, "       %s%s%s\n", begin(cli, COLOUR_BOLD), doing, colour_end(cli));
	if (flip_line.length > 0)
		fprintf(out, "       %s\n", flip);
}

/* ---- its relays ---- */

/* How long it holds: a lease that is over opened the relay, if it keeps its word. */
static void add_lease(const struct cli *cli, struct text *line, const json_t *relay)
{
	const json_t *left_s = json_object_get(relay, "lease_left_s");

	if (strcmp(member_text(relay, "readback"), "none") == 0)
		text_add(line, "  %sno readback%s", begin(cli, COLOUR_YELLOW), colour_end(cli));
	if (strcmp(member_text(relay, "lease"), "none") == 0) {
		text_add(line, "  %slease: none%s", begin(cli, COLOUR_YELLOW), colour_end(cli));
	} else if (json_is_number(left_s) && json_number_value(left_s) > 0) {
		text_add(line, "  lease ");
		duration_member_add(cli, line, relay, "lease_left_s");
	} else if (json_is_number(left_s)) {
		text_add(line, "  %slease over, should be off%s", begin(cli, COLOUR_YELLOW),
			 colour_end(cli));
	}
}

/* What a person asks of the relay, how long yet, and the limit that it waits for. */
static void view_override(const struct cli *cli, FILE *out, const json_t *override)
{
	const char *held_by = member_text(override, "held_by");
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));

	if (!json_is_object(override))
		return;
	text_add(&line, "              override %.0f: asked %s by you",
		 member_number(override, "id"), member_text(override, "state"));
	if (json_is_number(json_object_get(override, "left_s"))) {
		text_add(&line, " for another ");
		duration_member_add(cli, &line, override, "left_s");
	}
	if (held_by[0])
		text_add(&line, ". %sNot sent yet%s: %s", begin(cli, COLOUR_YELLOW),
			 colour_end(cli), held_by);
	put_line(out, &line);
}

static void add_sign(const struct cli *cli, struct text *line, const json_t *relay,
		     const json_t *alerts)
{
	enum sign sign = told_sign(relay, alerts);
	bool is_welded = told_is_welded(relay, alerts);
	bool is_fault =
	    is_welded || sign == SIGN_DIFFER ||
	    (sign == SIGN_UNKNOWN && !json_is_null(json_object_get(relay, "last_state")));

	text_add(line, "%s%s%s", begin(cli, is_fault ? COLOUR_RED : COLOUR_NONE),
		 is_welded ? "says off, but power flows" : told_sign_words(sign), colour_end(cli));
	told_deadline(cli, line, relay);
}

static void view_relay(const struct cli *cli, FILE *out, const json_t *relay, const json_t *alerts)
{
	const json_t *state = json_object_get(relay, "state");
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));

	text_add(&line, "       %-6s %-7s  asked %-3s  is %s%-3s%s  ", member_text(relay, "id"),
		 told_role(member_text(relay, "role")),
		 told_switch(json_object_get(relay, "wished")),
		 begin(cli, json_is_true(state) ? COLOUR_GREEN : COLOUR_NONE), told_switch(state),
		 colour_end(cli));
	add_sign(cli, &line, relay, alerts);
	add_lease(cli, &line, relay);
	text_add(&line, "  %.0f today, ", member_number(relay, "switches_today"));
	told_heard(cli, &line, relay);
	put_line(out, &line);
	view_override(cli, out, json_object_get(relay, "override"));
}

void status_battery_view(const struct cli *cli, FILE *out, const json_t *battery,
			 const json_t *explanations)
{
	struct told told = told_find(cli, battery, explanations);
	const json_t *relay;
	size_t index;

	view_reading(cli, out, battery);
	view_doing(cli, out, &told);
	view_conditions(cli, out, battery);
	json_array_foreach(json_object_get(told.explained, "relays"), index, relay)
	    view_relay(cli, out, relay, json_object_get(told.explained, "alerts"));
}

void status_line(const struct cli *cli, FILE *out, const json_t *battery,
		 const json_t *explanations)
{
	struct told told = told_find(cli, battery, explanations);
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));

	text_add(&line, "%s  ", member_text(battery, "id"));
	add_decimal(cli, &line, battery, "soc_pct", "%");
	text_add(&line, "  ");
	add_decimal(cli, &line, battery, "temp_c", "°C");
	text_add(&line, "  %s  ", member_text(battery, "quality"));
	told_doing(&told, &line);
	put_line(out, &line);
}
