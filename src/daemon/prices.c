/* What energy costs: fixed prices and tariffs, by the clock of the house. */
#include "daemon/prices.h"

#include <stdio.h>

#include "base/zone.h"
#include "daemon/daemon.h"
#include "plan/price_course.h"

#define WORDS_MAX 1024

static int32_t offset_at(int64_t at_s)
{
	return zone_offset_s((struct wall_time){at_s * MS_PER_SECOND});
}

bool prices_are_configured(const struct daemon *daemon)
{
	return daemon->house.prices.is_on;
}

int32_t prices_step_s(const struct daemon *daemon)
{
	return price_course_step_s(&daemon->house.prices, offset_at,
				   clock_wall(&daemon->clock).ms / MS_PER_SECOND);
}

size_t prices_at(const struct daemon *daemon, int32_t step_s, int64_t from_s, int64_t to_s,
		 struct price_slot *out, size_t capacity)
{
	if (!prices_are_configured(daemon))
		return 0;
	return price_course(&daemon->house.prices, offset_at, step_s, from_s, to_s, out, capacity);
}

uint32_t prices_version(const struct daemon *daemon)
{
	return prices_are_configured(daemon) ? 1 : 0;
}

static void print_price(const struct prices_config *prices, const struct price_config *price,
			const char *name, int64_t at_s)
{
	char words[WORDS_MAX];
	struct text text = text_in(words, sizeof words);

	price_course_format(price, offset_at, at_s, &text);
	printf("%s today, %s/kWh: %s\n", name, prices->currency, words);
}

void prices_print(const struct house *house, int64_t at_s)
{
	if (!house->prices.is_on)
		return;
	print_price(&house->prices, &house->prices.buy, "import", at_s);
	print_price(&house->prices, &house->prices.sell, "export", at_s);
}
