/*
 * Scalars converted strictly: the whole text is the value or it is refused.
 *
 * "12abc" is no number here and 600 no time of day (YAML 1.1 makes that of an
 * unquoted 10:00). What is said about a refusal is config_read.c's affair.
 */
#include "wire/config_value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "wire/topic.h"

#define COAP_PORT 5683
#define COAPS_PORT 5684
#define COAP_SCHEME "coap://"
#define COAPS_SCHEME "coaps://"
#define NOISE 1e-6 /* of a stored unit, from binary fractions */

static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Whether all `length` bytes are letters, digits or in `others`. */
static bool is_made_of(const char *text, size_t length, const char *others)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0' || (strchr(letters_and_digits, text[i]) == NULL &&
					strchr(others, text[i]) == NULL))
			return false;
	}
	return true;
}

static bool has_control_character(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static int store_text(void *field, const struct config_key *key, const char *text)
{
	size_t length = strlen(text);

	if (length < (size_t)key->min || length > (size_t)key->max || has_control_character(text))
		return -EINVAL;
	memset(field, 0, key->size);
	memcpy(field, text, length);
	return 0;
}

static int store_name(void *field, const struct config_key *key, const char *text)
{
	struct ident name;

	if (ident_parse(&name, text, strlen(text)) != 0 ||
	    (key->kind == KEY_NODE && strcmp(text, TOPIC_RESERVED_NAME) == 0))
		return -EINVAL;
	*(struct ident *)field = name;
	return 0;
}

/* Stores an integer that fits in a field of 1, 2 or 4 bytes: bool, port, enum or number. */
static void store_integer(void *field, size_t size, int64_t value)
{
	if (size == sizeof(bool))
		*(bool *)field = value != 0;
	else if (size == sizeof(uint16_t))
		*(uint16_t *)field = (uint16_t)value;
	else
		*(int32_t *)field = (int32_t)value;
}

static int store_number(void *field, const struct config_key *key, const char *text)
{
	double plain, scaled;

	if (number_parse(&plain, text, strlen(text)) != 0)
		return -EINVAL;
	scaled = plain * key->scale;
	if (scaled < (double)key->min || scaled > (double)key->max ||
	    fabs(scaled - round(scaled)) > NOISE)
		return -EINVAL;
	store_integer(field, key->size, llround(scaled));
	return 0;
}

static int store_choice(void *field, const struct config_key *key, const char *text)
{
	for (int64_t i = 0; key->choices[i] != NULL; i++) {
		if (strcmp(key->choices[i], text) == 0) {
			store_integer(field, key->size, key->min + i);
			return 0;
		}
	}
	return -EINVAL;
}

/* `host:port` or `[address]:port`; the host without brackets. */
static int split_port(const char **host, size_t *host_length, double *port, const char *text,
		      size_t length, double least)
{
	const char *colon = memrchr(text, ':', length);

	if (colon == NULL || memchr(colon + 1, '.', length - (size_t)(colon + 1 - text)) != NULL ||
	    number_parse(port, colon + 1, length - (size_t)(colon + 1 - text)) != 0 ||
	    *port < least || *port > UINT16_MAX || *port != trunc(*port))
		return -EINVAL;
	*host = text;
	*host_length = (size_t)(colon - text);
	return 0;
}

/* Takes the brackets off an IPv6 address; a host with a colon must have them. */
static int check_host(const char **host, size_t *length)
{
	bool is_bracketed = *length > 2 && (*host)[0] == '[' && (*host)[*length - 1] == ']';

	if (is_bracketed) {
		(*host)++;
		*length -= 2;
	}
	if (*length == 0 || !is_made_of(*host, *length, is_bracketed ? ":.%" : ".-_"))
		return -EINVAL;
	return 0;
}

static int store_listen(struct listen_config *listen, const char *text, double least_port)
{
	const char *host;
	size_t length;
	double port;

	if (split_port(&host, &length, &port, text, strlen(text), least_port) != 0 ||
	    check_host(&host, &length) != 0 || length >= sizeof listen->address)
		return -EINVAL;
	memset(listen->address, 0, sizeof listen->address);
	memcpy(listen->address, host, length);
	listen->port = (uint16_t)port;
	return 0;
}

/* A browser's address is numeric: a name might mean another one at the next start. */
static int store_web(struct listen_config *listen, const char *text)
{
	struct listen_config parsed;
	unsigned char bytes[sizeof(struct in6_addr)];

	if (strcmp(text, "off") == 0) {
		*listen = (struct listen_config){0};
		return 0;
	}
	if (store_listen(&parsed, text, 0) != 0 ||
	    (inet_pton(AF_INET, parsed.address, bytes) != 1 &&
	     inet_pton(AF_INET6, parsed.address, bytes) != 1))
		return -EINVAL;
	*listen = parsed;
	return 0;
}

int coap_uri_parse(struct coap_uri *out, const char *text)
{
	bool is_secure = strncmp(text, COAPS_SCHEME, strlen(COAPS_SCHEME)) == 0;
	const char *scheme = is_secure ? COAPS_SCHEME : COAP_SCHEME, *host, *path;
	struct coap_uri uri;
	size_t length;
	double port = is_secure ? COAPS_PORT : COAP_PORT;

	if (strncmp(text, scheme, strlen(scheme)) != 0)
		return -EINVAL;
	host = text + strlen(scheme);
	path = host + strcspn(host, "/");
	if (strpbrk(path, " #?\"<>\\") != NULL || has_control_character(path))
		return -EINVAL;
	length = (size_t)(path - host);
	/* A colon after the brackets of an address, or the only one, begins the port. */
	if (length > 0 && host[length - 1] != ']' && memchr(host, ':', length) != NULL &&
	    split_port(&host, &length, &port, host, length, 1) != 0)
		return -EINVAL;
	if (check_host(&host, &length) != 0)
		return -EINVAL;
	uri = (struct coap_uri){is_secure, host, length, (uint16_t)port, path};
	*out = uri;
	return 0;
}

bool coap_uri_equal(const char *a, const char *b)
{
	struct coap_uri first, second;

	if (coap_uri_parse(&first, a) != 0 || coap_uri_parse(&second, b) != 0)
		return false;
	return first.is_secure == second.is_secure && first.host_length == second.host_length &&
	       strncasecmp(first.host, second.host, first.host_length) == 0 &&
	       first.port == second.port && strcmp(first.path, second.path) == 0;
}

/* The host and, after it, the port where there is one. */
static int check_authority(const char **host, size_t *length)
{
	double port;

	if (*length > 0 && (*host)[*length - 1] != ']' && memchr(*host, ':', *length) != NULL &&
	    split_port(host, length, &port, *host, *length, 1) != 0)
		return -EINVAL;
	return check_host(host, length);
}

int service_url_parse(struct service_url *out, const char *text)
{
	static const char *const schemes[] = {
	    [URL_HTTP] = "http://",
	    [URL_HTTPS] = "https://",
	    [URL_SMTP] = "smtp://",
	    [URL_SMTPS] = "smtps://",
	};

	for (int i = URL_HTTP; i <= URL_SMTPS; i++) {
		const char *host = text + strlen(schemes[i]);
		size_t length;

		if (strncmp(text, schemes[i], strlen(schemes[i])) != 0)
			continue;
		length = strcspn(host, "/?");
		if (strpbrk(host + length, " #\"<>\\") != NULL || has_control_character(host) ||
		    check_authority(&host, &length) != 0)
			return -EINVAL;
		*out = (struct service_url){(enum url_scheme)i, host, length};
		return 0;
	}
	return -EINVAL;
}

static int store_url(void *field, const struct config_key *key, const char *text)
{
	struct service_url url;

	return service_url_parse(&url, text) == 0 ? store_text(field, key, text) : -EINVAL;
}

/* Narrower than what is allowed in mail, so that nothing in it needs quoting. */
static int store_address(void *field, const struct config_key *key, const char *text)
{
	const char *at = strchr(text, '@');

	if (at == NULL || at == text || !is_made_of(text, (size_t)(at - text), ".-_+=") ||
	    at[1] == '\0' || !is_made_of(at + 1, strlen(at + 1), ".-"))
		return -EINVAL;
	return store_text(field, key, text);
}

static int store_uri(void *field, const struct config_key *key, const char *text)
{
	struct coap_uri uri;

	if (coap_uri_parse(&uri, text) != 0 || (key->kind == KEY_URI && uri.path[0] == '\0'))
		return -EINVAL;
	return store_text(field, key, text);
}

static int store_zone(void *field, const struct config_key *key, const char *text)
{
	if (!is_made_of(text, strlen(text), "_+-/") || text[0] == '/' || text[0] == '\0' ||
	    text[strlen(text) - 1] == '/')
		return -EINVAL;
	return store_text(field, key, text);
}

static int store_host(void *field, const struct config_key *key, const char *text)
{
	return is_made_of(text, strlen(text), ".-_:%") ? store_text(field, key, text) : -EINVAL;
}

static int store_battery(void *field, const char *text, const struct house *house)
{
	int battery = house_find_battery(house, text);

	if (battery < 0)
		return -EINVAL;
	*(size_t *)field = (size_t)battery;
	return 0;
}

static int store_decimal(double *field, const char *text, double min, double max)
{
	double value;

	if (number_parse(&value, text, strlen(text)) != 0 || !(value >= min && value <= max))
		return -EINVAL;
	*field = value;
	return 0;
}

/* A number and one of s, min, h and d. */
static int store_duration(int32_t *field, const struct config_key *key, const char *text)
{
	static const struct {
		const char *word;
		int32_t seconds;
	} units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
	size_t digits = strspn(text, "0123456789.");
	double number;

	if (number_parse(&number, text, digits) != 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
		if (strcmp(text + digits, units[i].word) != 0)
			continue;
		number *= units[i].seconds;
		if (!(number >= (double)key->min && number <= (double)key->max))
			return -EINVAL;
		*field = (int32_t)number;
		return 0;
	}
	return -EINVAL;
}

static int store_price(struct price_config *price, const char *text)
{
	int result = store_decimal(&price->fixed, text, -PRICE_MAX, PRICE_MAX);

	if (result == 0)
		price->kind = PRICE_IS_FIXED;
	return result;
}

int config_value_store(void *target, const struct config_key *key, const char *text,
		       const struct house *house)
{
	void *field = (char *)target + key->offset;

	switch (key->kind) {
	case KEY_TEXT:
		return store_text(field, key, text);
	case KEY_HOST:
	case KEY_HOSTS:
		return store_host(field, key, text);
	case KEY_NAME:
	case KEY_NODE:
	case KEY_NAMES:
		return store_name(field, key, text);
	case KEY_NUMBER:
		return store_number(field, key, text);
	case KEY_CHOICE:
		return store_choice(field, key, text);
	case KEY_TIME:
		return time_of_day_parse(field, text, strlen(text));
	case KEY_ZONE:
		return store_zone(field, key, text);
	case KEY_TOPIC:
		return topic_is_plain(text) ? store_text(field, key, text) : -EINVAL;
	case KEY_URI:
	case KEY_PLACE:
		return store_uri(field, key, text);
	case KEY_URL:
		return store_url(field, key, text);
	case KEY_ADDRESS:
		return store_address(field, key, text);
	case KEY_LISTEN:
		return store_listen(field, text, 1);
	case KEY_WEB:
		return store_web(field, text);
	case KEY_BATTERY:
		return store_battery(field, text, house);
	case KEY_DECIMAL:
		return store_decimal(field, text, (double)key->min, (double)key->max);
	case KEY_PRICE:
		return store_price(field, text);
	case KEY_DURATION:
		return store_duration(field, key, text);
	case KEY_HOURS:
		return tariff_hours_parse(field, text);
	case KEY_DAYS:
		return tariff_days_parse(field, text);
	case KEY_MONTHS:
		return tariff_months_parse(field, text);
	case KEY_MAPPING:
	case KEY_LIST:
	case KEY_SOURCES:
	default:
		return -EINVAL;
	}
}
