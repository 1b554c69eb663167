/*
 * What would have happened with other settings, for people and programs: what was decided
 * otherwise, energy and switches of both sides, and what the grid cost where that is known.
 */
#include "cli/whatif_show.h"

#include <math.h>
#include <string.h>

#include "base/zone.h"
#include "cli/duration.h"
#include "cli/show.h"
#include "model/quantity.h"

#define STRETCHES_SHOWN 20
#define ASSUMED_MIN_MS MS_PER_MINUTE

/* ---- cost ---- */

struct pricing {
	struct whatif_cost *cost;
	const struct whatif *whatif;
	const struct prices_config *prices;
};

/* NAN where it was not kept what it was. */
static double price_at(const struct price_config *config, int64_t at_s)
{
	const struct tariff_rule *rule;
	struct tariff_moment moment;

	if (config->kind == PRICE_IS_FIXED)
		return config->fixed;
	if (config->kind != PRICE_IS_TARIFF)
		return NAN;
	moment = tariff_moment_of(at_s + zone_offset_s((struct wall_time){at_s * 1000}));
	rule = tariff_find(&config->tariff, &moment);
	return rule != NULL ? rule->price : NAN;
}

static double bill(double wh, double buy, double sell)
{
	return wh > 0 ? wh / 1000 * buy : wh / 1000 * sell;
}

static bool price_minute(void *user, const struct journal_meter *meter)
{
	const struct pricing *pricing = user;
	const struct whatif *whatif = pricing->whatif;
	const struct meter_minute *minute = &meter->minute;
	int64_t index = (minute->from.ms - whatif->first_minute.ms) / MS_PER_MINUTE;
	double buy = price_at(&pricing->prices->buy, minute->from.ms / MS_PER_SECOND);
	double sell = price_at(&pricing->prices->sell, minute->from.ms / MS_PER_SECOND);
	double wh = minute->imported_wh - minute->exported_wh, more_wh = 0;

	if (minute->known_ms == 0 || isnan(buy) || isnan(sell))
		return true;
	if (index >= 0 && (size_t)index < whatif->minute_count)
		more_wh = whatif->minutes_wh[index];
	pricing->cost->minutes_known++;
	/* Within a minute it may have taken and given: what did not change is billed as it was. */
	pricing->cost->was += minute->imported_wh / 1000 * buy - minute->exported_wh / 1000 * sell;
	pricing->cost->would += minute->imported_wh / 1000 * buy -
				minute->exported_wh / 1000 * sell + bill(wh + more_wh, buy, sell) -
				bill(wh, buy, sell);
	return true;
}

static void need(struct whatif_cost *cost, const char *what)
{
	struct text needs = text_in(cost->needs, sizeof(cost->needs));

	text_add(&needs, "%s", what);
}

int whatif_cost(struct whatif_cost *cost, const struct whatif *whatif,
		const struct prices_config *prices, struct journal_reader *reader)
{
	struct pricing pricing = {cost, whatif, prices};
	struct journal_span span = {
	    whatif->first_minute,
	    {whatif->has_last ? whatif->last.wall.ms : whatif->first_minute.ms},
	    UINT32_MAX,
	    false};
	int result;

	memset(cost, 0, sizeof(*cost));
	if (prices == NULL || !prices->is_on) {
		need(cost, "prices: --config names a file with `prices`");
		return 0;
	}
	memcpy(cost->currency, prices->currency, sizeof(cost->currency));
	cost->minutes = (uint64_t)((span.to.ms - span.from.ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE);
	result = journal_read_meters(reader, "grid", span, price_minute, &pricing);
	if (result == 0 && cost->minutes_known == 0)
		need(cost, "a meter of the grid, and prices that the configuration tells");
	return result;
}

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
	return json_pack("{s:f,s:f,s:s,s:I,s:I}", "was", cost->was, "would", cost->would,
			 "currency", cost->currency, "minutes", (json_int_t)cost->minutes,
			 "minutes_known", (json_int_t)cost->minutes_known);
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
