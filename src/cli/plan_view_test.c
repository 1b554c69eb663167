/* A plan as text: what comes, what it costs, and why, in the house's time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/plan_view.h"

#define SLOT(at, mode, level, buy, assumed, soc)                                       \
	"{\"at\":\"2026-11-30T" at ":00Z\",\"mode\":\"" mode "\",\"level_pct\":" level \
	",\"buy\":" buy ",\"sell\":0.08,\"price_assumed\":" assumed                    \
	",\"load_w\":[300,420,600],\"pv_w\":null,\"soc_pct\":[" soc "," soc "," soc    \
	"],\"temp_c\":null,\"bill\":0.1}"

/* Two hours of rest, two of charging, in steps of an hour. */
#define SLOTS                                                                                     \
	"[" SLOT("22:00", "hold", "null", "0.36", "false",                                        \
		 "40") "," SLOT("23:00", "hold", "null", "0.24", "false",                         \
				"40") ","                                                         \
				      "{\"at\":\"2026-12-01T00:00:00Z\",\"mode\":\"charge-to\","  \
				      "\"level_pct\":80,\"buy\":0.128,"                           \
				      "\"sell\":null,\"price_assumed\":true,\"load_w\":[300,420," \
				      "600],\"pv_w\":[0,0,0],"                                    \
				      "\"soc_pct\":[55,60,66],\"temp_c\":21.5,\"bill\":0.5}]"

#define ANSWER(state, why)                                                                        \
	"{\"battery\":\"b1\",\"needs\":[],\"meanwhile\":\"threshold\",\"plan\":{\"number\":412,"  \
	"\"made_at\":\"2026-11-30T21:50:00Z\",\"from\":\"2026-11-30T22:00:00Z\",\"slot_s\":3600," \
	"\"valid_until\":\"2026-11-30T23:00:00Z\",\"state\":\"" state "\",\"why\":\"" why "\","   \
	"\"days_known\":23,\"prices_assumed\":true,\"slots\":" SLOTS ",\"expected\":{"            \
	"\"bill\":1.23,\"saved\":-0.4,\"rules\":[{\"name\":\"self-use\",\"bill\":1.4},"           \
	"{\"name\":\"tou\",\"bill\":1.21},{\"name\":\"topup\",\"bill\":1.231}]}}}"

static struct cli people = {.utc_offset_s = 3600};
static struct cli program = {.utc_offset_s = 3600, .format = FORMAT_CSV};

static struct plan_view view_for(const struct cli *cli)
{
	return (struct plan_view){cli, "EUR", {1796076000000}, 80}; /* 2026-11-30T22:00:00Z */
}

/* What `show` prints of `json`, from malloc. */
static char *shown(const struct cli *cli, const char *json, const char *member,
		   void (*show)(const struct plan_view *, FILE *, const json_t *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *answer = json_loads(json, 0, NULL);
	struct plan_view view = view_for(cli);

	assert_non_null(out);
	assert_non_null(answer);
	show(&view, out, member ? json_object_get(answer, member) : answer);
	fclose(out);
	json_decref(answer);
	return text;
}

static void assert_says(const char *text, const char *words)
{
	assert_non_null(text);
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void summary_says_what_comes_and_what_it_costs(void **state)
{
	char *text = shown(&people, ANSWER("in-force", ""), NULL, plan_summary_show);

	(void)state;
	assert_says(text, "b1 plan 412, in force\n");
	assert_says(text, "made at 22:50 from 23 days of this home, good until Tue 00:00\n");
	assert_says(text, "some prices are not known and taken to be those of the day before");
	assert_says(text, "hour       00\n");
	assert_says(text, "does      ..G\n");
	assert_says(text, "price     █▄▁ 12.8 ct–36.0 ct\n");
	assert_says(text, "SoC       ▄▄▅ 40–60 %\n");
	assert_says(text,
		    "23:00      rest                          24.0 ct to 36.0 ct          40\n");
	assert_says(text,
		    "Tue 01:00  charge from the grid to 80 %  12.8 ct                     60\n");
	assert_says(text, "What it is worth\n"
			  "  saved, expected: 0.40 EUR more than without a battery\n"
			  "  saved, likely: not known yet, needs five whole days of this home\n"
			  "  bill of the next 3 h, expected: 1.23 EUR; what is left in it counts\n"
			  "  with self-use");
	free(text);
}

/* `worth` is what GET /plan/worth answers. */
#define WORTH_OF(worth)                                                                           \
	"{\"battery\":\"b1\",\"plan\":{\"slot_s\":3600,\"slots\":[],\"expected\":{"               \
	"\"bill\":-0.3,\"bill_between\":[-0.8,0.25],\"saved\":0.4,\"saved_between\":[0.21,0.62]," \
	"\"rules\":[]}},\"worth\":" worth "}"

static void summary_says_how_far_it_may_be_off_and_what_was_measured(void **state)
{
	char *text = shown(&people,
			   WORTH_OF("{\"measured_s\":552960,\"bill\":8.31,"
				    "\"without_battery\":14.33,\"expected_bill\":7.95}"),
			   NULL, plan_summary_show);

	(void)state;
	assert_says(text, "  saved, likely: 0.21 to 0.62 EUR, 8 times in 10\n");
	assert_says(text, ": earned 0.30 EUR; -0.80 to 0.25 EUR, 8 times in 10; what is left in it "
			  "counts\n");
	assert_says(
	    text,
	    "  saved in 7 days: 6.02 EUR less than without a battery; 6.4 of 7 days measured\n");
	assert_says(text,
		    "  bill of 7 days: 8.31 EUR, measured; 7.95 EUR had been expected; what is "
		    "left in it does not count\n");
	free(text);
	text =
	    shown(&people, WORTH_OF("{\"measured_s\":0,\"bill\":null}"), NULL, plan_summary_show);
	assert_says(text, "  saved in 7 days: not known yet, needs an hour that was planned");
	free(text);
}

static void summary_says_losses_against_a_rule_like_wins(void **state)
{
	char *text = shown(&people, ANSWER("in-force", ""), NULL, plan_summary_show);

	(void)state;
	assert_says(text, "  with self-use alone: 1.40 EUR, 0.17 EUR more than the plan\n");
	assert_says(text, "  with cheap hours alone: 1.21 EUR, 0.02 EUR less than the plan\n");
	assert_says(text, "  with cheap hours and the sun: 1.23 EUR, as the plan\n");
	free(text);
}

static void plan_that_does_not_count_says_why_and_who_decides(void **state)
{
	char *text =
	    shown(&people, ANSWER("void", "the state of charge leapt"), NULL, plan_summary_show);

	(void)state;
	assert_says(text, "plan 412, void: the state of charge leapt\n");
	assert_says(text, "  now the rule decides\n");
	free(text);
	text = shown(&people, ANSWER("not-asked", ""), NULL, plan_summary_show);
	assert_says(text, "plan 412, not asked for\n");
	assert_says(text, "`amphora set logic plan` lets the plan");
	free(text);
}

static void show_none(const struct plan_view *view, FILE *out, const json_t *answer)
{
	(void)view;
	plan_none_show(out, answer);
}

static void no_plan_says_what_it_needs(void **state)
{
	char *text = shown(&people,
			   "{\"battery\":\"b1\",\"plan\":null,\"needs\":[\"meters.load\","
			   "\"prices\"],\"meanwhile\":\"threshold\"}",
			   NULL, show_none);

	(void)state;
	assert_string_equal(text,
			    "b1 has no plan. It needs:\n"
			    "  A meter of what the home uses. From it Amphora learns when you use "
			    "power.\n"
			    "  Add a price list. A day and a night price is enough.\n"
			    "Until then the rule decides.\n");
	free(text);
}

static void slots_are_a_table_with_what_is_assumed_named(void **state)
{
	char *text = shown(&people, ANSWER("in-force", ""), "plan", plan_slots_show);

	(void)state;
	assert_says(text, "2026-11-30 23:00:00  rest ");
	assert_says(text, "12.8 ct assumed  —");
	assert_says(text, "charge from the grid to 80 %");
	free(text);
}

static void csv_of_slots_has_plain_units_and_nothing_for_what_is_not_known(void **state)
{
	char *text = shown(&program, ANSWER("in-force", ""), "plan", plan_slots_show);

	(void)state;
	assert_says(text, "at,mode,level_pct,buy,sell,price_assumed,load_p10_w,load_p50_w,");
	assert_says(text,
		    "2026-11-30T22:00:00Z,hold,,0.36,0.08,false,300,420,600,,,,40,40,40,,0.1\r\n");
	assert_says(text, "2026-12-01T00:00:00Z,charge-to,80,0.128,,true,300,420,600,0,0,0,55,60,"
			  "66,21.5,0.5\r\n");
	free(text);
}

#define WHY_AND(happened)                                                                          \
	"{\"number\":412,\"at\":\"2026-12-01T00:00:00Z\",\"mode\":\"charge-to\",\"level_pct\":80," \
	"\"made_at\":\"2026-11-30T21:50:00Z\",\"happened\":" happened ","                          \
	"\"sentence\":\"It charges, since power is cheapest now.\",\"inputs\":{\"buy\":0.128,"     \
	"\"cheapest\":{\"at\":\"2026-12-01T00:00:00Z\",\"buy\":0.128},"                            \
	"\"dearest\":{\"at\":\"2026-11-30T22:00:00Z\",\"buy\":0.36},\"load_w\":[300,420,600],"     \
	"\"pv_w\":null,\"soc_pct\":40},\"binding\":[{\"limit\":\"power\",\"value\":5000,"          \
	"\"unit\":\"W\",\"words\":\"the battery's power\"}],\"alternatives\":["                    \
	"{\"mode\":\"charge-to\",\"costs\":0,\"words\":\"as planned\"},"                           \
	"{\"mode\":\"hold\",\"costs\":0.12,\"words\":\"rest\"},"                                   \
	"{\"mode\":\"self-consume\",\"costs\":-0.03,\"words\":\"x\"},"                             \
	"{\"mode\":\"charge-from-sun\",\"costs\":null,\"words\":\"z\"},"                           \
	"{\"mode\":\"discharge-to\",\"level_pct\":20,\"costs\":0.001,\"words\":\"y\"}]}"

#define WHY WHY_AND("null")

#define HAPPENED                                                                                  \
	"{\"until\":\"2026-12-01T01:00:00Z\",\"decisions\":[{\"at\":\"2026-12-01T00:00:00Z\","    \
	"\"intent\":\"charge\",\"decided_by\":\"plan\",\"words\":\"Charging because the plan fills it\"}," \
	"{\"at\":\"2026-12-01T00:40:00Z\",\"intent\":\"idle\",\"decided_by\":\"override\","       \
	"\"words\":\"Resting because you asked for it\"}],\"charging_s\":2390,\"feeding_s\":0,"        \
	"\"soc_begin_pct\":39.8,\"soc_end_pct\":61.2,\"temp_c\":22.1,\"load_w\":431,\"pv_w\":"    \
	"null,"                                                                                   \
	"\"imported_wh\":3120,\"exported_wh\":0,\"bill\":0.3994,\"bill_expected\":0.41}"

static void why_of_the_past_says_what_then_happened(void **state)
{
	char *text = shown(&people, WHY_AND(HAPPENED), NULL, plan_why_show);

	(void)state;
	assert_says(text, "(plan 412, made at 22:50)\n");
	assert_says(text, "What held it back:\n");
	assert_says(text, "What else would have cost, over all that was ahead:\n");
	assert_says(text, "What then happened, until Tue 02:00:\n"
			  "  Tue 01:00, the plan decided: Charging because the plan fills it\n"
			  "  Tue 01:40, you decided: Resting because you asked for it\n"
			  "  relays closed        charging 39 min 50 s, feeding the house 0 s\n"
			  "  charge at its begin  40 %\n"
			  "  charge at its end    61 % (expected 40 %)\n"
			  "  home                 431 W (expected 420 W)\n"
			  "  sun                  not measured\n"
			  "  temperature          22 °C\n"
			  "  grid                 3.12 kWh bought, 0.00 kWh sold: 0.40 EUR "
			  "(expected 0.41 EUR)\n");
	free(text);
}

#define TURN "{\"at\":\"2026-12-01T00:00:00Z\",\"decided_by\":\"plan\",\"words\":\"x\"},"

static void why_of_the_past_is_short_and_has_no_level_or_range_that_says_nothing(void **state)
{
	char *text =
	    shown(&people,
		  "{\"number\":1,\"at\":\"2026-12-01T00:00:00Z\",\"mode\":\"self-consume\","
		  "\"inputs\":{\"buy\":0.128,\"sell\":0.08,\"cheapest\":{\"buy\":0.128,"
		  "\"at\":\"2026-12-01T00:00:00Z\"},\"load_w\":[968,968,968]},"
		  "\"binding\":[],\"alternatives\":[{\"mode\":\"charge-to\",\"costs\":0.001}],"
		  "\"happened\":{\"until\":\"2026-12-01T01:00:00Z\",\"decisions\":[" TURN TURN TURN
		      TURN TURN TURN TURN TURN TURN
		  "{\"at\":\"2026-12-01T00:00:00Z\",\"decided_by\":\"plan\",\"words\":\"last\"}]}}",
		  NULL, plan_why_show);

	(void)state;
	assert_says(text,
		    "Power costs 12.8 ct/kWh now, no more than in any hour ahead; what is sold "
		    "brings 8.0 ct/kWh. The next best, to charge from the grid, would have cost "
		    "the same.\n");
	assert_says(text, "  home expected        968 W\n");
	assert_says(text, "  charge from the grid                 the same\n");
	assert_says(text, "  and 2 more, which --json has\n");
	assert_null(strstr(text, "last"));
	free(text);
}

static void a_plan_that_kept_no_limits_says_so(void **state)
{
	char *text = shown(&people,
			   "{\"number\":1,\"at\":\"2026-12-01T00:00:00Z\",\"mode\":\"hold\","
			   "\"binding\":null,\"happened\":null}",
			   NULL, plan_why_show);

	(void)state;
	assert_says(text, "  not known: it was made by a version that kept no limits\n");
	free(text);
}

static void why_has_reason_inputs_limits_and_what_else_costs(void **state)
{
	char *text = shown(&people, WHY, NULL, plan_why_show);

	(void)state;
	assert_says(text,
		    "Tue 01:00: charge from the grid to 80 % (plan 412, made at 22:50)\n"
		    "Power costs 12.8 ct/kWh now, and 36.0 ct/kWh at 23:00. The next best, to "
		    "cover the home and store the sun, costs 0.03 EUR less.\nWhat it knew:\n");
	assert_says(text, "  power costs          12.8 ct/kWh\n");
	assert_says(text, "  dearest to come      36.0 ct/kWh at 23:00\n");
	assert_says(text, "  home expected        420 W (300 to 600, 8 times in 10)\n");
	assert_says(text, "  charge at its end    40 %\n");
	assert_says(text, "  the battery's power (5000 W)\n");
	assert_says(text, "  rest                                 0.12 EUR more\n");
	assert_says(text, "  cover the home and store the sun     0.03 EUR less\n");
	assert_says(text, "  give to the grid down to 20 %        the same\n");
	assert_null(strstr(text, "\n  charge from the grid"));
	assert_null(strstr(text, "  charge from the sun"));
	assert_null(strstr(text, "sun expected"));
	assert_null(strstr(text, "sold for"));
	free(text);
}

static void why_as_csv_is_the_alternatives(void **state)
{
	char *text = shown(&program, WHY, NULL, plan_why_show);

	(void)state;
	assert_string_equal(text, "at,mode,level_pct,costs,words\r\n"
				  "2026-12-01T00:00:00Z,charge-to,,0,as planned\r\n"
				  "2026-12-01T00:00:00Z,hold,,0.12,rest\r\n"
				  "2026-12-01T00:00:00Z,self-consume,,-0.03,x\r\n"
				  "2026-12-01T00:00:00Z,charge-from-sun,,,z\r\n"
				  "2026-12-01T00:00:00Z,discharge-to,20,0.001,y\r\n");
	free(text);
}

static void picture_fits_the_width_and_has_colours_on_a_terminal_only(void **state)
{
	struct cli coloured = {.utc_offset_s = 3600, .has_colour = true};
	char *plain = shown(&people, ANSWER("in-force", ""), NULL, plan_summary_show);
	char *bright = shown(&coloured, ANSWER("in-force", ""), NULL, plan_summary_show);

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strchr(bright, '\033'));
	free(plain);
	free(bright);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(summary_says_what_comes_and_what_it_costs),
	    cmocka_unit_test(summary_says_how_far_it_may_be_off_and_what_was_measured),
	    cmocka_unit_test(summary_says_losses_against_a_rule_like_wins),
	    cmocka_unit_test(plan_that_does_not_count_says_why_and_who_decides),
	    cmocka_unit_test(no_plan_says_what_it_needs),
	    cmocka_unit_test(slots_are_a_table_with_what_is_assumed_named),
	    cmocka_unit_test(csv_of_slots_has_plain_units_and_nothing_for_what_is_not_known),
	    cmocka_unit_test(why_has_reason_inputs_limits_and_what_else_costs),
	    cmocka_unit_test(why_of_the_past_says_what_then_happened),
	    cmocka_unit_test(why_of_the_past_is_short_and_has_no_level_or_range_that_says_nothing),
	    cmocka_unit_test(a_plan_that_kept_no_limits_says_so),
	    cmocka_unit_test(why_as_csv_is_the_alternatives),
	    cmocka_unit_test(picture_fits_the_width_and_has_colours_on_a_terminal_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
