/* The keys of `prices`: what energy costs, and from where that is known. */
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

static const struct config_key price_keys[] = {
    {.name = "tariff",
     .kind = KEY_LIST,
     .offset = offsetof(struct price_config, tariff) + offsetof(struct tariff, rules),
     .size = sizeof(struct tariff_rule),
     .count_offset = offsetof(struct price_config, tariff) + offsetof(struct tariff, count),
     .is_required = true,
     .max = TARIFF_RULES_MAX,
     .section = &rule_section,
     .help = "Prices by hours, days and months; the first that fits counts, and one must always "
	     "fit."},
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
