/*
 * What --check-config looks at beyond the file itself, with the very functions
 * that the start uses; and the warnings that both give. Whether broker, relays and
 * server answer is not asked here: they may come later, and the daemon waits.
 */
#include "daemon/check.h"

#include <string.h>

#include "adapt/access.h"
#include "adapt/access_book.h"
#include "adapt/access_secret.h"
#include "adapt/courier.h"
#include "adapt/key_file.h"
#include "adapt/mqtt_tls.h"
#include "adapt/password.h"
#include "adapt/server.h"
#include "adapt/web_files.h"
#include "base/log.h"
#include "daemon/files.h"
#include "base/zone.h"
#include "wire/plain_channel.h"

#define SENTENCE_MAX 512
#define PASSWORD_TEXT_MAX 256

static bool is_fine(int result, const char *words, struct text *errors)
{
	if (result != 0)
		text_add(errors, "%s\n", words[0] != '\0' ? words : strerror(-result));
	return result == 0;
}

static bool zone_is_known(const struct house *house, struct text *errors)
{
	char words[SENTENCE_MAX];
	struct text error = text_in(words, sizeof words);

	return is_fine(zone_take(house->zone, &error), words, errors);
}

static bool broker_is_startable(const struct house *house, struct text *errors)
{
	char words[SENTENCE_MAX], password[PASSWORD_TEXT_MAX];
	struct text error = text_in(words, sizeof words);
	int result = password_read(password, sizeof password, house->broker.password_file, &error);
	bool is_startable = is_fine(result, words, errors);

	explicit_bzero(password, sizeof password);
	error = text_in(words, sizeof words);
	result = mqtt_tls_check(&house->broker.tls, house->broker.host, &error);
	return is_fine(result, words, errors) && is_startable;
}

static bool key_is_startable(const char *path, struct text *errors)
{
	char words[SENTENCE_MAX];
	struct text error = text_in(words, sizeof words);
	struct shared_key key;
	int result = path[0] != '\0' ? shared_key_read(&key, path, "", &error) : 0;

	explicit_bzero(&key, sizeof key);
	return is_fine(result, words, errors);
}

static bool keys_are_startable(const struct house *house, struct text *errors)
{
	bool is_startable = true;

	for (size_t i = 0; i < house->relay_count; i++)
		is_startable = key_is_startable(house->relays[i].key_file, errors) && is_startable;
	for (size_t i = 0; i < house->battery_count; i++)
		is_startable = key_is_startable(house->batteries[i].key_file, errors) && is_startable;
	for (size_t i = 0; i < house->coap_source_count; i++)
		is_startable = key_is_startable(house->coap_sources[i].key_file, errors) && is_startable;
	return is_startable;
}

static bool web_is_startable(const struct house *house, struct text *errors)
{
	char words[SENTENCE_MAX];
	struct text error = text_in(words, sizeof words);
	struct web_files files;
	int result = web_files_read(&files, &house->web, &error);

	if (result == 0)
		web_files_free(&files);
	return is_fine(result, words, errors);
}

static bool users_are_readable(const struct house *house, struct text *errors)
{
	char words[SENTENCE_MAX], room[PATH_TEXT_MAX + 16];
	struct text error = text_in(words, sizeof words), path = text_in(room, sizeof room);
	static struct access_book book;
	int result;

	access_file_of(house, house->store.path, &path);
	result = secret_begin() == 0 ? access_book_read(&book, room, &error) : 0;
	return is_fine(result, words, errors);
}

static bool group_is_known(const struct house *house, struct text *errors)
{
	char words[SENTENCE_MAX];
	struct text error = text_in(words, sizeof words);
	gid_t group;

	return is_fine(files_find_group(&group, house->api.group, &error), words, errors);
}

static bool server_is_startable(const struct house *house, struct text *errors)
{
	char words[SENTENCE_MAX];
	struct text error = text_in(words, sizeof words);

	return !house->store.server.is_configured ||
	       is_fine(server_check(&house->store.server, &error), words, errors);
}

static bool outlet_is_startable(const struct outlet_config *outlet, struct text *errors)
{
	char words[SENTENCE_MAX] = "", password[PASSWORD_TEXT_MAX];
	struct text error = text_in(words, sizeof words);
	int result = password_read(password, sizeof password, outlet->password_file, &error);

	if (result == 0)
		result = password_read(password, sizeof password, outlet->secret_file, &error);
	explicit_bzero(password, sizeof password);
	if (result == 0)
		result = courier_check_ca(outlet->tls_ca, &error);
	if (result != 0)
		text_add(errors, "outlet %s: %s\n", outlet->name.text, words);
	return result == 0;
}

static bool outlets_are_startable(const struct house *house, struct text *errors)
{
	bool is_startable = true;

	for (size_t i = 0; i < house->outlet_count; i++)
		is_startable = outlet_is_startable(&house->outlets[i], errors) && is_startable;
	return is_startable;
}

static bool feed_is_startable(const struct feed_config *feed, const char *name,
			      struct text *errors)
{
	char words[SENTENCE_MAX] = "", token[PASSWORD_TEXT_MAX];
	struct text error = text_in(words, sizeof words);
	int result;

	result = password_read(token, sizeof token, feed->token_file, &error);
	explicit_bzero(token, sizeof token);
	if (result == 0)
		result = courier_check_ca(feed->tls_ca, &error);
	if (result != 0)
		text_add(errors, "%s: %s\n", name, words);
	return result == 0;
}

static bool prices_are_startable(const struct house *house, struct text *errors)
{
	bool is_startable = feed_is_startable(&house->prices.buy.feed, "prices.import", errors);

	is_startable =
	    feed_is_startable(&house->prices.sell.feed, "prices.export", errors) && is_startable;
	return feed_is_startable(&house->forecast.pv, "forecast.pv", errors) && is_startable;
}

bool check_is_startable(const struct house *house, struct text *errors)
{
	static bool (*const checks[])(const struct house *, struct text *) = {
	    zone_is_known,  broker_is_startable, keys_are_startable, server_is_startable,
	    group_is_known, web_is_startable,    users_are_readable, outlets_are_startable,
	    prices_are_startable,
	};
	bool is_startable = true;

	for (size_t i = 0; i < ARRAY_LENGTH(checks); i++)
		is_startable = checks[i](house, errors) && is_startable;
	return is_startable;
}

static bool has_relay(const struct house *house, size_t battery)
{
	for (size_t i = 0; i < house->relay_count; i++)
		if (house->relays[i].battery == battery)
			return true;
	return false;
}

static void warn_of_battery(const struct house *house, size_t index)
{
	const struct battery_config *battery = &house->batteries[index];

	if (!battery_is_commanded(battery))
		log_warning("battery %s is watched only: it needs chemistry, capacity_kwh and "
			    "power_kw to be commanded",
			    battery->id.text);
	else if (!has_relay(house, index))
		log_warning("battery %s is watched only: no relay belongs to it", battery->id.text);
}

static void warn_of_relay(const struct house *house, const struct relay_config *relay)
{
	if (relay->uri[0] != '\0' || relay_is_over_mqtt(relay))
		return;
	if (relay->key_file[0] != '\0' && house->coap.listen_secure.address[0] == '\0')
		log_warning("relay %s can never be commanded: it has a key and no uri, and without "
			    "coap.listen_secure it cannot register itself",
			    relay->id.text);
	else if (relay->key_file[0] != '\0')
		return;
	else if (!coap_is_listening(&house->coap))
		log_warning(
		    "relay %s can never be commanded: it has no uri, and without coap.listen "
		    "it cannot register itself",
		    relay->id.text);
	else if (!coap_admits(&house->coap, &relay->id))
		log_warning("relay %s can never be commanded: it has no uri, and coap.allow does "
			    "not name it",
			    relay->id.text);
}

static void warn_of_plain_channel(void *user, const struct plain_channel *channel)
{
	char words[SENTENCE_MAX];
	struct text sentence = text_in(words, sizeof words);

	(void)user;
	plain_channel_format(channel, &sentence);
	log_warning("%s", words);
}

/* A token is a key to an account: whoever listens on the way has it then. */
static void warn_of_token(const struct feed_config *feed, const char *name)
{
	if (feed->token_file[0] != '\0' && strncmp(feed->url, "http://", 7) == 0 &&
	    !url_is_loopback(feed->url))
		log_warning("%s sends its token in the open to %s: https:// would encrypt it", name,
			    feed->url);
}

void check_warn(const struct house *house)
{
	warn_of_token(&house->prices.buy.feed, "prices.import");
	warn_of_token(&house->prices.sell.feed, "prices.export");
	warn_of_token(&house->forecast.pv, "forecast.pv");
	if (house->battery_count == 0)
		log_warning(
		    "no battery is configured: readings are stored and nothing is commanded");
	for (size_t i = 0; i < house->battery_count; i++)
		warn_of_battery(house, i);
	for (size_t i = 0; i < house->relay_count; i++)
		warn_of_relay(house, &house->relays[i]);
	plain_channels_visit(house, warn_of_plain_channel, NULL);
}
