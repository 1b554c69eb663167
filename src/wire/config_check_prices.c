/* Whether `prices` says a price for every moment. */
#include <string.h>

#include "wire/config_check.h"

static void check_price(struct config_reader *reader, const struct price_config *price, int line,
			const char *place)
{
	struct tariff_moment moment;
	struct text error;

	if (line == 0 || price->kind != PRICE_IS_TARIFF || !tariff_has_gap(&price->tariff, &moment))
		return;
	error = config_error_begin(reader->errors, line, place);
	text_add(&error, "has no price for ");
	tariff_moment_format(&moment, &error);
	text_add(&error, ": a last entry that is a price alone always fits");
}

void config_check_prices(struct config_reader *reader)
{
	struct prices_config *prices = &reader->house->prices;

	if (!prices->is_on)
		return;
	if (prices->currency[0] == '\0')
		memcpy(prices->currency, "EUR", sizeof "EUR");
	if (strspn(prices->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != PRICE_CURRENCY_MAX - 1)
		config_error(reader->errors, reader->buy_line, "prices.currency",
			     "\"%s\" is not allowed: three capital letters, such as EUR",
			     prices->currency);
	check_price(reader, &prices->buy, reader->buy_line, "prices.import.tariff");
	check_price(reader, &prices->sell, reader->sell_line, "prices.export.tariff");
}
