/* Other circumstances that a plan could be made in, and what it comes to in them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is to be otherwise; what is not is as it is. */
struct plan_change {
	bool has_reserve, has_ceiling, has_power, has_capacity, has_buy, has_sell;
	int32_t reserve_bp, ceiling_bp, power_w, capacity_wh;
	double buy, sell; /* one price for every hour, per kWh */
};

/* A plan in short. */
struct plan_sum {
	double bill, saved; /* with what is left in the battery valued */
	double cycles;      /* equivalent full ones, of the state of charge that is likely */
	double soc_end_pct;
};

struct plan_compared {
	int32_t slots, slot_s;
	struct plan_sum is, would;
};

/* Called once, on the loop; NULL: `words` say why there is nothing. */
typedef void plan_compared_done(void *call, const struct plan_compared *compared,
				const char *words);
