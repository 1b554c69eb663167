/* Whether `prices` says a price for every moment, or from where, and in which unit. */
#include <string.h>

#include "wire/config_check.h"
#include "wire/config_check_feed.h"

#define PV_MAX_W 1000000 /* of a house's roof: more has the wrong unit */

/* What prices per kWh are never beyond, in currencies with a small unit. */
static double most_of(const char *currency)
{
	static const struct {
		const char *list;
		double most;
	} rows[] = {
	    {"EUR GBP USD CHF AUD CAD NZD SGD", 5},
	    {"PLN RON BRL ILS BGN", 20},
	    {"SEK NOK DKK CZK ZAR TRY MXN THB PHP INR", 100},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (strstr(rows[i].list, currency) != NULL)
			return rows[i].most;
	return PRICE_MAX;
}

/* The factor of `EUR/MWh` and the like, 0 where it is none. */
static double factor_of(const char *unit, const char *currency)
{
	static const char *const hundredths[] = {"ct", "c", "cent", "p", "ore", "øre", "öre", "gr"};
	const char *slash = strchr(unit, '/');
	size_t length = slash != NULL ? (size_t)(slash - unit) : 0;
	double factor = 0;

	if (length == 0)
		return 0;
	if (strlen(currency) == length && strncmp(unit, currency, length) == 0)
		factor = 1;
	for (size_t i = 0; i < ARRAY_LENGTH(hundredths); i++)
		if (strlen(hundredths[i]) == length && strncmp(unit, hundredths[i], length) == 0)
			factor = 0.01;
	if (strcmp(slash, "/MWh") == 0)
		return factor / 1000;
	return strcmp(slash, "/kWh") == 0 ? factor : 0;
}

static void check_unit(struct config_reader *reader, struct feed_config *feed, int line,
		       const char *place, const char *currency)
{
	feed->factor = feed->unit[0] != '\0' ? factor_of(feed->unit, currency) : 1;
	if (feed->factor == 0)
		config_error(reader->errors, line, place,
			     "unit \"%s\" is not allowed: %s/kWh, %s/MWh, ct/kWh, p/kWh or "
			     "øre/kWh; from another currency by scale",
			     feed->unit, currency, currency);
	if (feed->unit[0] == '\0' && feed->scale == 0)
		config_error(reader->errors, line, place,
			     "has no unit: unit (such as %s/kWh, %s/MWh, ct/kWh) or scale is "
			     "needed, since a price in the wrong one is wrong a hundred times",
			     currency, currency);
	if (feed->max == 0)
		feed->max = most_of(currency);
}

static void check_tariff(struct config_reader *reader, const struct tariff *tariff, int line,
			 const char *place)
{
	struct tariff_moment moment;
	struct text error;

	if (!tariff_has_gap(tariff, &moment))
		return;
	error = config_error_begin(reader->errors, line, place);
	text_add(&error, "has no price for ");
	tariff_moment_format(&moment, &error);
	text_add(&error, ": a last entry that is a price alone always fits");
}

static void check_price(struct config_reader *reader, struct price_config *price, int line,
			const char *place)
{
	const char *currency = reader->house->prices.currency;
	int places = config_feed_places(&price->feed) + (price->tariff.count > 0);

	if (line == 0 || price->kind == PRICE_IS_FIXED)
		return;
	if (places != 1) {
		config_error(
		    reader->errors, line, place, "%s: one of tariff, topic, file and url is needed",
		    places == 0 ? "does not say where the price comes from" : "has several places");
		return;
	}
	if (price->tariff.count > 0) {
		price->kind = PRICE_IS_TARIFF;
		check_tariff(reader, &price->tariff, line, place);
		return;
	}
	price->kind = PRICE_IS_FEED;
	config_check_feed(reader, &price->feed, line, place, "price");
	check_unit(reader, &price->feed, line, place, currency);
}

static void check_forecast(struct config_reader *reader)
{
	static const struct {
		const char *unit;
		double factor;
		enum feed_amount amount;
	} units[] = {{"W", 1, FEED_IS_RATE},
		     {"kW", 1000, FEED_IS_RATE},
		     {"Wh", 1, FEED_IS_ENERGY},
		     {"kWh", 1000, FEED_IS_ENERGY}};
	struct feed_config *pv = &reader->house->forecast.pv;

	if (reader->pv_line == 0)
		return;
	reader->house->forecast.has_pv = true;
	if (config_feed_places(pv) != 1) {
		config_error(reader->errors, reader->pv_line, "forecast.pv",
			     "one of topic, file and url is needed");
		return;
	}
	config_check_feed(reader, pv, reader->pv_line, "forecast.pv", "value");
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
		if (strcmp(pv->unit, units[i].unit) != 0)
			continue;
		pv->factor = units[i].factor;
		pv->amount = units[i].amount;
	}
	if (pv->factor == 0)
		config_error(reader->errors, reader->pv_line, "forecast.pv",
			     "unit \"%s\" is not allowed: W, kW, Wh or kWh", pv->unit);
	pv->max = PV_MAX_W;
}

void config_check_prices(struct config_reader *reader)
{
	struct prices_config *prices = &reader->house->prices;

	check_forecast(reader);
	if (!prices->is_on)
		return;
	if (prices->currency[0] == '\0')
		memcpy(prices->currency, "EUR", sizeof "EUR");
	if (strspn(prices->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != PRICE_CURRENCY_MAX - 1)
		config_error(reader->errors, reader->buy_line, "prices.currency",
			     "\"%s\" is not allowed: three capital letters, such as EUR",
			     prices->currency);
	check_price(reader, &prices->buy, reader->buy_line, "prices.import");
	check_price(reader, &prices->sell, reader->sell_line, "prices.export");
}
