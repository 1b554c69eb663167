#include "cli/setup_write.h"

#include <stdio.h>
#include <string.h>

#include "model/chemistry.h"
#include "model/relay.h"

/* As a quoted text of YAML; what is asked for has no control characters. */
static void add_quoted(struct text *out, const char *text)
{
	text_add(out, "\"");
	for (; *text; text++)
		text_add(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	text_add(out, "\"");
}

static void add_broker(struct text *out, const struct broker_config *broker)
{
	text_add(out, "mqtt:\n  host: ");
	add_quoted(out, broker->host);
	text_add(out, "\n  port: %d\n", (int)broker->port);
	if (broker->user[0]) {
		text_add(out, "  user: ");
		add_quoted(out, broker->user);
		text_add(out, "\n");
	}
	if (broker->password_file[0]) {
		text_add(out, "  password_file: ");
		add_quoted(out, broker->password_file);
		text_add(out, "\n");
	}
}

static void add_places(struct text *out, const char *directory)
{
	char path[PATH_TEXT_MAX + 32];

	if (!directory[0])
		return;
	snprintf(path, sizeof(path), "%s/journal.db", directory);
	text_add(out, "store: {path: ");
	add_quoted(out, path);
	snprintf(path, sizeof(path), "%s/amphora.sock", directory);
	text_add(out, "}   # all that is heard and decided\napi: {socket: ");
	add_quoted(out, path);
	text_add(out, "}   # where `amphora` talks to the daemon\n");
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
		add_quoted(out, relay->uri);
		text_add(out, "\n");
	}
	if (relay->is_leaseless)
		text_add(out, "  lease: none   # stays closed when we are gone: the owner says that it may\n");
}

void setup_write(struct text *out, const struct setup_answers *answers, const char *day)
{
	text_add(out,
		 "# Written by `amphora setup` on %s. `amphorad --help-config` explains every key;\n"
		 "# `amphorad --check-config --config FILE` looks whether all fits.\n"
		 "zone: %s   # days and schedules are those of the house\n",
		 day, answers->zone);
	add_broker(out, &answers->broker);
	add_places(out, answers->directory);
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
}

bool setup_add_source(struct setup_answers *answers, const char *source)
{
	struct text copy;

	for (size_t i = 0; i < answers->source_count; i++)
		if (strcmp(answers->sources[i], source) == 0)
			return true;
	if (!source[0])
		return true;
	if (answers->source_count == SETUP_SOURCES_MAX ||
	    strlen(source) >= SETUP_SOURCE_TEXT_MAX)
		return false;
	copy = text_in(answers->sources[answers->source_count++], SETUP_SOURCE_TEXT_MAX);
	text_add(&copy, "%s", source);
	return true;
}
