/*
 * Interval, presence and registration as bytes. Who may register and whether
 * a node does what it was told is for the daemon and the core.
 */
#include "wire/node_message.h"

#include <math.h>

#include "base/time.h"
#include "wire/json_member.h"
#include "wire/plain_text.h"

enum { NODE_TYPE_COUNT = NODE_SENSOR + 1 };

static const char *const type_names[NODE_TYPE_COUNT] = {
    [NODE_RELAY] = "relay",
    [NODE_SENSOR] = "sensor",
};

static enum refusal load(json_t **out, const void *payload, size_t len,
			 struct refusal_detail *detail)
{
	enum refusal why = len > NODE_MESSAGE_MAX
			       ? REFUSAL_TOO_LARGE
			       : json_message_load(out, payload, len, JSON_NUMBERS_KEPT);

	return why == REFUSAL_NONE ? why : refusal_with(detail, why, "", NAN, NAN);
}

static enum refusal take_interval(double *interval_s, json_t *message,
				  struct refusal_detail *detail)
{
	static const char *const members[] = {"interval"};
	bool is_there;
	enum refusal why = json_members_known(message, members, ARRAY_LENGTH(members), detail);

	if (why == REFUSAL_NONE)
		why = json_member_number(interval_s, &is_there, message, "interval",
					 (double)NODE_INTERVAL_MS_MIN / MS_PER_SECOND,
					 (double)NODE_INTERVAL_MS_MAX / MS_PER_SECOND, detail);
	if (why == REFUSAL_NONE && !is_there)
		return refusal_with(detail, REFUSAL_MISSING_FIELD, "interval", NAN, NAN);
	return why;
}

enum refusal interval_message_parse(int64_t *interval_ms, const void *payload, size_t len,
				    struct refusal_detail *detail)
{
	double interval_s = 0;
	json_t *message;
	enum refusal why = load(&message, payload, len, detail);

	if (why != REFUSAL_NONE)
		return why;
	why = take_interval(&interval_s, message, detail);
	json_decref(message);
	if (why == REFUSAL_NONE)
		*interval_ms = (int64_t)llround(interval_s * MS_PER_SECOND);
	return why;
}

void interval_message_format(struct text *out, int64_t interval_ms)
{
	text_add(out, "{\"interval\":");
	text_add_scaled(out, interval_ms, MS_PER_SECOND);
	text_add(out, "}");
}

enum refusal presence_message_parse(bool *is_online, const void *payload, size_t len)
{
	struct plain_text text = plain_text_trim(payload, len);

	if (text.length == 0)
		return REFUSAL_EMPTY;
	if (!plain_text_is(text, "online") && !plain_text_is(text, "offline"))
		return REFUSAL_WRONG_TYPE;
	*is_online = plain_text_is(text, "online");
	return REFUSAL_NONE;
}

const char *presence_message(bool is_online)
{
	return is_online ? "online" : "offline";
}

const char *node_type_name(enum node_type type)
{
	return type_names[type];
}

static enum refusal take_registration(struct registration *out, const json_t *message,
				      struct refusal_detail *detail)
{
	bool has_node, has_type, has_port;
	int type = NODE_RELAY;
	int64_t port = 0;
	enum refusal why = json_member_ident(&out->node, &has_node, message, "node", detail);

	if (why == REFUSAL_NONE)
		why = json_member_word(&type, &has_type, message, "type", type_names,
				       NODE_TYPE_COUNT, detail);
	if (why == REFUSAL_NONE)
		why = json_member_integer(&port, &has_port, message, "port", 1, UINT16_MAX, detail);
	if (why != REFUSAL_NONE)
		return why;
	if (!has_node || !has_type)
		return refusal_with(detail, REFUSAL_MISSING_FIELD, has_node ? "type" : "node", NAN,
				    NAN);
	out->type = (enum node_type)type;
	out->port = (uint16_t)port;
	return REFUSAL_NONE;
}

enum refusal registration_parse(struct registration *out, const void *payload, size_t len,
				struct refusal_detail *detail)
{
	struct registration registration = {0};
	json_t *message;
	enum refusal why = load(&message, payload, len, detail);

	if (why != REFUSAL_NONE)
		return why;
	why = take_registration(&registration, message, detail);
	json_decref(message);
	if (why == REFUSAL_NONE)
		*out = registration;
	return why;
}

void registration_format(struct text *out, const struct registration *registration)
{
	text_add(out, "{\"node\":\"%s\",\"type\":\"%s\"", registration->node.text,
		 type_names[registration->type]);
	if (registration->port != 0)
		text_add(out, ",\"port\":%u", registration->port);
	text_add(out, "}");
}
