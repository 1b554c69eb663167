/* Whether what somebody else publishes can be read: a place, and pointers that make sense. */
#include "wire/config_check_feed.h"

#include <string.h>

#include "wire/config_value.h"
#include "wire/json_glance.h"

#define EVERY_PRESET_S 3600

int config_feed_places(const struct feed_config *feed)
{
	return (feed->topic[0] != '\0') + (feed->file[0] != '\0') + (feed->url[0] != '\0');
}

static void check_pointer(struct config_reader *reader, int line, const char *place,
			  const char *key, const char *pointer)
{
	if (!json_pointer_is_valid(pointer))
		config_error(reader->errors, line, place,
			     "%s \"%.60s\" is not allowed: a JSON Pointer, such as /price", key,
			     pointer);
}

/* Each of the pointers between blanks. */
static void check_items(struct config_reader *reader, int line, const char *place,
			const char *items)
{
	while (*items != '\0') {
		char pointer[FEED_PLACE_MAX];
		size_t length = strcspn(items, " ");

		memcpy(pointer, items, length);
		pointer[length] = '\0';
		check_pointer(reader, line, place, "items", pointer);
		items += length + strspn(items + length, " ");
	}
}

static void check_entries(struct config_reader *reader, const struct feed_config *feed, int line,
			  const char *place, const char *value)
{
	bool has_time = feed->from[0] != '\0' || feed->to[0] != '\0';
	bool has_entries = feed->items[0] != '\0' || feed->value[0] != '\0';

	if (feed->at[0] != '\0' && (has_entries || has_time))
		config_error(reader->errors, line, place,
			     "has at, for a present value, beside items, from, to or %s, for "
			     "entries: only one is allowed",
			     value);
	else if (has_time && !has_entries)
		config_error(reader->errors, line, place, "has from or to, but no %s", value);
	else if (feed->value[0] != '\0' && !has_time && feed->items[0] == '\0')
		config_error(reader->errors, line, place,
			     "has %s without from or to: when does an entry hold? A present value "
			     "is named by at",
			     value);
}

static void check_url(struct config_reader *reader, const struct feed_config *feed, int line,
		      const char *place)
{
	struct service_url url;

	if (feed->url[0] == '\0') {
		if (feed->body[0] != '\0' || feed->token_file[0] != '\0' ||
		    feed->tls_ca[0] != '\0' || feed->every_s != 0)
			config_error(reader->errors, line, place,
				     "has every, body, token_file or tls_ca, which are of a url");
		return;
	}
	if (service_url_parse(&url, feed->url) != 0)
		return; /* has been told */
	if (url.scheme != URL_HTTP && url.scheme != URL_HTTPS)
		config_error(reader->errors, line, place, "url must be http:// or https://");
}

void config_check_feed(struct config_reader *reader, struct feed_config *feed, int line,
		       const char *place, const char *value)
{
	feed->kind = feed->topic[0] != '\0'  ? FEED_TOPIC
		     : feed->file[0] != '\0' ? FEED_FILE
					     : FEED_URL;
	check_url(reader, feed, line, place);
	check_items(reader, line, place, feed->items);
	check_pointer(reader, line, place, "from", feed->from);
	check_pointer(reader, line, place, "to", feed->to);
	check_pointer(reader, line, place, value, feed->value);
	check_pointer(reader, line, place, "at", feed->at);
	check_entries(reader, feed, line, place, value);
	if (feed->kind == FEED_TOPIC && reader->house->broker.host[0] == '\0')
		config_error(reader->errors, line, place,
			     "needs a broker for its topic: mqtt.host is empty");
	if (feed->every_s == 0)
		feed->every_s = EVERY_PRESET_S;
}
