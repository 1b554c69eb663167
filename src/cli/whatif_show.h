/* What would have happened, told to people and programs; with what it would have cost. */
#pragma once

#include "adapt/journal_read.h"
#include "cli/cli.h"
#include "cli/whatif.h"

/* What the grid cost; `needs` says what is missing, and is empty where all is known. */
struct whatif_cost {
	double was, would;
	char currency[PRICE_CURRENCY_MAX];
	uint64_t minutes, minutes_known;
	char needs[96];
};

/*
 * Goes through the stored minutes of the grid's meter with the prices of `prices`, which may be
 * NULL; the zone has been taken. Returns 0 or a negative errno of the journal.
 */
int whatif_cost(struct whatif_cost *cost, const struct whatif *whatif,
		const struct prices_config *prices, struct journal_reader *reader) MUST_CHECK;

void whatif_show(const struct cli *cli, const struct whatif *whatif,
		 const struct whatif_cost *cost);
