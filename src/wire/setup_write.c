/*
 * The text of the first configuration, with comments; and what of an older file stays in it, taken
 * block by block: a key at the line's beginning, the comment right above it, and all below it.
 */
#include "wire/setup.h"

#include <stdio.h>
#include <string.h>

#include "model/chemistry.h"
#include "model/relay.h"

/* What YAML takes in no text as it is, and as a break of the line; in UTF-8. */
static const struct {
	const char *bytes, *escape;
} ESCAPES[] = {
    {"\"", "\\\""},           {"\\", "\\\\"},           {"\xe2\x80\xa8", "\\L"},
    {"\xe2\x80\xa9", "\\P"}, {"\xef\xbb\xbf", "\\uFEFF"}, {"\xef\xbf\xbe", "\\uFFFE"},
    {"\xef\xbf\xbf", "\\uFFFF"},
};

/* Adds the character at `text`, and returns how many bytes it was. */
static size_t add_character(struct text *out, const char *text)
{
	unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	for (size_t i = 0; i < ARRAY_LENGTH(ESCAPES); i++) {
		if (strncmp(text, ESCAPES[i].bytes, strlen(ESCAPES[i].bytes)) != 0)
			continue;
		text_add(out, "%s", ESCAPES[i].escape);
		return strlen(ESCAPES[i].bytes);
	}
	if (byte == 0xc2 && next >= 0x80 && next < 0xa0) { /* control characters of Latin 1 */
		text_add(out, "\\x%02X", (unsigned)next);
		return 2;
	}
	if (byte < ' ' || byte == 0x7f)
		text_add(out, "\\x%02X", (unsigned)byte);
	else
		text_add(out, "%c", byte);
	return 1;
}

void setup_write_quoted(struct text *out, const char *text)
{
	text_add(out, "\"");
	while (*text)
		text += add_character(out, text);
	text_add(out, "\"");
}

static void add_broker(struct text *out, const struct broker_config *broker)
{
	text_add(out, "mqtt:\n  host: ");
	setup_write_quoted(out, broker->host);
	text_add(out, "\n  port: %d\n", (int)broker->port);
	if (broker->user[0]) {
		text_add(out, "  user: ");
		setup_write_quoted(out, broker->user);
		text_add(out, "\n");
	}
	if (broker->password_file[0]) {
		text_add(out, "  password_file: ");
		setup_write_quoted(out, broker->password_file);
		text_add(out, "\n");
	}
}

/* Where journal and socket are not where the system keeps them. */
static void add_place(struct text *out, const char *key, const char *member, const char *path,
		      const char *words)
{
	if (!path[0])
		return;
	text_add(out, "%s: {%s: ", key, member);
	setup_write_quoted(out, path);
	text_add(out, "}   # %s\n", words);
}

static void add_battery(struct text *out, const struct setup_answers *answers)
{
	text_add(out, "batteries:\n- id: %s\n", answers->battery);
	if (answers->battery_source[0])
		text_add(out, "  sensor: {source: %s}\n", answers->battery_source);
	text_add(out, "  chemistry: %s   # its limits: `amphora settings`\n",
		 chemistry_preset(answers->chemistry)->name);
	text_add(out, "  capacity_kwh: %g\n  power_kw: %g   # the most it charges or discharges with\n",
		 answers->capacity_kwh, answers->power_kw);
}

static void add_relay(struct text *out, const struct setup_answers *answers,
		      const struct setup_relay *relay)
{
	text_add(out, "- id: %s\n  battery: %s\n  role: %s   # %s\n", relay->id, answers->battery,
		 relay_role_name(relay->role),
		 relay->role == RELAY_SOURCE ? "closed, the source may charge the battery"
					     : "closed, the battery may feed the house");
	if (relay->source[0]) {
		text_add(out, "  source: %s\n", relay->source);
	} else {
		text_add(out, "  uri: ");
		setup_write_quoted(out, relay->uri);
		text_add(out, "\n");
	}
	if (relay->is_leaseless)
		text_add(out, "  lease: none   # stays closed when we are gone: the owner says that it may\n");
}

/* ---- what stays of an older file ---- */

/* A block of it, from the comment above its key to the next one's. */
struct block {
	const char *begin, *key, *end;
	size_t key_length;
};

static const char *line_end(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

/* Neither below another key, nor a comment, an entry, a mark of the document, or nothing. */
static bool is_key(const char *line)
{
	return !strchr(" \t#-\r\n.%", line[0]);
}

/* The first block from `at` on; false at the end. */
static bool next_block(struct block *out, const char *at)
{
	const char *comment = NULL;

	for (; *at && !is_key(at); at = line_end(at))
		comment = at[0] != '#' ? NULL : comment ? comment : at;
	if (!*at)
		return false;
	*out = (struct block){.begin = comment ? comment : at, .key = at};
	out->key_length = strcspn(at, ":\r\n");
	comment = NULL;
	for (at = line_end(at); *at && !is_key(at); at = line_end(at))
		comment = at[0] != '#' ? NULL : comment ? comment : at;
	out->end = *at && comment ? comment : at;
	return true;
}

static bool has_key(const struct block *block, const char *key)
{
	return block->key_length == strlen(key) && memcmp(block->key, key, block->key_length) == 0;
}

static bool old_has(const char *old, const char *key)
{
	struct block block = {.end = old};

	while (old && next_block(&block, block.end))
		if (has_key(&block, key))
			return true;
	return false;
}

static void add_kept(struct text *out, const char *old, bool keeps_broker)
{
	static const char *const OURS[] = {"zone", "sources", "settings", "batteries", "relays"};
	struct block block = {.end = old};
	bool is_first = true;

	while (old && next_block(&block, block.end)) {
		bool is_ours = !keeps_broker && has_key(&block, "mqtt");

		for (size_t i = 0; i < ARRAY_LENGTH(OURS); i++)
			is_ours = is_ours || has_key(&block, OURS[i]);
		if (is_ours)
			continue;
		if (is_first)
			text_add(out, "# From here on as it was before.\n");
		is_first = false;
		text_add(out, "%.*s%s", (int)(block.end - block.begin), block.begin,
			 block.end[-1] == '\n' ? "" : "\n");
	}
}

/* ---- the whole ---- */

void setup_write(struct text *out, const struct setup_answers *answers, const char *day,
		 const char *old)
{
	bool keeps_broker = answers->broker_is_kept && old_has(old, "mqtt");

	text_add(out,
		 "# Written by `amphora setup` on %s. `amphorad --help-config` explains every key;\n"
		 "# `amphorad --check-config --config FILE` looks whether all fits.\n"
		 "zone: %s   # days and schedules are those of the house\n",
		 day, answers->zone);
	if (!keeps_broker)
		add_broker(out, &answers->broker);
	if (!old_has(old, "store"))
		add_place(out, "store", "path", answers->journal, "all that is heard and decided");
	if (!old_has(old, "api"))
		add_place(out, "api", "socket", answers->socket, "where `amphora` talks to the daemon");
	if (answers->source_count > 0)
		text_add(out, "sources:   # devices of other makes: docs/devices.md\n");
	for (size_t i = 0; i < answers->source_count; i++)
		text_add(out, "%s", answers->sources[i]);
	text_add(out,
		 "settings:\n"
		 "  logic: monitor   # only watches; `amphora set logic threshold` lets it act\n"
		 "  reserve_pct: %g   # is never taken out of the battery\n",
		 answers->reserve_pct);
	add_battery(out, answers);
	if (answers->relay_count > 0)
		text_add(out, "relays:\n");
	for (size_t i = 0; i < answers->relay_count; i++)
		add_relay(out, answers, &answers->relays[i]);
	add_kept(out, old, keeps_broker);
}
