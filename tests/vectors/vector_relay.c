/* Amphora's own relay, and nodes that register. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/coap_answer.h"
#include "wire/course_registration.h"
#include "wire/relay_message.h"

#define ALLOWED_MAX 16

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static int code_of(const json_t *response)
{
	const char *text = text_of(response, "code");
	int class = 0, detail = 0;

	if (text == NULL || sscanf(text, "%d.%d", &class, &detail) != 2)
		return 0;
	return class * 100 + detail;
}

static bool read_status(struct relay_status *status, const json_t *response,
			struct vector_result *result)
{
	bool is_text = json_integer_value(json_object_get(response, "ct")) == COAP_FORMAT_TEXT &&
		       json_object_get(response, "ct") != NULL;
	size_t length = 0;
	uint8_t *payload = vector_payload(response, &length);
	enum refusal why =
	    relay_status_parse(status, is_text ? FORMAT_TEXT : FORMAT_JSON, payload, length, NULL);

	free(payload);
	if (why != REFUSAL_NONE)
		result->error = refusal_name(why);
	return why == REFUSAL_NONE;
}

/* One request and what came back. `wanted` is the state that was asked for before; -1: none. */
static void step(const json_t *exchange, int *wanted, struct vector_result *result)
{
	const json_t *request = json_object_get(exchange, "request");
	const json_t *response = json_object_get(exchange, "response");
	const char *method = text_of(request, "method"), *type = text_of(response, "type");
	const char *payload = text_of(request, "payload");
	bool is_read = method == NULL || strcmp(method, "GET") == 0;
	struct relay_command command;
	struct relay_status status;

	if (!is_read && payload != NULL &&
	    relay_request_parse(&command, FORMAT_JSON, payload, strlen(payload), NULL) ==
		REFUSAL_NONE)
		*wanted = command.is_on;
	if (response == NULL || json_is_null(response))
		result->error = "timeout";
	else if (type != NULL && strcmp(type, "RST") == 0)
		result->error = coap_outcome_name(is_read ? COAP_ERROR : COAP_REFUSED);
	else if (is_read && coap_outcome_of_read(code_of(response)) != COAP_GOOD)
		result->error = coap_outcome_name(coap_outcome_of_read(code_of(response)));
	else if (!is_read && coap_outcome_of_write(code_of(response)) != COAP_GOOD)
		result->error = coap_outcome_name(COAP_REFUSED);
	if (result->error != NULL || !is_read || !read_status(&status, response, result))
		return;
	if (*wanted >= 0 && status.is_on != (*wanted == 1)) {
		result->error = "mismatch";
		return;
	}
	json_object_set_new(result->got, "state", json_string(status.is_on ? "on" : "off"));
	json_object_set_new(result->got, "lease_s",
			    json_integer(status.lease_left_ms / MS_PER_SECOND));
}

void vector_run_relay(const struct vector *vector, struct vector_result *result)
{
	const json_t *steps = json_object_get(vector->in, "steps"), *exchange;
	int wanted = -1;
	size_t i;

	if (steps == NULL)
		step(vector->in, &wanted, result);
	json_array_foreach(steps, i, exchange)
	{
		if (result->error == NULL)
			step(exchange, &wanted, result);
	}
	if (result->error != NULL)
		json_object_clear(result->got);
}

void vector_run_registration(const struct vector *vector, struct vector_result *result)
{
	const json_t *request = json_object_get(vector->in, "request");
	const char *pairing = text_of(vector->config, "pairing"), *path = text_of(request, "path");
	const json_t *allow = json_object_get(vector->config, "allow"), *one;
	struct ident allowed[ALLOWED_MAX] = {0}, name;
	const char *paths[ALLOWED_MAX + 1] = {NULL};
	struct course_admission admission = {.allowed = allowed};
	size_t length = 0, i;
	uint8_t *payload = vector_payload(request, &length);
	enum refusal why = REFUSAL_NONE;
	enum course_answer answer;
	json_t *node;

	admission.pairing_is_open = pairing != NULL && strcmp(pairing, "open") == 0;
	json_array_foreach(allow, i, one)
	{
		const char *word = json_string_value(one);

		if (i < ALLOWED_MAX && ident_parse(&allowed[i], word, strlen(word)) == 0)
			admission.allowed_count = i + 1;
	}
	json_array_foreach(json_object_get(vector->config, "paths"), i, one)
	{
		if (i < ALLOWED_MAX)
			paths[i] = json_string_value(one) + (json_string_value(one)[0] == '/');
	}
	admission.paths = paths[0] != NULL ? paths : NULL;
	answer = course_registration_judge(&name, &why, &admission, path + (path[0] == '/'),
					   text_of(request, "from"), payload, length);
	free(payload);
	if (answer != COURSE_CREATED) {
		result->error = answer == COURSE_BAD_REQUEST ? refusal_name(why) : "refused";
		return;
	}
	node = json_pack("{s:s}", "address", text_of(request, "from"));
	if (name.text[0] != '\0')
		json_object_set_new(node, "name", json_string(name.text));
	json_object_set_new(result->got, "response", json_string("2.01"));
	json_object_set_new(result->got, "node", node);
}
