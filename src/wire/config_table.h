/*
 * The one table of the configuration's keys, internal to wire/config*.c.
 *
 * A section is a mapping in the file and a struct in memory; a key says where
 * in the struct its value goes. Lists are sections repeated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/house.h"

enum key_kind {
	KEY_TEXT,    /* min..max bytes */
	KEY_HOST,    /* likewise, of a host's characters */
	KEY_NAME,    /* struct ident */
	KEY_NODE,    /* struct ident that may stand in our topics */
	KEY_NUMBER,  /* uint16_t or int32_t by size; min..max and stored in 1 / scale of its unit */
	KEY_CHOICE,  /* bool or enum by size; `min` + index of the word */
	KEY_TIME,    /* int32_t seconds of the day */
	KEY_ZONE,    /* text */
	KEY_TOPIC,   /* text */
	KEY_URI,     /* text */
	KEY_PLACE,   /* the same, or a host whose resources are asked for */
	KEY_URL,     /* text: of a web or mail server */
	KEY_ADDRESS, /* text: of a person's mail */
	KEY_LISTEN,  /* struct listen_config */
	KEY_WEB,     /* struct listen_config; port 0 is any, `off` is no address */
	KEY_NAMES,   /* a list of struct ident, `max` at most */
	KEY_HOSTS,   /* a list of struct host_text, `max` at most */
	KEY_PATHS,   /* a list of struct path_text, `max` at most */
	KEY_BATTERY, /* size_t index of a battery named by its id */
	KEY_MAPPING, /* `section` */
	KEY_LIST,    /* a list of `section`, `max` at most */
	KEY_SOURCES, /* read by sources.c */
	KEY_DECIMAL, /* double; min..max */
	KEY_PRICE,   /* struct price_config: a number, or a mapping that is `section` */
	KEY_HOURS,   /* struct tariff_hours */
	KEY_DAYS,    /* uint8_t, a bit for each */
	KEY_MONTHS,  /* uint16_t, likewise */
	KEY_DURATION, /* int32_t seconds; min..max */
};

/* For the tables: where a value goes. */
#define FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define TEXT_FIELD(type, member) \
	FIELD(type, member), .min = 1, .max = sizeof(((type *)0)->member) - 1
#define SECTION(table) .keys = (table), .key_count = ARRAY_LENGTH(table)

struct config_section;

struct config_key {
	const char *name;
	enum key_kind kind;
	size_t offset, size; /* of the value in the section's struct */
	size_t count_offset; /* of the size_t that counts a list */
	bool is_required;
	int64_t min, max;
	int32_t scale;
	const char *unit;
	const char *const *choices; /* NULL-terminated */
	const struct config_section *section;
	const char *preset; /* what holds without it, in words; NULL: nothing */
	const char *help;
};

struct config_section {
	const struct config_key *keys;
	size_t key_count;
	void (*init)(void *entry); /* of a list's entry, which is zero before; may be NULL */
	bool has_presence; /* with a bool at `presence_offset`, set where the mapping is there */
	size_t presence_offset;
	bool has_parameters; /* with a struct parameter_layer at `layer_offset` */
	size_t layer_offset;
};

/* The outermost section; its struct is struct house. */
extern const struct config_section config_root;

/* `store`, `web`, `home_assistant`, `prices` and an entry of `notify` of the root, and the words that say
 * whether a connection must be encrypted. */
extern const struct config_section config_store;
extern const struct config_section config_web;
extern const struct config_section config_outlet;
extern const struct config_section config_home_assistant;
extern const struct config_section config_meters;
extern const struct config_section config_prices;
extern const struct config_section config_forecast;
extern const char *const config_tls_words[];

/* One window of a schedule that is written as a list; its struct is struct schedule_window. */
extern const struct config_section config_window;

/* The key of that name in `section`, or NULL. */
const struct config_key *config_key_find(const struct config_section *section, const char *name);

/* Writes what is allowed for `key`: "1 to 65535". */
void config_key_allowed(const struct config_key *key, struct text *out);
