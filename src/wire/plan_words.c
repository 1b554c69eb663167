/* A slot of a plan in words: what it does, and what that follows from. */
#include "wire/plan_words.h"

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

void plan_sentence(struct text *out, const struct planned *plan,
			 const struct planned_slot *slot)
{
	const struct planned_slot *cheapest, *dearest;

	plan_price_ends(plan, slot, &cheapest, &dearest);
	add_mode(out, slot);
	if (plan->has_no_prices)
		text_add(out, ": prices are not known, the log of the battery is");
	else
		text_add(out, ": power costs %.3f now", (double)slot->buy);
	if (dearest->buy > cheapest->buy)
		text_add(out, ", and %.3f to %.3f later", (double)cheapest->buy,
			 (double)dearest->buy);
	if (slot->is_known && plan->is_by_log)
		text_add(out, "; the house is expected to need %d W, as the battery has seen it",
			 slot->load_w[PLANNED_P50]);
	else if (slot->is_known)
		text_add(out, "; the house is expected to need %d W, the sun to give %d W",
			 slot->load_w[PLANNED_P50], slot->pv_w[PLANNED_P50]);
}
