/*
 * What would have happened with other settings, for people and programs: what was decided
 * otherwise, energy and switches of both sides, and what the grid cost (whatif_cost.c).
 */
#include "cli/whatif_show.h"

#include <math.h>
#include <string.h>

#include "cli/duration.h"
#include "cli/show.h"
#include "model/quantity.h"

#define STRETCHES_SHOWN 20
#define ASSUMED_MIN_MS MS_PER_MINUTE

/* ---- programs ---- */

static json_t *tally_json(const struct whatif_tally *side)
{
	json_t *out =
	    json_pack("{s:f,s:f,s:I,s:f,s:f,s:f}", "charged_wh", side->charged_wh, "discharged_wh",
		      side->discharged_wh, "closings", (json_int_t)side->closings, "charge_s",
		      (double)side->charge_ms / 1000, "discharge_s",
		      (double)side->discharge_ms / 1000, "idle_s", (double)side->idle_ms / 1000);

	json_object_set_new(out, "soc_end_pct",
			    side->has_soc ? json_real(side->soc_bp / 100) : json_null());
	return out;
}

static size_t kept(const struct whatif *whatif)
{
	return whatif->stretch_count < WHATIF_STRETCHES_MAX ? whatif->stretch_count
							    : WHATIF_STRETCHES_MAX;
}

static json_t *stretches_json(const struct whatif *whatif)
{
	json_t *out = json_array();

	for (size_t i = 0; i < kept(whatif); i++) {
		const struct whatif_stretch *one = &whatif->stretches[i];
		char from[WALL_TEXT_MAX], to[WALL_TEXT_MAX];

		json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "from",
						     wall_format(from, one->from, 0), "to",
						     wall_format(to, one->to, 0), "battery",
						     whatif->house.batteries[one->battery].id.text,
						     "was", intent_name(one->was), "would",
						     intent_name(one->would), "words", one->words));
	}
	return out;
}

static json_t *changes_json(const struct whatif *whatif)
{
	json_t *out = json_array();

	for (size_t i = 0; i < whatif->change_count; i++) {
		const struct whatif_change *change = &whatif->changes[i];
		char buffer[96];
		struct text value = text_in(buffer, sizeof(buffer));

		parameter_format(change->parameter, &change->value, &value);
		json_array_append_new(
		    out, json_pack("{s:s,s:s,s:s}", "battery", change->battery.text, "name",
				   parameter_get(change->parameter)->name, "value", buffer));
	}
	return out;
}

static json_t *cost_json(const struct whatif_cost *cost)
{
	if (cost->needs[0])
		return json_pack("{s:n,s:n,s:s}", "was", "would", "needs", cost->needs);
	return json_pack("{s:f,s:f,s:s,s:I,s:I,s:I,s:I}", "was", cost->was, "would", cost->would,
			 "currency", cost->currency, "minutes", (json_int_t)cost->minutes,
			 "minutes_known", (json_int_t)cost->minutes_known, "minutes_assumed",
			 (json_int_t)cost->minutes_assumed, "minutes_by_file",
			 (json_int_t)cost->minutes_by_file);
}

static void show_json(const struct whatif *whatif, const struct whatif_cost *cost)
{
	json_t *batteries = json_array(), *out;

	for (size_t i = 0; i < whatif->house.battery_count; i++) {
		const struct whatif_battery *battery = &whatif->batteries[i];

		json_array_append_new(batteries,
				      json_pack("{s:s,s:f,s:f,s:o,s:o}", "battery",
						whatif->house.batteries[i].id.text, "otherwise_s",
						(double)battery->apart_ms / 1000, "assumed_s",
						(double)battery->assumed_ms / 1000, "was",
						tally_json(&battery->was), "would",
						tally_json(&battery->would)));
	}
	out = json_pack("{s:o,s:f,s:o,s:I,s:o,s:o}", "changes", changes_json(whatif), "followed_s",
			(double)whatif->known_ms / 1000, "batteries", batteries, "otherwise",
			(json_int_t)whatif->stretch_count, "stretches", stretches_json(whatif),
			"cost", cost_json(cost));
	json_show(stdout, out);
	json_decref(out);
}

static const struct column STRETCH_COLUMNS[] = {
    {"from", "from", COLUMN_TIME},       {"to", "to", COLUMN_TIME},
    {"battery", "battery", COLUMN_TEXT}, {"was", "was", COLUMN_TEXT},
    {"would", "would", COLUMN_TEXT},     {"words", "why", COLUMN_TEXT},
};

/* ---- people ---- */

static void show_changes(const struct whatif *whatif)
{
	printf("With");
	for (size_t i = 0; i < whatif->change_count; i++) {
		const struct whatif_change *change = &whatif->changes[i];
		char buffer[96];
		struct text value = text_in(buffer, sizeof(buffer));

		parameter_format(change->parameter, &change->value, &value);
		printf("%s %s%s%s = %s", i ? "," : "", change->battery.text,
		       change->battery.text[0] ? "." : "", parameter_get(change->parameter)->name,
		       buffer);
	}
	printf(":\n");
}

static void show_battery(const struct whatif *whatif, size_t index)
{
	const struct whatif_battery *battery = &whatif->batteries[index];
	const struct whatif_tally *was = &battery->was, *would = &battery->would;
	char apart[48], all[48];
	struct text apart_text = text_in(apart, sizeof(apart)),
		    all_text = text_in(all, sizeof(all));

	duration_format(&apart_text, battery->apart_ms);
	duration_format(&all_text, whatif->known_ms);
	printf("%s: decided otherwise for %s of %s\n", whatif->house.batteries[index].id.text,
	       apart, all);
	printf("  %-18s %10s  %10s\n", "", "was", "would be");
	printf("  %-18s %10.2f  %10.2f  kWh\n", "charged", was->charged_wh / 1000,
	       would->charged_wh / 1000);
	printf("  %-18s %10.2f  %10.2f  kWh\n", "discharged", was->discharged_wh / 1000,
	       would->discharged_wh / 1000);
	printf("  %-18s %10u  %10u  times\n", "switched on", was->closings, would->closings);
	if (was->has_soc)
		printf("  %-18s %10.1f  %10.1f  %%\n", "charge at the end", was->soc_bp / 100,
		       would->soc_bp / 100);
	if (battery->assumed_ms >= ASSUMED_MIN_MS) {
		apart_text = text_in(apart, sizeof(apart));
		duration_format(&apart_text, battery->assumed_ms);
		printf("  for %s the configured power stands in, as none was measured before\n",
		       apart);
	}
}

static void show_cost(const struct whatif_cost *cost)
{
	if (cost->needs[0]) {
		printf("cost: not known; it needs %s\n", cost->needs);
		return;
	}
	printf("cost of the grid: was %.2f %s, would be %.2f %s (known of %llu of %llu minutes)\n",
	       cost->was, cost->currency, cost->would, cost->currency,
	       (unsigned long long)cost->minutes_known, (unsigned long long)cost->minutes);
	if (cost->minutes_assumed > 0)
		printf("  %llu minutes with the price of a day before, as that of the day was not "
		       "known then\n",
		       (unsigned long long)cost->minutes_assumed);
	if (cost->minutes_by_file > 0)
		printf(
		    "  %llu minutes with the prices that the configuration has now, as none were "
		    "recorded then\n",
		    (unsigned long long)cost->minutes_by_file);
}

static void show_stretches(const struct cli *cli, const struct whatif *whatif)
{
	json_t *rows = stretches_json(whatif);

	while (cli->format == FORMAT_PEOPLE && json_array_size(rows) > STRETCHES_SHOWN)
		json_array_remove(rows, json_array_size(rows) - 1);
	rows_show(cli, stdout, rows, STRETCH_COLUMNS, ARRAY_LENGTH(STRETCH_COLUMNS),
		  "every decision would have been the same");
	json_decref(rows);
}

void whatif_show(const struct cli *cli, const struct whatif *whatif, const struct whatif_cost *cost)
{
	if (cli->format == FORMAT_JSON) {
		show_json(whatif, cost);
		return;
	}
	if (cli->format == FORMAT_CSV) {
		show_stretches(cli, whatif);
		return;
	}
	show_changes(whatif);
	for (size_t i = 0; i < whatif->house.battery_count; i++)
		show_battery(whatif, i);
	show_cost(cost);
	show_stretches(cli, whatif);
	if (whatif->stretch_count > STRETCHES_SHOWN)
		printf("and %zu times more; --csv has %zu of them\n",
		       whatif->stretch_count - STRETCHES_SHOWN, kept(whatif));
}
