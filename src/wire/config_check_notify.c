/* Whether an entry of `notify` has what its kind needs, and says nothing in the open. */
#include <stdio.h>
#include <string.h>

#include "wire/config_check.h"
#include "wire/config_value.h"
#include "wire/plain_channel.h"
#include "wire/topic.h"

#define PLACE_MAX 32

/* Where one entry is, for what is said of it. */
struct spot {
	struct config_reader *reader;
	size_t index;
	char place[PLACE_MAX];
};

static void note(const struct spot *spot, const char *words)
{
	config_error(spot->reader->errors, spot->reader->outlet_lines[spot->index], spot->place,
		     "%s", words);
}

/* Letters there would come back to us as readings. */
static bool is_listened_to(const struct house *house, const char *topic)
{
	for (size_t i = 0; i < house->battery_count; i++)
		if (strcmp(house->batteries[i].topic, topic) == 0)
			return true;
	return topic_classify(topic, NULL) != TOPIC_IS_OTHER;
}

static void check_mqtt(const struct spot *spot, const struct outlet_config *outlet)
{
	if (outlet->url[0] != '\0')
		note(spot, "has url, which kind: mqtt does not use: it goes to mqtt.host");
	if (spot->reader->house->broker.host[0] == '\0')
		note(spot, "kind: mqtt needs a broker: mqtt.host is empty");
	if (is_listened_to(spot->reader->house, outlet->topic))
		note(spot, "topic is one that sensors or meters publish to");
}

static void check_mail(const struct spot *spot, const struct outlet_config *outlet)
{
	if (outlet->from[0] == '\0' || outlet->to[0] == '\0')
		note(spot, "kind: email needs from and to");
	if (outlet->password_file[0] != '\0' && outlet->user[0] == '\0')
		note(spot, "has password_file, which belongs to a user: that is missing");
}

static void check_url(const struct spot *spot, const struct outlet_config *outlet,
		      const struct service_url *url)
{
	bool is_mail = url->scheme == URL_SMTP || url->scheme == URL_SMTPS;

	if (is_mail != (outlet->kind == OUTLET_EMAIL))
		note(spot, is_mail
			       ? "url begins with smtp, which is for kind: email"
			       : "kind: email needs a url that begins with smtps:// or smtp://");
	else if (url->scheme == URL_HTTP && outlet->tls == OUTLET_TLS_REQUIRED)
		note(spot, "url goes in the open: https:// or tls: off is needed");
}

static void check_outlet(const struct spot *spot, struct outlet_config *outlet)
{
	struct service_url url;

	if (outlet->page[0] != '\0' && strncmp(outlet->page, "http", 4) != 0)
		note(spot, "page is for a browser: https:// or http:// is needed");
	if (outlet->secret_file[0] != '\0' && outlet->kind != OUTLET_WEBHOOK)
		note(spot, "has secret_file, which is for kind: webhook");
	if (outlet->user[0] != '\0' && outlet->password_file[0] == '\0')
		note(spot, "has user, which needs password_file");
	if (outlet->kind == OUTLET_MQTT) {
		check_mqtt(spot, outlet);
		return;
	}
	if (service_url_parse(&url, outlet->url) != 0) {
		if (outlet->url[0] == '\0')
			note(spot, "needs url");
		return;
	}
	if (outlet->tls == OUTLET_TLS_BY_PLACE)
		outlet->tls = url_is_loopback(outlet->url) ? OUTLET_TLS_OFF : OUTLET_TLS_REQUIRED;
	check_url(spot, outlet, &url);
	if (outlet->kind == OUTLET_EMAIL)
		check_mail(spot, outlet);
}

void config_check_notify(struct config_reader *reader)
{
	struct house *house = reader->house;

	for (size_t i = 0; i < house->outlet_count; i++) {
		struct spot spot = {.reader = reader, .index = i};

		snprintf(spot.place, sizeof spot.place, "notify[%zu]", i);
		check_outlet(&spot, &house->outlets[i]);
		for (size_t j = 0; j < i; j++)
			if (house->outlets[i].name.text[0] != '\0' &&
			    ident_equal(&house->outlets[i].name, &house->outlets[j].name))
				note(&spot, "name is taken by another entry: each needs its own");
	}
}
