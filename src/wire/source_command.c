/*
 * Commands as a source words them: its payload with $lease (whole seconds),
 * $pulsetime (Tasmota's way to count them) and $number in their places.
 *
 * A lease is only ever rounded down: a device that counts coarser opens
 * earlier, never later.
 */
#include "wire/source_command.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

#define PULSETIME_TENTHS_MAX 111
#define PULSETIME_SECONDS_FROM_MS 12000
#define PULSETIME_BASE 100
#define TENTH_MS 100

enum place { PLACE_LEASE, PLACE_PULSETIME, PLACE_NUMBER, PLACE_COUNT };

static const char *const place_names[PLACE_COUNT] = {"lease", "pulsetime", "number"};

const char *source_command_answer_name(enum source_command_answer answer)
{
	static const char *const names[] = {
	    [SOURCE_COMMAND_GOOD] = "",
	    [SOURCE_COMMAND_NONE] = "no-command",
	    [SOURCE_COMMAND_LEASE_UNSUPPORTED] = "lease-unsupported",
	    [SOURCE_COMMAND_LEASE_TOO_LONG] = "lease-too-long",
	};

	return names[answer];
}

/* Which place begins after the `$` at `text`; PLACE_COUNT where none does. */
static enum place place_at(const char *text)
{
	int place = 0;

	while (place < PLACE_COUNT &&
	       strncmp(text + 1, place_names[place], strlen(place_names[place])) != 0)
		place++;
	return (enum place)place;
}

const char *source_payload_unknown(const char *payload)
{
	for (const char *at = strchr(payload, '$'); at != NULL; at = strchr(at + 1, '$')) {
		if (place_at(at) == PLACE_COUNT)
			return at;
	}
	return NULL;
}

static bool has_place(const char *payload, enum place wanted)
{
	for (const char *at = strchr(payload, '$'); at != NULL; at = strchr(at + 1, '$')) {
		if (place_at(at) == wanted)
			return true;
	}
	return false;
}

bool source_payload_has_lease(const char *payload)
{
	return has_place(payload, PLACE_LEASE) || has_place(payload, PLACE_PULSETIME);
}

/* 1..111 are tenths of a second, from 112 on it is seconds + 100: 11.1 s to 12 s cannot be said. */
static int64_t pulsetime_of(int64_t lease_ms)
{
	int64_t tenths = lease_ms / TENTH_MS;

	if (lease_ms >= PULSETIME_SECONDS_FROM_MS)
		return lease_ms / MS_PER_SECOND + PULSETIME_BASE;
	return tenths < PULSETIME_TENTHS_MAX ? tenths : PULSETIME_TENTHS_MAX;
}

/* What the device makes of a lease, as the payload can say it. */
static int64_t lease_as_said(const char *payload, int64_t lease_ms)
{
	int64_t pulsetime;

	if (has_place(payload, PLACE_LEASE))
		return lease_ms / MS_PER_SECOND * MS_PER_SECOND;
	pulsetime = pulsetime_of(lease_ms);
	return pulsetime <= PULSETIME_TENTHS_MAX ? pulsetime * TENTH_MS
						 : (pulsetime - PULSETIME_BASE) * MS_PER_SECOND;
}

/* Returns whether it fitted. */
static bool compose(struct source_command *out, const struct source_message_out *message,
		    int64_t lease_ms, uint64_t number)
{
	struct text text = text_in(out->payload, sizeof out->payload);
	const char *at = message->payload, *next;

	out->topic = message->topic;
	while ((next = strchr(at, '$')) != NULL && !text.is_cut) {
		enum place place = place_at(next);

		text_add_bytes(&text, at, (size_t)(next - at));
		at = next + 1;
		if (place == PLACE_COUNT) {
			text_add_bytes(&text, "$", 1);
			continue;
		}
		at += strlen(place_names[place]);
		if (place == PLACE_LEASE)
			text_add(&text, "%" PRId64, lease_ms / MS_PER_SECOND);
		else if (place == PLACE_PULSETIME)
			text_add(&text, "%" PRId64, pulsetime_of(lease_ms));
		else
			text_add(&text, "%" PRIu64, number);
	}
	text_add(&text, "%s", at);
	return !text.is_cut;
}

static enum source_command_answer plain(struct source_command *out,
					const struct source_message_out *message, uint64_t number)
{
	struct source_command command = {0};

	if (message->topic == NULL || !compose(&command, message, 0, number))
		return SOURCE_COMMAND_NONE;
	*out = command;
	return SOURCE_COMMAND_GOOD;
}

/* The lease that ON will have, into `granted_ms`; 0 where nothing opens the device by itself. */
static enum source_command_answer grant(int64_t *granted_ms, const struct source_write *write,
					int64_t lease_ms)
{
	*granted_ms = 0;
	if (lease_ms == 0)
		return SOURCE_COMMAND_GOOD;
	switch (write->lease) {
	case SOURCE_LEASE_NONE:
		return SOURCE_COMMAND_GOOD;
	case SOURCE_LEASE_REFRESH:
		*granted_ms = lease_ms;
		return SOURCE_COMMAND_GOOD;
	case SOURCE_LEASE_DEVICE:
		break;
	case SOURCE_LEASE_UNSUPPORTED:
	default:
		return SOURCE_COMMAND_LEASE_UNSUPPORTED;
	}
	if (write->lease_max_ms > 0 && lease_ms > write->lease_max_ms)
		return SOURCE_COMMAND_LEASE_TOO_LONG;
	if (source_payload_has_lease(write->on.payload))
		*granted_ms = lease_as_said(write->on.payload, lease_ms);
	else if (write->lease_setting_ms > 0 || !write->lease_is_as_asked)
		*granted_ms = write->lease_setting_ms <= lease_ms ? write->lease_setting_ms : 0;
	else
		*granted_ms = lease_ms;
	/* A timer of 0 is none, on every device. */
	return *granted_ms > 0 ? SOURCE_COMMAND_GOOD : SOURCE_COMMAND_LEASE_UNSUPPORTED;
}

enum source_command_answer source_command_on(struct source_command *out,
					     const struct source *source, int64_t lease_ms,
					     uint64_t number)
{
	const struct source_write *write = &source->write;
	struct source_message_out on;
	struct source_command command;
	enum source_command_answer answer;

	if (write->on.topic == NULL)
		return write->lease == SOURCE_LEASE_UNSUPPORTED ? SOURCE_COMMAND_LEASE_UNSUPPORTED
								: SOURCE_COMMAND_NONE;
	answer = grant(&command.lease_ms, write, lease_ms);
	if (answer != SOURCE_COMMAND_GOOD)
		return answer;
	on = write->on;
	if (command.lease_ms == 0 && write->on_without_lease != NULL)
		on.payload = write->on_without_lease;
	/* A lease of 0 means many things to devices, and none of them is meant. */
	if ((command.lease_ms == 0 && source_payload_has_lease(on.payload)) ||
	    !compose(&command, &on, command.lease_ms, number))
		return SOURCE_COMMAND_NONE;
	*out = command;
	return SOURCE_COMMAND_GOOD;
}

enum source_command_answer source_command_off(struct source_command *out,
					      const struct source *source, uint64_t number)
{
	return plain(out, &source->write.off, number);
}

enum source_command_answer source_command_read(struct source_command *out,
					       const struct source *source, uint64_t number)
{
	return plain(out, &source->write.read, number);
}

/* The first one makes a Venus publish all that it has; those after it only what changes. */
bool source_keepalive(struct source_command *out, const struct source *source, bool is_first)
{
	static const char again[] = "{\"keepalive-options\":[\"suppress-republish\"]}";

	if (source->hook != SOURCE_HOOK_VENUS || source->hook_topic == NULL)
		return false;
	*out = (struct source_command){.topic = source->hook_topic};
	memcpy(out->payload, is_first ? "" : again, is_first ? 1 : sizeof again);
	return true;
}
