/* The plan in words for people: GET /plan and Home Assistant say the same. */
#pragma once

#include "base/text.h"
#include "model/planned.h"

/* Writes "12.8 ct/kWh" of EUR, "0.128 GBP/kWh" of any other currency. */
void plan_price(struct text *out, float price, const char *currency);

/* The slots from `slot` on with the lowest and the highest price to buy. */
void plan_price_ends(const struct planned *plan, const struct planned_slot *slot,
		     const struct planned_slot **cheapest, const struct planned_slot **dearest);

/* What `slot` of `plan` does, with the prices from it on and what is expected of house and sun. */
void plan_sentence(struct text *out, const struct planned *plan, const struct planned_slot *slot);
