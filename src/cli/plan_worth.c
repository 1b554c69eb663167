/* What a plan is worth: expected, likely, and measured so far. Losses are said like wins. */
#include "cli/plan_worth.h"

#include <math.h>

#include "cli/plan_words.h"
#include "cli/show.h"

#define SAME 0.005      /* amounts less than half a cent apart are the same */
#define MEASURED_DAYS 7 /* that GET /plan/worth looks back where no times are given */
#define LINE_MAX_BYTES 256

/* ---- amounts ---- */

static void add_amount(const struct plan_view *view, struct text *out, double amount)
{
	text_add(out, "%.2f %s", fabs(amount), view->currency);
}

/* "1.23 EUR"; "earned 0.30 EUR" where it is below zero. */
static void add_bill(const struct plan_view *view, struct text *out, double bill)
{
	text_add(out, "%s", bill < 0 ? "earned " : "");
	add_amount(view, out, bill);
}

static void add_saved(const struct plan_view *view, struct text *out, double saved)
{
	add_amount(view, out, saved);
	text_add(out, " %s",
		 saved < 0 ? "more than without a battery" : "less than without a battery");
}

/* "-0.31 to 2.04 EUR, 8 times in 10" */
static void add_between(const struct plan_view *view, struct text *out, const json_t *ends)
{
	text_add(out, "%.2f to %.2f %s, 8 times in 10", json_number_value(json_array_get(ends, 0)),
		 json_number_value(json_array_get(ends, 1)), view->currency);
}

static void add_beside(const struct plan_view *view, struct text *out, double more)
{
	if (fabs(more) < SAME) {
		text_add(out, "as the plan");
		return;
	}
	add_amount(view, out, more);
	text_add(out, " %s", more > 0 ? "more than the plan" : "less than the plan");
}

/* ---- lines ---- */

static void show_saved(const struct plan_view *view, FILE *out, const json_t *expected)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const json_t *saved = json_object_get(expected, "saved");
	const json_t *ends = json_object_get(expected, "saved_between");

	if (!json_is_number(saved))
		return;
	text_add(&line, "  saved, expected: ");
	add_saved(view, &line, json_number_value(saved));
	text_add(&line, "\n  saved, likely: ");
	if (json_is_array(ends))
		add_between(view, &line, ends);
	else
		text_add(&line, "not known yet, needs five whole days of this home");
	fprintf(out, "%s\n", buffer);
}

static void show_bill(const struct plan_view *view, FILE *out, const json_t *plan)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const json_t *expected = json_object_get(plan, "expected");
	const json_t *ends = json_object_get(expected, "bill_between");
	double hours = (double)json_array_size(json_object_get(plan, "slots")) *
		       member_number(plan, "slot_s") / 3600;

	text_add(&line, "  bill of the next %.0f h, expected: ", hours);
	add_bill(view, &line, member_number(expected, "bill"));
	if (json_is_array(ends)) {
		text_add(&line, "; ");
		add_between(view, &line, ends);
	}
	fprintf(out, "%s; what is left in it counts\n", buffer);
}

static void show_measured(const struct plan_view *view, FILE *out, const json_t *measured)
{
	char buffer[2 * LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	double paid = member_number(measured, "bill");

	if (!(member_number(measured, "measured_s") > 0)) {
		fprintf(
		    out,
		    "  saved in %d days: not known yet, needs an hour that was planned, and the "
		    "meters of grid, sun and home\n",
		    MEASURED_DAYS);
		return;
	}
	text_add(&line, "  saved in %d days: ", MEASURED_DAYS);
	add_saved(view, &line, member_number(measured, "without_battery") - paid);
	text_add(&line, "; %.1f of %d days measured\n  bill of %d days: ",
		 member_number(measured, "measured_s") / 86400, MEASURED_DAYS, MEASURED_DAYS);
	add_bill(view, &line, paid);
	fprintf(out, "%s, measured; %.2f %s had been expected; what is left in it does not count\n",
		buffer, member_number(measured, "expected_bill"), view->currency);
}

static void show_rule(const struct plan_view *view, FILE *out, const json_t *rule, double bill)
{
	char buffer[LINE_MAX_BYTES];
	struct text line = text_in(buffer, sizeof(buffer));
	const json_t *own = json_object_get(rule, "bill");

	if (!json_is_number(own))
		return;
	text_add(&line, "  %s: ", plan_rule_words(member_text(rule, "name")));
	add_bill(view, &line, json_number_value(own));
	text_add(&line, ", ");
	add_beside(view, &line, json_number_value(own) - bill);
	fprintf(out, "%s\n", buffer);
}

void plan_worth_show(const struct plan_view *view, FILE *out, const json_t *plan,
		     const json_t *measured)
{
	const json_t *expected = json_object_get(plan, "expected"), *rule;
	size_t index;

	fputs("What it is worth\n", out);
	if (!json_is_number(json_object_get(expected, "bill"))) {
		fputs("  Not known: there is no price.\n", out);
		return;
	}
	show_saved(view, out, expected);
	show_bill(view, out, plan);
	if (measured)
		show_measured(view, out, measured);
	json_array_foreach(json_object_get(expected, "rules"), index, rule)
	    show_rule(view, out, rule, member_number(expected, "bill"));
}
