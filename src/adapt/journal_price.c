/* What energy cost, as it was known then. */
#include <math.h>

#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"

struct price_visitor {
	journal_price_visit *visit;
	void *user;
};

static double price_or_nan(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN
							       : sqlite3_column_double(row, column);
}

static bool read_price(void *user, sqlite3_stmt *row)
{
	const struct price_visitor *visitor = user;
	struct journal_price price = {
	    .slot = {.from_s = sqlite3_column_int64(row, 0) / MS_PER_SECOND,
		     .length_s = sqlite3_column_int(row, 1),
		     .buy = price_or_nan(row, 2),
		     .sell = price_or_nan(row, 3),
		     .mark = sqlite3_column_int(row, 4) ? PRICE_ASSUMED : PRICE_KNOWN},
	    .currency = journal_column_text(row, 5)};

	if (isnan(price.slot.buy) || isnan(price.slot.sell))
		price.slot.mark = PRICE_MISSING;
	return visitor->visit(visitor->user, &price);
}

int journal_read_prices(struct journal_reader *reader, struct journal_span span,
			journal_price_visit *visit, void *user)
{
	struct price_visitor visitor = {visit, user};
	static const char sql[] =
	    "SELECT ts_ms, length_s, import, export, assumed, currency FROM price "
	    "WHERE ts_ms >= ?1 AND ts_ms < ?2 ORDER BY ts_ms, row LIMIT ?3";

	return journal_reader_span(reader, sql, NULL, span, read_price, &visitor);
}
