/* What energy costs, now and ahead, by the clock of the house. */
#include "daemon/prices.h"

#include <math.h>
#include <stdio.h>

#include "base/zone.h"
#include "daemon/prices_parts.h"
#include "plan/price_course.h"

#define WORDS_MAX 1024
#define PV_FRESH_S 86400 /* an older forecast of the sun is of other weather */

int32_t prices_offset_at(int64_t at_s)
{
	return zone_offset_s((struct wall_time){at_s * MS_PER_SECOND});
}

static const struct feed *feed_of(const struct feed_state *state)
{
	return state->config != NULL ? &state->feed : NULL;
}

static struct price_inputs inputs_of(const struct daemon *daemon)
{
	return (struct price_inputs){
	    .config = &daemon->house.prices,
	    .buy = feed_of(&daemon->prices->feeds[FEED_OF_IMPORT]),
	    .sell = feed_of(&daemon->prices->feeds[FEED_OF_EXPORT]),
	    .offset_at = prices_offset_at,
	};
}

bool prices_are_configured(const struct daemon *daemon)
{
	return daemon->house.prices.is_on && daemon->prices != NULL;
}

int32_t prices_step_s(const struct daemon *daemon)
{
	struct price_inputs inputs;

	if (!prices_are_configured(daemon))
		return PRICE_STEP_MAX_S;
	inputs = inputs_of(daemon);
	return price_course_step_s(&inputs, clock_wall(&daemon->clock).ms / MS_PER_SECOND);
}

size_t prices_at(const struct daemon *daemon, int32_t step_s, int64_t from_s, int64_t to_s,
		 struct price_slot *out, size_t capacity)
{
	struct price_inputs inputs;

	if (!prices_are_configured(daemon))
		return 0;
	inputs = inputs_of(daemon);
	return price_course(&inputs, step_s, from_s, to_s, out, capacity);
}

uint32_t prices_version(const struct daemon *daemon)
{
	return prices_are_configured(daemon) ? daemon->prices->version : 0;
}

/* ---- what the sun will bring ---- */

double prices_pv_w(const struct daemon *daemon, int64_t from_s, int64_t to_s)
{
	const struct feed *pv =
	    daemon->prices != NULL ? feed_of(&daemon->prices->feeds[FEED_OF_PV]) : NULL;
	int64_t known_s;
	double sum;

	if (pv == NULL)
		return NAN;
	sum = feed_sum(pv->slots, pv->count, from_s, to_s, &known_s);
	return known_s > 0 ? sum / (double)known_s : NAN;
}

bool prices_pv_is_asked(const struct daemon *daemon)
{
	return daemon->prices != NULL && feed_of(&daemon->prices->feeds[FEED_OF_PV]) != NULL;
}

bool prices_pv_is_fresh(const struct daemon *daemon)
{
	const struct feed_state *state =
	    prices_pv_is_asked(daemon) ? &daemon->prices->feeds[FEED_OF_PV] : NULL;

	return state != NULL && state->has_good &&
	       clock_wall(&daemon->clock).ms / MS_PER_SECOND - state->good_s <= PV_FRESH_S;
}

size_t prices_pv_slots(const struct daemon *daemon, int64_t from_s, int64_t to_s,
		       struct feed_slot *out, size_t capacity)
{
	const struct feed *pv =
	    daemon->prices != NULL ? feed_of(&daemon->prices->feeds[FEED_OF_PV]) : NULL;
	size_t count = 0;

	for (size_t i = 0; pv != NULL && i < pv->count && count < capacity; i++)
		if (pv->slots[i].from_s < to_s &&
		    pv->slots[i].from_s + pv->slots[i].length_s > from_s)
			out[count++] = pv->slots[i];
	return count;
}

/* ---- how they do ---- */

static const char *feed_word(const struct feed_config *feed)
{
	static const char *const words[] = {
	    [FEED_NONE] = "none", [FEED_TOPIC] = "topic", [FEED_FILE] = "file", [FEED_URL] = "url"};

	return words[feed->kind];
}

static const char *kind_of(const struct price_config *price)
{
	if (price->kind == PRICE_IS_FIXED)
		return "fixed";
	return price->kind == PRICE_IS_TARIFF ? "tariff" : feed_word(&price->feed);
}

/* Forecasts of the sun have nothing for the night, which is no gap. */
static int64_t known_until(const struct daemon *daemon, const struct feed_state *state,
			   int64_t now_s)
{
	const struct feed *feed = &state->feed;
	const struct feed_slot *last = feed->count > 0 ? &feed->slots[feed->count - 1] : NULL;

	if (state != &daemon->prices->feeds[FEED_OF_PV])
		return feed_known_until(feed, now_s);
	return last != NULL && last->from_s + last->length_s > now_s ? last->from_s + last->length_s
								     : now_s;
}

static void view(const struct daemon *daemon, const struct feed_state *state, const char *kind,
		 struct price_source_view *out)
{
	int64_t now_s = clock_wall(&daemon->clock).ms / MS_PER_SECOND;
	int64_t until_s;

	*out = (struct price_source_view){.kind = kind, .is_ok = true};
	if (state->config == NULL)
		return;
	until_s = known_until(daemon, state, now_s);
	out->known_until_s = until_s > now_s ? until_s : 0;
	out->has_age = state->has_good;
	out->age_s = now_s - state->good_s;
	out->is_ok = !state->is_refused && until_s > now_s;
	snprintf(out->words, sizeof out->words, "%s",
		 state->words[0] != '\0' ? state->words
		 : !state->has_good      ? "nothing came yet"
		 : until_s <= now_s      ? "nothing is known from now on"
					 : "");
}

void prices_sources(const struct daemon *daemon, struct price_source_view out[PRICE_SOURCES])
{
	const struct prices_config *config = &daemon->house.prices;
	const struct prices *prices = daemon->prices;

	for (int i = 0; i < PRICE_SOURCES; i++)
		out[i] = (struct price_source_view){0};
	if (prices == NULL)
		return;
	if (config->is_on) {
		view(daemon, &prices->feeds[FEED_OF_IMPORT], kind_of(&config->buy),
		     &out[PRICE_SOURCE_IMPORT]);
		view(daemon, &prices->feeds[FEED_OF_EXPORT], kind_of(&config->sell),
		     &out[PRICE_SOURCE_EXPORT]);
	}
	if (daemon->house.forecast.has_pv)
		view(daemon, &prices->feeds[FEED_OF_PV], feed_word(&daemon->house.forecast.pv),
		     &out[PRICE_SOURCE_PV]);
}

/* ---- for --check-config ---- */

static void print_feed(const struct feed_config *feed, const char *name)
{
	if (feed->kind == FEED_TOPIC)
		printf("%s from the topic %s\n", name, feed->topic);
	else if (feed->kind == FEED_FILE)
		printf("%s from the file %s\n", name, feed->file);
	else
		printf("%s from %s, asked every %d min\n", name, feed->url,
		       (int)(feed->every_s / 60));
}

static void print_price(const struct price_inputs *inputs, bool is_sell, const char *name,
			int64_t at_s)
{
	const struct price_config *price = is_sell ? &inputs->config->sell : &inputs->config->buy;
	char words[WORDS_MAX];
	struct text text = text_in(words, sizeof words);

	if (price->kind == PRICE_IS_FEED) {
		print_feed(&price->feed, name);
		return;
	}
	price_course_format(inputs, is_sell, at_s, &text);
	printf("%s today, %s/kWh: %s\n", name, inputs->config->currency, words);
}

void prices_print(const struct house *house, int64_t at_s)
{
	const struct price_inputs inputs = {.config = &house->prices,
					    .offset_at = prices_offset_at};

	if (house->forecast.has_pv)
		print_feed(&house->forecast.pv, "PV forecast");
	if (!house->prices.is_on)
		return;
	print_price(&inputs, false, "import", at_s);
	print_price(&inputs, true, "export", at_s);
}
