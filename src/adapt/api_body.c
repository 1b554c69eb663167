/*
 * Reads what a person sends to the API: a change of a setting, an override.
 *
 * It decides whether the message is well formed and what it says; whether that
 * may be is for the host (and the safety gate) to say. Unknown members are
 * refused, so that a slip of the pen does not pass for a wish.
 */
#include "adapt/api_body.h"
#include "adapt/api_body_parts.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/event.h"

int body_read_object(json_t **out, const char *body, size_t length, struct text *error)
{
	json_error_t where;
	json_t *object = body ? json_loadb(body, length, JSON_REJECT_DUPLICATES, &where) : NULL;

	if (!body) {
		text_add(error, "a JSON object is expected as the body");
		return -EINVAL;
	}
	if (!object) {
		text_add(error, "not JSON: %s", where.text);
		return -EINVAL;
	}
	if (!json_is_object(object)) {
		text_add(error, "a JSON object is expected");
		json_decref(object);
		return -EINVAL;
	}
	*out = object;
	return 0;
}

int body_check_members(json_t *object, const char *const allowed[], struct text *error)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		size_t i = 0;

		while (allowed[i] && strcmp(allowed[i], name) != 0)
			i++;
		if (!allowed[i]) {
			text_add(error, "unknown member \"%.40s\"", name);
			return -EINVAL;
		}
	}
	return 0;
}

static int read_name(char out[IDENT_MAX + 1], const json_t *value, const char *member,
		     struct text *error)
{
	struct ident name;

	if (!json_is_string(value) ||
	    ident_parse(&name, json_string_value(value), json_string_length(value)) < 0) {
		text_add(error, "\"%s\" must be a name", member);
		return -EINVAL;
	}
	strcpy(out, name.text);
	return 0;
}

/* ---- settings ---- */

/* A number as the text that the parameter table reads. */
static int value_text(char out[SETTING_TEXT_MAX], const json_t *value, struct text *error)
{
	char *dumped;

	if (json_is_string(value) && json_string_length(value) < SETTING_TEXT_MAX) {
		strcpy(out, json_string_value(value));
		return 0;
	}
	if (!json_is_number(value)) {
		text_add(error, "\"value\" must be a number, a short text or null");
		return -EINVAL;
	}
	dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
	if (!dumped)
		return -ENOMEM;
	if (strlen(dumped) >= SETTING_TEXT_MAX) {
		free(dumped);
		return -EINVAL;
	}
	strcpy(out, dumped);
	free(dumped);
	return 0;
}

static int read_parameter(enum parameter_id *out, const json_t *name, struct text *error)
{
	int rc;

	if (!json_is_string(name)) {
		text_add(error, "\"name\" must be the name of a parameter");
		return -EINVAL;
	}
	rc = parameter_find(out, json_string_value(name));
	if (rc == -ENOENT)
		text_add(error, "there is no parameter \"%.40s\"", json_string_value(name));
	else if (rc == -EEXIST) {
		text_add(error, "\"%.40s\" could be ", json_string_value(name));
		parameter_write_alike(json_string_value(name), error);
		rc = -EINVAL;
	}
	return rc;
}

static int read_change(struct setting_change *out, json_t *object, struct text *error)
{
	static const char *const MEMBERS[] = {"scope", "name", "value", NULL};
	const json_t *scope = json_object_get(object, "scope");
	const json_t *value = json_object_get(object, "value");
	char text[SETTING_TEXT_MAX];
	int rc = body_check_members(object, MEMBERS, error);

	if (rc == 0 && scope && !json_is_null(scope) && json_string_length(scope) != 0)
		rc = read_name(out->scope, scope, "scope", error);
	else if (rc == 0 && scope && !json_is_null(scope) && !json_is_string(scope)) {
		text_add(error, "\"scope\" must be a name");
		rc = -EINVAL;
	}
	if (rc == 0)
		rc = read_parameter(&out->parameter, json_object_get(object, "name"), error);
	if (rc == 0 && !value) {
		text_add(error, "\"value\" is missing (null unsets)");
		rc = -EINVAL;
	}
	if (rc < 0)
		return rc;
	out->is_set = !json_is_null(value);
	if (!out->is_set)
		return 0;
	rc = value_text(text, value, error);
	return rc < 0 ? rc : parameter_parse(&out->value, out->parameter, text, error);
}

int setting_change_parse(struct setting_change *out, const char *body, size_t length,
			 struct text *error)
{
	struct setting_change change = {0};
	json_t *object;
	int rc = body_read_object(&object, body, length, error);

	if (rc < 0)
		return rc;
	rc = read_change(&change, object, error);
	json_decref(object);
	if (rc == 0 || rc == -ERANGE)
		*out = change;
	return rc;
}

/* ---- overrides ---- */

static int read_intent(enum intent *out, const json_t *value, struct text *error)
{
	const char *name = json_is_string(value) ? json_string_value(value) : "";

	if (strcmp(name, "charge") == 0)
		*out = INTENT_CHARGE;
	else if (strcmp(name, "discharge") == 0)
		*out = INTENT_DISCHARGE;
	else if (strcmp(name, "hold") == 0 || strcmp(name, "idle") == 0)
		*out = INTENT_SAFE;
	else {
		text_add(error, "\"intent\" must be charge, discharge or hold");
		return -EINVAL;
	}
	return 0;
}

static int read_state(bool *out, const json_t *value, struct text *error)
{
	const char *name = json_is_string(value) ? json_string_value(value) : "";

	if (json_is_boolean(value))
		*out = json_is_true(value);
	else if (strcmp(name, "on") == 0 || strcmp(name, "off") == 0)
		*out = strcmp(name, "on") == 0;
	else {
		text_add(error, "\"state\" must be on or off");
		return -EINVAL;
	}
	return 0;
}

/* An override always ends: without a duration there is none. */
static int read_duration(int64_t *out_ms, const json_t *value, struct text *error)
{
	double ms = json_is_number(value) ? json_number_value(value) * MS_PER_SECOND : -1;

	if (!json_is_number(value)) {
		text_add(error, "\"duration_s\" must be a number: an override always ends");
		return -EINVAL;
	}
	if (!(ms >= MS_PER_SECOND && ms <= (double)OVERRIDE_MAX_MS)) {
		text_add(error, "\"duration_s\" must be within 1..%lld",
			 (long long)(OVERRIDE_MAX_MS / MS_PER_SECOND));
		return -ERANGE;
	}
	*out_ms = llround(ms);
	return 0;
}

static int read_override(struct override_request *out, json_t *object, struct text *error)
{
	static const char *const BY_RELAY[] = {"relay", "state", "duration_s", NULL};
	static const char *const BY_BATTERY[] = {"battery", "intent", "duration_s", NULL};
	const char *member;
	int rc;

	out->is_by_relay = json_object_get(object, "relay") != NULL;
	member = out->is_by_relay ? "relay" : "battery";
	rc = body_check_members(object, out->is_by_relay ? BY_RELAY : BY_BATTERY, error);
	if (rc == 0)
		rc = read_name(out->id, json_object_get(object, member), member, error);
	if (rc == 0 && out->is_by_relay)
		rc = read_state(&out->is_on, json_object_get(object, "state"), error);
	else if (rc == 0)
		rc = read_intent(&out->intent, json_object_get(object, "intent"), error);
	if (rc == 0)
		rc = read_duration(&out->duration_ms, json_object_get(object, "duration_s"), error);
	return rc;
}

int override_request_parse(struct override_request *out, const char *body, size_t length,
			   struct text *error)
{
	struct override_request request = {0};
	json_t *object;
	int rc = body_read_object(&object, body, length, error);

	if (rc < 0)
		return rc;
	rc = read_override(&request, object, error);
	json_decref(object);
	if (rc == 0)
		*out = request;
	return rc;
}

/* ---- admissions ---- */

/* A size in kWh or kW, as Wh or W. */
static int read_size(int32_t *out, const json_t *value, const char *member, struct text *error)
{
	double size = json_is_number(value) ? json_number_value(value) * 1000 : -1;

	if (!json_is_number(value)) {
		text_add(error,
			 "\"%s\" must be a number: chemistry, capacity_kwh and power_kw are "
			 "said together or not at all",
			 member);
		return -EINVAL;
	}
	if (!(size >= 1 && size <= ADMISSION_WATTS_MAX)) {
		text_add(error, "\"%s\" must be within 0.001..%d", member,
			 ADMISSION_WATTS_MAX / 1000);
		return -ERANGE;
	}
	*out = (int32_t)lround(size);
	return 0;
}

static int read_kind(struct admission *out, json_t *object, struct text *error)
{
	const json_t *name = json_object_get(object, "chemistry");
	int rc = 0;

	if (!name && !json_object_get(object, "capacity_kwh") &&
	    !json_object_get(object, "power_kw"))
		return 0;
	if (!json_is_string(name) ||
	    admission_find_chemistry(&out->chemistry, json_string_value(name)) < 0) {
		text_add(error, "\"chemistry\" must be lfp, nmc or lead-acid; custom limits need a "
				"configuration");
		rc = -EINVAL;
	}
	if (rc == 0)
		rc = read_size(&out->capacity_wh, json_object_get(object, "capacity_kwh"),
			       "capacity_kwh", error);
	if (rc == 0)
		rc = read_size(&out->power_w, json_object_get(object, "power_kw"), "power_kw",
			       error);
	return rc;
}

static int read_battery(struct admission *out, json_t *object, struct text *error)
{
	static const char *const MEMBERS[] = {"node", "chemistry", "capacity_kwh", "power_kw",
					      NULL};
	int rc = body_check_members(object, MEMBERS, error);

	if (rc == 0)
		rc = read_name(out->node.text, json_object_get(object, "node"), "node", error);
	return rc == 0 ? read_kind(out, object, error) : rc;
}

/* An address may be left out, where there is only one of that name. */
static int read_address(char out[PATH_TEXT_MAX], const json_t *value, struct text *error)
{
	if (!value)
		return 0;
	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) >= PATH_TEXT_MAX) {
		text_add(error, "\"address\" must be where it is: coap://host[:port]");
		return -EINVAL;
	}
	strcpy(out, json_string_value(value));
	return 0;
}

static int read_role_and_lease(struct relay_admission *out, const json_t *role,
			       const json_t *lease, struct text *error)
{
	const char *role_name = json_is_string(role) ? json_string_value(role) : "";
	const char *lease_name = json_is_string(lease) ? json_string_value(lease) : "";

	out->role =
	    strcmp(role_name, relay_role_name(RELAY_LOAD)) == 0 ? RELAY_LOAD : RELAY_SOURCE;
	if (strcmp(role_name, relay_role_name(out->role)) != 0) {
		text_add(error, "\"role\" must be source (it charges the battery) or load (it lets "
				"it feed the house)");
		return -EINVAL;
	}
	out->has_lease = strcmp(lease_name, "none") != 0;
	if (lease && out->has_lease && strcmp(lease_name, "own") != 0) {
		text_add(error, "\"lease\" must be own, or none for a relay that does not open by "
				"itself");
		return -EINVAL;
	}
	return 0;
}

static int read_relay(struct relay_admission *out, json_t *object, struct text *error)
{
	static const char *const MEMBERS[] = {"node",  "role",    "battery",
					      "lease", "address", NULL};
	int rc = body_check_members(object, MEMBERS, error);

	if (rc == 0)
		rc = read_name(out->node.text, json_object_get(object, "node"), "node", error);
	if (rc == 0)
		rc = read_role_and_lease(out, json_object_get(object, "role"),
					 json_object_get(object, "lease"), error);
	if (rc == 0)
		rc = read_name(out->battery.text, json_object_get(object, "battery"), "battery",
			       error);
	return rc == 0 ? read_address(out->uri, json_object_get(object, "address"), error) : rc;
}

int admission_request_parse(struct admission_request *out, const char *body, size_t length,
			    struct text *error)
{
	struct admission_request request = {0};
	json_t *object;
	int rc = body_read_object(&object, body, length, error);

	if (rc < 0)
		return rc;
	request.is_relay = json_object_get(object, "role") != NULL;
	rc = request.is_relay ? read_relay(&request.relay, object, error)
			      : read_battery(&request.battery, object, error);
	json_decref(object);
	if (rc == 0)
		*out = request;
	return rc;
}

int look_request_parse(char out[PATH_TEXT_MAX], const char *body, size_t length,
		       struct text *error)
{
	static const char *const MEMBERS[] = {"address", NULL};
	char address[PATH_TEXT_MAX] = "";
	json_t *object;
	int rc = body_read_object(&object, body, length, error);

	if (rc < 0)
		return rc;
	rc = body_check_members(object, MEMBERS, error);
	if (rc == 0)
		rc = read_address(address, json_object_get(object, "address"), error);
	if (rc == 0 && address[0] == '\0') {
		text_add(error, "\"address\" is missing: coap://host[:port]");
		rc = -EINVAL;
	}
	json_decref(object);
	if (rc == 0)
		strcpy(out, address);
	return rc;
}

/* ---- faults of the demo ---- */

static int read_fault(struct fault_request *out, json_t *object, struct text *error)
{
	static const char *const MEMBERS[] = {"fault", "on", NULL};
	const char *name = json_string_value(json_object_get(object, "fault"));
	const json_t *is_on = json_object_get(object, "on");

	if (body_check_members(object, MEMBERS, error) < 0)
		return -EINVAL;
	if (!name || !*name || strlen(name) > FAULT_NAME_MAX ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz-")]) {
		text_add(error, "\"fault\" must be the name of a fault");
		return -EINVAL;
	}
	if (!json_is_boolean(is_on)) {
		text_add(error, "\"on\" must be true or false");
		return -EINVAL;
	}
	strcpy(out->fault, name);
	out->is_on = json_is_true(is_on);
	return 0;
}

int fault_request_parse(struct fault_request *out, const char *body, size_t length,
			struct text *error)
{
	struct fault_request request = {0};
	json_t *object;
	int rc = body_read_object(&object, body, length, error);

	if (rc < 0)
		return rc;
	rc = read_fault(&request, object, error);
	json_decref(object);
	if (rc == 0)
		*out = request;
	return rc;
}
