/*
 * Those who publish prices and forecasts: asked over HTTP, read from a file, or heard on a
 * topic. Whatever they do, what is known stays known: an answer that is of no use
 * changes nothing but what is said of it.
 */
#include "daemon/feeds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapt/password.h"
#include "base/log.h"
#include "daemon/files.h"
#include "daemon/prices_parts.h"
#include "wire/json_message.h"

#define NS_PER_SECOND 1000000000

#define PV_RETRY_PART 4 /* of `every`, after a failure */
#define PV_RETRY_LEAST_S 60
#define ASK_REAL_MIN_MS 1000 /* however fast our clock runs */
#define WS_PER_KWH 3600000.0
#define BLANK_WS (WS_PER_KWH / 2) /* so much sun cannot have been a mistake of a dark day */
#define GRACE_MS (60 * MS_PER_SECOND)

static int64_t now_s(const struct daemon *daemon)
{
	return clock_wall(&daemon->clock).ms / MS_PER_SECOND;
}

/* ---- what came ---- */

/* Says what is of no use or odd, once, until it changes. */
static void note_words(struct feed_state *state, bool is_refused, const char *words)
{
	bool is_new = strcmp(state->words, words) != 0 || state->is_refused != is_refused;
	struct text kept = text_in(state->words, sizeof state->words);

	text_add(&kept, "%s", words);
	if (is_new && is_refused)
		log_warning("%s: %s", state->title, words);
	else if (is_new && words[0] != '\0')
		log_warning("%s: taken, but %s", state->title, words);
	else if (is_new)
		log_info("%s: well again", state->title);
	state->is_refused = is_refused;
}

static bool take_news(struct feed_state *state, const struct feed_news *news)
{
	int64_t now = now_s(state->daemon);

	if (news->is_present)
		return feed_hold(&state->feed, news->slots[0].value, news->slots[0].length_s, now);
	return feed_take(&state->feed, news->slots, news->count, now);
}

/* A forecast of no sun at all, soon after one of much: one that was not reckoned yet. */
static bool is_blank(const struct feed_state *state, const struct feed_news *news,
		     struct text *words)
{
	int64_t now = now_s(state->daemon);

	if (state != &state->daemon->prices->feeds[FEED_OF_PV] || !state->has_good ||
	    now - state->good_s > TARIFF_DAY_S ||
	    !feed_is_blank(&state->feed, news->slots, news->count, BLANK_WS, now))
		return false;
	text_add(words, "says 0 where %.1f kWh were expected: what was said before is kept",
		 feed_sum(state->feed.slots, state->feed.count, now, now + TARIFF_DAY_S, NULL) /
		     WS_PER_KWH);
	return true;
}

static bool take_message(struct feed_state *state, const void *payload, size_t length)
{
	struct prices *prices = state->daemon->prices;
	char words[FEED_WORDS_MAX];
	struct text text = text_in(words, sizeof words);

	words[0] = '\0';
	if (feed_message_read(&prices->news, state->config, prices_offset_at, payload, length,
			      &text) != 0 ||
	    is_blank(state, &prices->news, &text)) {
		note_words(state, true, words);
		return false;
	}
	note_words(state, false, words);
	state->has_good = true;
	state->good_s = now_s(state->daemon);
	if (take_news(state, &prices->news)) {
		prices->version++;
		state->file.is_changed = true;
	}
	return true;
}

/* ---- by topic ---- */

void feeds_heard(struct daemon *daemon, const struct mqtt_message *message)
{
	for (size_t i = 0; daemon->prices != NULL && i < FEEDS; i++) {
		struct feed_state *state = &daemon->prices->feeds[i];

		if (state->config == NULL || state->config->kind != FEED_TOPIC ||
		    strcmp(state->config->topic, message->topic) != 0)
			continue;
		state->has_asked = true;
		take_message(state, message->payload, message->length);
	}
}

int feeds_add_topics(const struct daemon *daemon, const char ***topics, size_t *count)
{
	const char **all;

	if (daemon->prices == NULL)
		return 0;
	all = realloc(*topics, (*count + FEEDS) * sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	*topics = all;
	for (size_t i = 0; i < FEEDS; i++) {
		const struct feed_config *config = daemon->prices->feeds[i].config;
		bool is_listed = config == NULL || config->kind != FEED_TOPIC;

		for (size_t k = 0; !is_listed && k < *count; k++)
			is_listed = strcmp(all[k], config->topic) == 0;
		if (!is_listed)
			all[(*count)++] = config->topic;
	}
	return 0;
}

/* ---- by file ---- */

static void read_file(struct feed_state *state)
{
	char words[FEED_WORDS_MAX] = "", *bytes = malloc(JSON_MESSAGE_BYTES_MAX);
	struct text error = text_in(words, sizeof words);
	size_t length;

	if (bytes == NULL)
		return;
	state->has_asked = true;
	if (files_read(state->config->file, bytes, JSON_MESSAGE_BYTES_MAX, &length, &error) == 0)
		take_message(state, bytes, length);
	else
		note_words(state, true, words);
	free(bytes);
}

/* Once a second: a look at whether it is another one than was read. */
static void watch_file(struct feed_state *state)
{
	struct stat found = {0};
	int64_t ns;

	if (stat(state->config->file, &found) != 0) {
		if (state->file_size != -1)
			read_file(state); /* which says why it cannot */
		state->file_size = -1;
		return;
	}
	ns = found.st_mtim.tv_sec * (int64_t)NS_PER_SECOND + found.st_mtim.tv_nsec;
	if (state->has_asked && ns == state->file_ns && found.st_size == state->file_size)
		return;
	state->file_ns = ns;
	state->file_size = found.st_size;
	read_file(state);
}

/* ---- by url ---- */

/* Nobody publishes the sun at a certain hour, and free accounts may ask for it ten times a day. */
static int32_t pv_wait_s(const struct feed_state *state)
{
	int32_t every_s = state->config->every_s;

	return state->failures > 0 ? every_s / PV_RETRY_PART + PV_RETRY_LEAST_S : every_s;
}

static void plan_next(struct feed_state *state)
{
	bool is_pv = state == &state->daemon->prices->feeds[FEED_OF_PV];
	int32_t wait_s = is_pv ? pv_wait_s(state)
			       : feed_wait_s(&state->feed, state->config->every_s, state->failures,
					     now_s(state->daemon));

	state->ask_at =
	    mono_add(clock_mono(&state->daemon->clock), wait_s * (int64_t)MS_PER_SECOND);
}

static void on_answer(void *user, size_t way, bool has_arrived, const char *detail)
{
	struct prices *prices = user;
	struct feed_state *state = &prices->feeds[way];
	size_t length;
	const char *answer = courier_answer_of(prices->courier, &length);
	bool is_good = false;

	state->is_asked = false;
	if (!has_arrived)
		note_words(state, true, detail);
	else
		is_good = take_message(state, answer != NULL ? answer : "", length);
	state->failures = is_good ? 0 : state->failures + 1;
	plan_next(state);
}

static void ask(struct feed_state *state, size_t way)
{
	const struct feed_config *config = state->config;
	struct courier_order order = {
	    .url = config->url,
	    .is_question = true,
	    .answer_max = JSON_MESSAGE_BYTES_MAX,
	    .tls_ca = config->tls_ca,
	    .password = state->token,
	    .headers = {"Accept: application/json", "User-Agent: amphora/" AMPHORA_VERSION,
			config->body[0] != '\0' ? "Content-Type: application/json" : NULL},
	    .body = config->body,
	    .length = strlen(config->body),
	};

	state->has_asked = true;
	state->asked_at = uv_now(state->daemon->loop);
	state->is_asked = courier_send(state->daemon->prices->courier, way, &order) == 0;
	if (!state->is_asked)
		plan_next(state);
}

static void watch_url(struct feed_state *state, size_t way)
{
	struct daemon *daemon = state->daemon;

	if (state->is_asked || uv_now(daemon->loop) - state->asked_at < ASK_REAL_MIN_MS)
		return;
	if (!state->has_asked || mono_since(clock_mono(&daemon->clock), state->ask_at) >= 0)
		ask(state, way);
}

/* ---- what is missing ---- */

/* Writes what of the present is not known; nothing where all is. */
static void write_missing(const struct prices *prices, struct text *out)
{
	const struct daemon *daemon = prices->daemon;
	int64_t now = now_s(daemon);

	for (size_t i = FEED_OF_IMPORT; i <= FEED_OF_EXPORT; i++) {
		const struct feed_state *state = &prices->feeds[i];
		char since[WALL_TEXT_MAX];

		if (state->config == NULL || feed_find(&state->feed, now) != NULL)
			continue;
		text_add(out, "%s%s: ", out->length > 0 ? "; " : "", state->name);
		if (state->has_good)
			text_add(out, "nothing since %s",
				 wall_format(since,
					     (struct wall_time){state->good_s * MS_PER_SECOND}, 0));
		else
			text_add(out, "nothing yet");
		if (state->words[0] != '\0')
			text_add(out, ", %s", state->words);
	}
}

/* Not at once after the start, when nobody can have answered, and not without a clock. */
static void watch_age(struct prices *prices)
{
	struct daemon *daemon = prices->daemon;
	char words[ALERT_DETAIL_MAX] = "";
	struct text text = text_in(words, sizeof words);
	bool is_early = mono_since(clock_mono(&daemon->clock), daemon->status.started) < GRACE_MS;

	if (is_early || !daemon->trust.is_trusted)
		return;
	write_missing(prices, &text);
	if ((words[0] != '\0') == prices->is_old)
		return;
	prices->is_old = words[0] != '\0';
	daemon_condition(daemon, ALERT_PRICES_OLD, prices->is_old, words);
}

/* ---- opening ---- */

static int open_feed(struct daemon *daemon, size_t index, const struct feed_config *config,
		     struct text *error)
{
	static const char *const names[FEEDS] = {"import", "export", "pv"};
	static const char *const titles[FEEDS] = {"import prices", "export prices", "PV forecast"};
	struct prices *prices = daemon->prices;
	struct feed_state *state = &prices->feeds[index];
	int result = 0;

	state->daemon = daemon;
	state->name = names[index];
	state->title = titles[index];
	state->config = config;
	if (config->kind == FEED_URL) {
		result =
		    password_read(state->token, sizeof state->token, config->token_file, error);
		if (result == 0)
			result = courier_check_ca(config->tls_ca, error);
		if (result == 0 && prices->courier == NULL)
			result = courier_new(&prices->courier, daemon->loop, on_answer, prices);
	}
	if (result == 0)
		feeds_recall(state, &prices->news);
	return result;
}

int feeds_open(struct daemon *daemon, struct text *error)
{
	const struct house *house = &daemon->house;
	const struct feed_config *configs[FEEDS] = {
	    house->prices.buy.kind == PRICE_IS_FEED ? &house->prices.buy.feed : NULL,
	    house->prices.sell.kind == PRICE_IS_FEED ? &house->prices.sell.feed : NULL,
	    house->forecast.has_pv ? &house->forecast.pv : NULL,
	};
	int result = 0;

	if (!house->prices.is_on && !house->forecast.has_pv)
		return 0;
	daemon->prices = calloc(1, sizeof *daemon->prices);
	if (daemon->prices == NULL)
		return -ENOMEM;
	daemon->prices->daemon = daemon;
	daemon->prices->version = 1;
	for (size_t i = 0; result == 0 && i < FEEDS; i++)
		if (configs[i] != NULL)
			result = open_feed(daemon, i, configs[i], error);
	return result;
}

void feeds_second(struct daemon *daemon)
{
	struct prices *prices = daemon->prices;

	for (size_t i = 0; prices != NULL && i < FEEDS; i++) {
		struct feed_state *state = &prices->feeds[i];

		if (state->config == NULL)
			continue;
		if (state->config->kind == FEED_FILE)
			watch_file(state);
		else if (state->config->kind == FEED_URL)
			watch_url(state, i);
		feeds_keep(state);
	}
	if (prices != NULL)
		watch_age(prices);
}

void feeds_close(struct daemon *daemon)
{
	struct prices *prices = daemon->prices;

	if (prices == NULL)
		return;
	courier_free(prices->courier);
	prices->courier = NULL;
	for (size_t i = 0; i < FEEDS; i++) {
		explicit_bzero(prices->feeds[i].token, sizeof prices->feeds[i].token);
		feeds_keep(&prices->feeds[i]); /* nothing where there is none */
	}
}

void feeds_free(struct daemon *daemon)
{
	free(daemon->prices);
	daemon->prices = NULL;
}
