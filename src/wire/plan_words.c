/* A slot of a plan in words: what it does, and what that follows from. */
#include "wire/plan_words.h"

#include <string.h>

static void add_mode(struct text *out, const struct planned_slot *slot)
{
	static const char *const words[PLANNED_MODES] = {
	    "rests", "feeds the house, and stores what the sun leaves over where that pays",
	    "stores what the sun leaves over, and keeps what it has", "charges from the grid to",
	    "gives to the grid down to"};

	text_add(out, "%s", words[slot->mode]);
	if (slot->mode == PLANNED_CHARGE_TO || slot->mode == PLANNED_DISCHARGE_TO)
		text_add(out, " %d %%", (slot->level_bp + 50) / 100);
}

void plan_price_ends(const struct planned *plan, const struct planned_slot *slot,
		     const struct planned_slot **cheapest, const struct planned_slot **dearest)
{
	*cheapest = *dearest = slot;
	for (; slot < plan->slots + plan->count; slot++) {
		if (slot->buy < (*cheapest)->buy)
			*cheapest = slot;
		if (slot->buy > (*dearest)->buy)
			*dearest = slot;
	}
}

void plan_price(struct text *out, float price, const char *currency)
{
	if (strcmp(currency, "EUR") == 0)
		text_add(out, "%.1f ct/kWh", 100 * (double)price);
	else
		text_add(out, "%.3f%s%s/kWh", (double)price, currency[0] ? " " : "", currency);
}

static void add_prices(struct text *out, const struct planned *plan,
		       const struct planned_slot *slot)
{
	const struct planned_slot *cheapest, *dearest;

	text_add(out, ": power costs ");
	plan_price(out, slot->buy, plan->currency);
	text_add(out, " now");
	plan_price_ends(plan, slot, &cheapest, &dearest);
	if (!(dearest->buy > cheapest->buy))
		return;
	text_add(out, ", and from ");
	plan_price(out, cheapest->buy, plan->currency);
	text_add(out, " to ");
	plan_price(out, dearest->buy, plan->currency);
	text_add(out, " in the hours ahead");
}

void plan_sentence(struct text *out, const struct planned *plan, const struct planned_slot *slot)
{
	add_mode(out, slot);
	if (plan->has_no_prices)
		text_add(out, ": prices are not known, the log of the battery is");
	else
		add_prices(out, plan, slot);
	if (slot->is_known && plan->is_by_log)
		text_add(out, "; the house is expected to need %d W, as the battery has seen it",
			 slot->load_w[PLANNED_P50]);
	else if (slot->is_known)
		text_add(out, "; the house is expected to need %d W, the sun to give %d W",
			 slot->load_w[PLANNED_P50], slot->pv_w[PLANNED_P50]);
}
