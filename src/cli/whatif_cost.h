/* What the grid cost as it was, and as it would have been. */
#pragma once

#include "adapt/journal_read.h"
#include "cli/whatif.h"

/* `needs` says what is missing, and is empty where anything is known. */
struct whatif_cost {
	double was, would;
	char currency[PRICE_CURRENCY_MAX];
	uint64_t minutes, minutes_known;
	uint64_t minutes_assumed; /* of them, with the price of a day before */
	uint64_t minutes_by_file; /* and by the configuration, as none was recorded */
	char needs[128];
};

/*
 * Goes through the stored minutes of the grid's meter with the prices that were recorded then, and
 * where none were with those of `prices`, which may be NULL; the zone has been taken. Returns 0 or
 * a negative errno of the journal.
 */
int whatif_cost(struct whatif_cost *cost, const struct whatif *whatif,
		const struct prices_config *prices, struct journal_reader *reader) MUST_CHECK;
