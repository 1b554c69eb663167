/* Reads the answers of the page's first run; see setup_body.h. */
#include "adapt/setup_body.h"

#include <errno.h>
#include <string.h>

#include "adapt/api_body_parts.h"
#include "model/admission.h"

#define ZONE_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-"

/* Where in the body we are, and what is to be said of it. */
struct place {
	char *pointer;
	struct text *error;
};

static int refuse(const struct place *place, int rc, const char *pointer, const char *words)
{
	struct text out = text_in(place->pointer, SETUP_POINTER_MAX);

	text_add(&out, "%s", pointer);
	text_add(place->error, "%s", words);
	return rc;
}

static bool is_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* A text that may be missing: empty then. */
static int read_text(char *out, size_t size, const json_t *object, const char *member,
		     const char *pointer, const struct place *place)
{
	const json_t *value = json_object_get(object, member);
	const char *text = value && !json_is_null(value) ? json_string_value(value) : "";

	if (!text || strlen(text) != (json_is_string(value) ? json_string_length(value) : 0) ||
	    strlen(text) >= size || !is_clean(text))
		return refuse(place, -ERANGE, pointer, "this must be a short text");
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int read_number(double *out, const json_t *object, const char *member, double min, double max,
		       const char *pointer, const struct place *place)
{
	const json_t *value = json_object_get(object, member);

	if (!json_is_number(value) ||
	    !(json_number_value(value) >= min && json_number_value(value) <= max)) {
		text_add(place->error, "\"%s\" must be a number within %g..%g", member, min, max);
		return refuse(place, -ERANGE, pointer, "");
	}
	*out = json_number_value(value);
	return 0;
}

static int check_object(json_t *object, const char *const allowed[], const char *pointer,
			const struct place *place)
{
	if (!json_is_object(object))
		return refuse(place, -EINVAL, pointer, "an object is expected here");
	return body_check_members(object, allowed, place->error) == 0
		   ? 0
		   : refuse(place, -EINVAL, pointer, "");
}

/* ---- the broker ---- */

static int read_broker(struct setup_broker *out, json_t *object, const struct place *place)
{
	static const char *const MEMBERS[] = {"host", "port", "user", "password", NULL};
	double port = MQTT_PORT;
	int rc = check_object(object, MEMBERS, "/broker", place);

	if (rc == 0)
		rc = read_text(out->host, sizeof(out->host), object, "host", "/broker/host", place);
	if (rc == 0 && !setup_is_plain(out->host))
		rc = refuse(place, -ERANGE, "/broker/host", "this must be a name or an address");
	if (rc == 0 && json_object_get(object, "port"))
		rc = read_number(&port, object, "port", 1, UINT16_MAX, "/broker/port", place);
	if (rc == 0)
		rc = read_text(out->user, sizeof(out->user), object, "user", "/broker/user", place);
	if (rc == 0)
		rc = read_text(out->password, sizeof(out->password), object, "password",
			       "/broker/password", place);
	out->port = (uint16_t)port;
	out->has_password = out->password[0] != '\0';
	if (rc == 0 && out->has_password && !out->user[0])
		rc = refuse(place, -ERANGE, "/broker/user", "a password belongs to a user");
	return rc;
}

int setup_broker_parse(struct setup_broker *out, bool *is_there, const char *body, size_t length,
		       char pointer[SETUP_POINTER_MAX], struct text *error)
{
	static const char *const MEMBERS[] = {"broker", NULL};
	struct place place = {pointer, error};
	json_t *object;
	int rc;

	*is_there = false;
	pointer[0] = '\0';
	memset(out, 0, sizeof(*out));
	if (!body || length == 0)
		return 0;
	rc = body_read_object(&object, body, length, error);
	if (rc < 0)
		return rc;
	rc = check_object(object, MEMBERS, "", &place);
	*is_there = json_object_get(object, "broker") != NULL;
	if (rc == 0 && *is_there)
		rc = read_broker(out, json_object_get(object, "broker"), &place);
	json_decref(object);
	return rc;
}

/* ---- the battery ---- */

/* The device of that kind that was found under the name `id`; NULL where there is none. */
static const json_t *find_device(const json_t *devices, const char *kind, const json_t *id)
{
	const char *name = json_string_value(id);
	const json_t *device;
	size_t i;

	json_array_foreach(devices, i, device)
	{
		const char *its = json_string_value(json_object_get(device, "id"));

		if (name && its && strcmp(its, name) == 0 &&
		    strcmp(json_string_value(json_object_get(device, "kind")), kind) == 0)
			return device;
	}
	return NULL;
}

static const char *text_of(const json_t *device, const char *member)
{
	const char *text = json_string_value(json_object_get(device, member));

	return text ? text : "";
}

static int read_battery(struct setup_answers *out, json_t *object, const json_t *devices,
			const struct place *place)
{
	static const char *const MEMBERS[] = {"device",   "chemistry",   "capacity_kwh",
					      "power_kw", "reserve_pct", NULL};
	const char *chemistry = json_string_value(json_object_get(object, "chemistry"));
	const json_t *device =
	    find_device(devices, "battery", json_object_get(object, "device"));
	int rc = check_object(object, MEMBERS, "/battery", place);

	if (rc < 0)
		return rc;
	if (!device)
		return refuse(place, -ENOENT, "/battery/device",
			      "no battery of that name was found on the broker: look again");
	if (!setup_take_battery(out, text_of(device, "id"), text_of(device, "source")))
		return refuse(place, -ERANGE, "/battery/device", "its lines are too long");
	if (!chemistry || admission_find_chemistry(&out->chemistry, chemistry) < 0)
		return refuse(place, -ERANGE, "/battery/chemistry",
			      "this must be lfp, nmc or lead-acid; custom limits need a "
			      "configuration by hand");
	rc = read_number(&out->capacity_kwh, object, "capacity_kwh", SETUP_CAPACITY_MIN_KWH,
			 SETUP_CAPACITY_MAX_KWH, "/battery/capacity_kwh", place);
	if (rc == 0)
		rc = read_number(&out->power_kw, object, "power_kw", SETUP_POWER_MIN_KW,
				 SETUP_POWER_MAX_KW, "/battery/power_kw", place);
	if (rc == 0)
		rc = read_number(&out->reserve_pct, object, "reserve_pct",
				 chemistry_preset(out->chemistry)->usual.reserve_bp / 100.0,
				 SETUP_RESERVE_MAX_PCT, "/battery/reserve_pct", place);
	return rc;
}

/* ---- the relays ---- */

static int read_role(enum relay_role *out, const json_t *value)
{
	const char *name = json_string_value(value);

	if (name && strcmp(name, relay_role_name(RELAY_SOURCE)) == 0)
		*out = RELAY_SOURCE;
	else if (name && strcmp(name, relay_role_name(RELAY_LOAD)) == 0)
		*out = RELAY_LOAD;
	else
		return -ERANGE;
	return 0;
}

/* Writes the entry of a node by its address, where that needs one. */
static int read_node(struct setup_relay *relay, struct text *entry, const json_t *object,
		     const char *pointer, const struct place *place)
{
	const char *uri = text_of(object, "uri"), *value = text_of(object, "value");
	const json_t *kind_name = json_object_get(object, "kind");
	const struct setup_kind *kind =
	    kind_name && !json_is_null(kind_name)
		? setup_find_kind(json_is_string(kind_name) ? json_string_value(kind_name) : "")
		: &setup_kinds[0];

	if (!kind)
		return refuse(place, -ERANGE, pointer,
			      "\"kind\" must be course-node, lwm2m, contiki-ng or null");
	if (!setup_take_node(relay, kind, uri))
		return refuse(place, -ERANGE, pointer,
			      "\"uri\" must be an address such as coap://192.168.1.31/relay");
	if (kind->profile && (!setup_is_plain(value) || strlen(value) >= SETUP_VALUE_MAX))
		return refuse(place, -ERANGE, pointer,
			      "\"value\" must be what the kind of node asks: a path, or a letter");
	if (kind->profile)
		setup_write_node(entry, relay, kind, value);
	return 0;
}

/* The entry of a device that was found, with the timer that the owner has set up on it. */
static int read_found(struct setup_relay *relay, struct text *entry, const json_t *object,
		      const json_t *device, const char *pointer, const struct place *place)
{
	const json_t *set = json_object_get(object, "auto_off_s");
	const struct setup_timer *timer = setup_find_timer(text_of(device, "profile"));

	setup_take_relay(relay, text_of(device, "id"),
			 !json_is_false(json_object_get(device, "opens_by_itself")));
	if (!set || json_is_null(set)) {
		text_add(entry, "%s", text_of(device, "source"));
		return 0;
	}
	if (!timer || !json_is_number(set) || !setup_is_timer(json_number_value(set)))
		return refuse(place, -ERANGE, pointer,
			      "\"auto_off_s\" is the timer of a Shelly 1 or an ESPHome node, in whole "
			      "seconds from 5 to 60");
	setup_take_timer(relay, entry, text_of(device, "source"), timer,
			 (unsigned)json_number_value(set));
	return 0;
}

static int read_relay(struct setup_answers *out, json_t *object, size_t index,
		      const json_t *devices, const struct place *place)
{
	static const char *const MEMBERS[] = {"role", "device", "uri", "kind",
					      "value", "lease", "auto_off_s", NULL};
	char entry[SETUP_SOURCE_TEXT_MAX] = "", pointer[SETUP_POINTER_MAX] = "";
	struct text lines = text_in(entry, sizeof(entry)), here = text_in(pointer, sizeof(pointer));
	const json_t *name = json_object_get(object, "device"), *device = NULL;
	bool has_word = strcmp(text_of(object, "lease"), "none") == 0;
	struct setup_relay relay = {0};
	int rc;

	text_add(&here, "/relays/%zu", index);
	rc = check_object(object, MEMBERS, pointer, place);
	if (rc < 0)
		return rc;
	if (read_role(&relay.role, json_object_get(object, "role")) < 0)
		return refuse(place, -ERANGE, pointer, "\"role\" must be source or load");
	if (name) {
		device = find_device(devices, "relay", name);
		if (!device)
			return refuse(place, -ENOENT, pointer,
				      "no switch of that name was found on the broker: look again");
		rc = read_found(&relay, &lines, object, device, pointer, place);
		relay.is_leaseless = relay.is_leaseless || has_word;
	} else {
		rc = read_node(&relay, &lines, object, pointer, place);
	}
	if (rc == 0 && relay.is_leaseless && !has_word) {
		text_add(place->error, "%s does not open by itself when Amphora is gone: it is used "
				       "with the owner's word alone, \"lease\": \"none\"", relay.id);
		return refuse(place, -EPERM, pointer, "");
	}
	if (rc == 0 && (lines.is_cut || !setup_add_relay(out, &relay, entry)))
		rc = refuse(place, -ERANGE, pointer,
			    "it has the other role already, or its lines are too long");
	return rc;
}

static int read_relays(struct setup_answers *out, const json_t *list, const json_t *devices,
		       const struct place *place)
{
	json_t *object;
	size_t i;
	int rc = 0;

	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > SETUP_RELAYS_MAX)
		return refuse(place, -ERANGE, "/relays", "at most two: a source and a load");
	json_array_foreach(list, i, object)
	{
		if (rc == 0)
			rc = read_relay(out, object, i, devices, place);
		if (rc == 0 && i > 0 && out->relays[0].role == out->relays[1].role)
			rc = refuse(place, -ERANGE, "/relays/1", "each role is given once");
	}
	return rc;
}

/* ---- the whole ---- */

static int read_flag(bool *out, const json_t *object, const char *member, const struct place *place)
{
	const json_t *value = json_object_get(object, member);

	if (value && !json_is_boolean(value))
		return refuse(place, -EINVAL, member, "this must be true or false");
	*out = json_is_true(value);
	return 0;
}

static int read_wish(struct setup_wish *out, json_t *object, const json_t *devices,
		     const struct place *place)
{
	static const char *const MEMBERS[] = {"broker", "zone",    "battery", "relays",
					      "replace", "preview", NULL};
	struct setup_answers *answers = &out->answers;
	int rc = check_object(object, MEMBERS, "", place);

	if (rc == 0)
		rc = read_broker(&out->broker, json_object_get(object, "broker"), place);
	if (rc == 0)
		rc = read_text(answers->zone, sizeof(answers->zone), object, "zone", "/zone", place);
	if (rc == 0 && (!answers->zone[0] || answers->zone[strspn(answers->zone, ZONE_LETTERS)]))
		rc = refuse(place, -ERANGE, "/zone", "the house's time zone, such as Europe/Rome");
	if (rc == 0)
		rc = read_battery(answers, json_object_get(object, "battery"), devices, place);
	if (rc == 0)
		rc = read_relays(answers, json_object_get(object, "relays"), devices, place);
	if (rc == 0)
		rc = read_flag(&out->may_replace, object, "replace", place);
	return rc == 0 ? read_flag(&out->is_preview, object, "preview", place) : rc;
}

int setup_wish_parse(struct setup_wish *out, const char *body, size_t length,
		     const json_t *devices, char pointer[SETUP_POINTER_MAX], struct text *error)
{
	struct place place = {pointer, error};
	json_t *object;
	int rc;

	pointer[0] = '\0';
	memset(out, 0, sizeof(*out));
	rc = body_read_object(&object, body, length, error);
	if (rc < 0)
		return rc;
	rc = read_wish(out, object, devices, &place);
	json_decref(object);
	return rc;
}
