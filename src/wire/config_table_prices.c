/* The keys of `prices`, what energy costs, and of `forecast`: what others publish. */
#include "wire/config_table.h"

static void rule_init(void *entry)
{
	tariff_rule_init(entry);
}

static const struct config_key rule_keys[] = {
    {.name = "price",
     .kind = KEY_DECIMAL,
     FIELD(struct tariff_rule, price),
     .min = (int64_t)-PRICE_MAX,
     .max = (int64_t)PRICE_MAX,
     .is_required = true,
     .help = "Per kWh."},
    {.name = "hours",
     .kind = KEY_HOURS,
     FIELD(struct tariff_rule, hours),
     .preset = "the whole day",
     .help = "By the clock of the house. Past midnight, days and months are those of the evening."},
    {.name = "days",
     .kind = KEY_DAYS,
     FIELD(struct tariff_rule, days),
     .preset = "all",
     .help = "The days of the week."},
    {.name = "months",
     .kind = KEY_MONTHS,
     FIELD(struct tariff_rule, months),
     .preset = "all",
     .help = "The season."},
};
static const struct config_section rule_section = {SECTION(rule_keys), .init = rule_init};

/* The keys of what somebody else publishes, in the struct of a section at `base`. */
#define FEED_TEXT(base, member)                                      \
	.offset = (base) + offsetof(struct feed_config, member),     \
	.size = sizeof(((struct feed_config *)0)->member), .min = 1, \
	.max = sizeof(((struct feed_config *)0)->member) - 1
#define FEED_FIELD(base, member)                                 \
	.offset = (base) + offsetof(struct feed_config, member), \
	.size = sizeof(((struct feed_config *)0)->member)

#define FEED_PLACE_KEYS(base)                                                                      \
	{.name = "topic",                                                                          \
	 .kind = KEY_TOPIC,                                                                        \
	 FEED_TEXT(base, topic),                                                                   \
	 .help = "A topic of the broker; what is retained there counts too."},                     \
	    {.name = "file",                                                                       \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, file),                                                                \
	     .help = "A file, read again whenever it has changed."},                               \
	    {.name = "url",                                                                        \
	     .kind = KEY_URL,                                                                      \
	     FEED_TEXT(base, url),                                                                 \
	     .help = "What is asked over HTTP."},                                                  \
	    {.name = "every",                                                                      \
	     .kind = KEY_DURATION,                                                                 \
	     FEED_FIELD(base, every_s),                                                            \
	     .min = 60,                                                                            \
	     .max = 86400,                                                                         \
	     .preset = "1h",                                                                       \
	     .help = "How often the url is asked; 10 min where what is known ends within 12 h."},  \
	    {.name = "body",                                                                       \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, body),                                                                \
	     .help = "JSON that the url is asked with, as a POST."},                               \
	    {.name = "token_file",                                                                 \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, token_file),                                                          \
	     .help = "A file whose first line is a token for the url (Authorization: Bearer)."},   \
	    {.name = "tls_ca",                                                                     \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, tls_ca),                                                              \
	     .preset = "the system's certificates",                                                \
	     .help = "A file with the certificates to trust."},                                    \
	    {.name = "items",                                                                      \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, items),                                                               \
	     .help = "JSON Pointers of the lists of entries, blanks between; an object is one by " \
		     "its members' names, which are times. Without it from and the value are two " \
		     "lists, or the whole is one."},                                               \
	    {.name = "from",                                                                       \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, from),                                                                \
	     .help = "JSON Pointer within an entry: when it begins."},                             \
	    {.name = "to",                                                                         \
	     .kind = KEY_TEXT,                                                                     \
	     FEED_TEXT(base, to),                                                                  \
	     .preset = "the next one's begin",                                                     \
	     .help = "Likewise, when it ends; \"/\": the names of an object's members do."},       \
	    {.name = "length",                                                                     \
	     .kind = KEY_DURATION,                                                                 \
	     FEED_FIELD(base, length_s),                                                           \
	     .min = 60,                                                                            \
	     .max = 86400,                                                                         \
	     .help = "How long an entry holds that does not say it."},                             \
	{                                                                                          \
		.name = "at", .kind = KEY_TEXT, FEED_TEXT(base, at), .preset = "the whole",        \
		.help = "JSON Pointer of the present value, where there are no entries; it holds " \
			"until the next message, for length (1h) at most."                         \
	}

#define IN_PRICE offsetof(struct price_config, feed)

static const struct config_key price_keys[] = {
    {.name = "tariff",
     .kind = KEY_LIST,
     .offset = offsetof(struct price_config, tariff) + offsetof(struct tariff, rules),
     .size = sizeof(struct tariff_rule),
     .count_offset = offsetof(struct price_config, tariff) + offsetof(struct tariff, count),
     .max = TARIFF_RULES_MAX,
     .section = &rule_section,
     .help = "Prices by hours, days and months; the first that fits counts, and one must always "
	     "fit."},
    FEED_PLACE_KEYS(IN_PRICE),
    {.name = "price",
     .kind = KEY_TEXT,
     FEED_TEXT(IN_PRICE, value),
     .help = "JSON Pointer within an entry: its price."},
    {.name = "unit",
     .kind = KEY_TEXT,
     FEED_TEXT(IN_PRICE, unit),
     .help = "What the prices are in: EUR/kWh, EUR/MWh, ct/kWh and the like. This or scale."},
    {.name = "scale",
     .kind = KEY_DECIMAL,
     FEED_FIELD(IN_PRICE, scale),
     .min = -1000000,
     .max = 1000000,
     .preset = "1 where there is a unit",
     .help = "Each price is multiplied by it, such as by 1.22 for the tax, "},
    {.name = "add",
     .kind = KEY_DECIMAL,
     FEED_FIELD(IN_PRICE, add),
     .min = (int64_t)-PRICE_MAX,
     .max = (int64_t)PRICE_MAX,
     .preset = "0",
     .help = "and then this is added, per kWh, such as for the grid."},
    {.name = "max",
     .kind = KEY_DECIMAL,
     FEED_FIELD(IN_PRICE, max),
     .max = (int64_t)PRICE_MAX,
     .preset = "by the currency, 5 in EUR",
     .help = "No price per kWh is beyond it either way: what is has the wrong unit, and is "
	     "refused."},
};
static const struct config_section price_section = {SECTION(price_keys)};

static const struct config_key prices_keys[] = {
    {.name = "currency",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct prices_config, currency),
     .preset = "EUR",
     .help = "Of all prices: three capital letters."},
    {.name = "import",
     .kind = KEY_PRICE,
     FIELD(struct prices_config, buy),
     .is_required = true,
     .section = &price_section,
     .help = "What a kWh from the grid costs, all included."},
    {.name = "export",
     .kind = KEY_PRICE,
     FIELD(struct prices_config, sell),
     .preset = "0",
     .section = &price_section,
     .help = "What a kWh to the grid brings; less than 0 where it costs."},
};
const struct config_section config_prices = {
    SECTION(prices_keys),
    .has_presence = true,
    .presence_offset = offsetof(struct prices_config, is_on),
};

static const struct config_key pv_keys[] = {
    FEED_PLACE_KEYS(0),
    {.name = "value",
     .kind = KEY_TEXT,
     FEED_TEXT(0, value),
     .help = "JSON Pointer within an entry: what the roof will give."},
    {.name = "unit",
     .kind = KEY_TEXT,
     FEED_TEXT(0, unit),
     .is_required = true,
     .help = "W or kW, on average in the entry's time; Wh or kWh, in all of it."},
    {.name = "scale",
     .kind = KEY_DECIMAL,
     FEED_FIELD(0, scale),
     .min = 0,
     .max = 1000,
     .preset = "1",
     .help = "Each value is multiplied by it."},
};
static const struct config_section pv_section = {SECTION(pv_keys)};

static const struct config_key forecast_keys[] = {
    {.name = "pv",
     .kind = KEY_MAPPING,
     FIELD(struct forecast_config, pv),
     .section = &pv_section,
     .help = "What the sun will bring: docs/prices.md."},
};
const struct config_section config_forecast = {SECTION(forecast_keys)};
