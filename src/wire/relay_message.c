/*
 * Relay requests and answers as bytes. What a request does to a relay (its
 * lease, whether an old number still counts) is for the node; what an answer
 * means is for core/relay.
 */
#include "wire/relay_message.h"

#include <inttypes.h>
#include <math.h>

#include "wire/json_member.h"
#include "wire/plain_text.h"

#define POWER_W_MAX 10e6

enum { STATE_OFF, STATE_ON, STATE_COUNT };

static const char *const states[STATE_COUNT] = {"off", "on"};

static enum refusal read_text(bool *is_on, const void *payload, size_t len,
			      struct refusal_detail *detail)
{
	struct plain_text text = plain_text_trim(payload, len);

	if (len > RELAY_MESSAGE_MAX)
		return refusal_with(detail, REFUSAL_TOO_LARGE, "", NAN, NAN);
	if (text.length == 0)
		return refusal_with(detail, REFUSAL_EMPTY, "", NAN, NAN);
	for (int i = 0; i < STATE_COUNT; i++) {
		if (plain_text_is(text, states[i])) {
			*is_on = i == STATE_ON;
			return REFUSAL_NONE;
		}
	}
	return refusal_with(detail, REFUSAL_WRONG_TYPE, "state", NAN, NAN);
}

static enum refusal load(json_t **out, const void *payload, size_t len,
			 struct refusal_detail *detail)
{
	enum refusal why = len > RELAY_MESSAGE_MAX
			       ? REFUSAL_TOO_LARGE
			       : json_message_load(out, payload, len, JSON_NUMBERS_KEPT);

	return why == REFUSAL_NONE ? why : refusal_with(detail, why, "", NAN, NAN);
}

static enum refusal take_state(bool *is_on, const json_t *message, struct refusal_detail *detail)
{
	bool is_there;
	int state = STATE_OFF;
	enum refusal why =
	    json_member_word(&state, &is_there, message, "state", states, STATE_COUNT, detail);

	if (why != REFUSAL_NONE)
		return why;
	if (!is_there)
		return refusal_with(detail, REFUSAL_MISSING_FIELD, "state", NAN, NAN);
	*is_on = state == STATE_ON;
	return REFUSAL_NONE;
}

/* In ms, rounded down. Below `least_s` or above a day it is refused. */
static enum refusal take_lease(int64_t *lease_ms, bool *is_there, const json_t *message,
			       double least_s, struct refusal_detail *detail)
{
	double lease_s = 0;
	enum refusal why = json_member_number(&lease_s, is_there, message, "lease", least_s,
					      (double)RELAY_LEASE_MS_MAX / MS_PER_SECOND, detail);

	if (why == REFUSAL_NONE && *is_there)
		*lease_ms = (int64_t)(lease_s * MS_PER_SECOND + 1e-6);
	return why;
}

static enum refusal take_number(uint64_t *number, bool *is_there, const json_t *message,
				const char *name, struct refusal_detail *detail)
{
	int64_t value = 0;
	enum refusal why =
	    json_member_integer(&value, is_there, message, name, 0, INT64_MAX, detail);

	*number = (uint64_t)value;
	return why;
}

static enum refusal take_request(struct relay_command *command, json_t *message,
				 struct refusal_detail *detail)
{
	static const char *const members[] = {"state", "lease", "n"};
	enum refusal why = json_members_known(message, members, ARRAY_LENGTH(members), detail);

	if (why == REFUSAL_NONE)
		why = take_state(&command->is_on, message, detail);
	if (why == REFUSAL_NONE)
		why = take_lease(&command->lease_ms, &command->has_lease, message,
				 command->is_on ? 0.001 : 0, detail);
	if (why == REFUSAL_NONE)
		why = take_number(&command->number, &command->has_number, message, "n", detail);
	if (!command->is_on) {
		command->has_lease = false;
		command->lease_ms = 0;
	}
	return why;
}

enum refusal relay_request_parse(struct relay_command *out, enum message_format format,
				 const void *payload, size_t len, struct refusal_detail *detail)
{
	struct relay_command command = {0};
	json_t *message;
	enum refusal why;

	if (format == FORMAT_TEXT) {
		why = read_text(&command.is_on, payload, len, detail);
	} else {
		why = load(&message, payload, len, detail);
		if (why != REFUSAL_NONE)
			return why;
		why = take_request(&command, message, detail);
		json_decref(message);
	}
	if (why == REFUSAL_NONE)
		*out = command;
	return why;
}

void relay_request_format(struct text *out, enum message_format format,
			  const struct relay_command *command)
{
	if (format == FORMAT_TEXT) {
		text_add(out, "%s", states[command->is_on]);
		return;
	}
	text_add(out, "{\"state\":\"%s\"", states[command->is_on]);
	if (command->is_on && command->has_lease) {
		text_add(out, ",\"lease\":");
		text_add_scaled(out, command->lease_ms, MS_PER_SECOND);
	}
	if (command->has_number)
		text_add(out, ",\"n\":%" PRIu64, command->number);
	text_add(out, "}");
}

static enum refusal take_identity(struct relay_status *status, const json_t *message,
				  struct refusal_detail *detail)
{
	bool is_there;
	enum refusal why = json_member_ident(&status->node, &is_there, message, "node", detail);

	if (why != REFUSAL_NONE)
		return why;
	if (!is_there)
		return refusal_with(detail, REFUSAL_MISSING_FIELD, "node", NAN, NAN);
	return take_state(&status->is_on, message, detail);
}

static enum refusal take_counts(struct relay_status *status, const json_t *message,
				struct refusal_detail *detail)
{
	int64_t switches = 0;
	enum refusal why = json_member_integer(&switches, &status->has_switches, message,
					       "switches", 0, UINT32_MAX, detail);

	status->switches = (uint32_t)switches;
	if (why == REFUSAL_NONE)
		why = take_number(&status->number, &status->has_number, message, "n", detail);
	if (why == REFUSAL_NONE)
		why = take_number(&status->boot, &status->has_boot, message, "boot", detail);
	return why;
}

static enum refusal take_status(struct relay_status *status, const json_t *message,
				struct refusal_detail *detail)
{
	double power_w = 0;
	int64_t factor = 1;
	bool is_there;
	enum refusal why = take_identity(status, message, detail);

	if (why == REFUSAL_NONE)
		why = take_lease(&status->lease_left_ms, &is_there, message, 0, detail);
	if (why == REFUSAL_NONE)
		why = take_counts(status, message, detail);
	if (why == REFUSAL_NONE)
		why = json_member_number(&power_w, &status->has_power, message, "W", -POWER_W_MAX,
					 POWER_W_MAX, detail);
	if (why == REFUSAL_NONE)
		why = json_member_integer(&factor, &is_there, message, "speed", 1, CLOCK_FACTOR_MAX,
					  detail);
	status->power_mw = (int64_t)llround(power_w * 1000);
	status->clock_factor = (int32_t)factor;
	if (!status->is_on)
		status->lease_left_ms = 0;
	return why;
}

enum refusal relay_status_parse(struct relay_status *out, enum message_format format,
				const void *payload, size_t len, struct refusal_detail *detail)
{
	struct relay_status status = {.clock_factor = 1};
	json_t *message;
	enum refusal why;

	if (format == FORMAT_TEXT) {
		why = read_text(&status.is_on, payload, len, detail);
	} else {
		why = load(&message, payload, len, detail);
		if (why != REFUSAL_NONE)
			return why;
		why = take_status(&status, message, detail);
		json_decref(message);
	}
	if (why == REFUSAL_NONE)
		*out = status;
	return why;
}

void relay_status_format(struct text *out, enum message_format format,
			 const struct relay_status *status)
{
	if (format == FORMAT_TEXT) {
		text_add(out, "%s", states[status->is_on]);
		return;
	}
	text_add(out, "{\"node\":\"%s\",\"state\":\"%s\",\"lease\":", status->node.text,
		 states[status->is_on]);
	text_add_scaled(out, status->is_on ? status->lease_left_ms : 0, MS_PER_SECOND);
	if (status->has_switches)
		text_add(out, ",\"switches\":%" PRIu32, status->switches);
	if (status->has_number)
		text_add(out, ",\"n\":%" PRIu64, status->number);
	if (status->has_boot)
		text_add(out, ",\"boot\":%" PRIu64, status->boot);
	if (status->has_power) {
		text_add(out, ",\"W\":");
		text_add_scaled(out, status->power_mw, 1000);
	}
	if (status->clock_factor > 1)
		text_add(out, ",\"speed\":%" PRId32, status->clock_factor);
	text_add(out, "}");
}
