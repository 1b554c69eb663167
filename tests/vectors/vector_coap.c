/* CoAP nodes of other makes: answers, notifications, commands and links. */
#include "vectors.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/coap_answer.h"
#include "wire/coap_target.h"
#include "wire/link_format.h"
#include "wire/source_coap.h"
#include "wire/source_command.h"
#include "wire/source_read.h"

#define START_MS 1000000
#define MAX_AGE_S 60

struct scene {
	struct sources *sources;
	const struct source *source; /* NULL where the vector has no configuration */
	struct source_state state;
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_now now;
	enum refusal first_why;
	bool is_on;
};

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* ---- the configuration, as the product spells it ---- */

/* "mode={state}" with the word for the state in it. */
static json_t *with_state(const char *text, const char *state)
{
	const char *at = strstr(text, "{state}");

	if (at == NULL)
		return json_string(text);
	return json_sprintf("%.*s%s%s", (int)(at - text), text, state, at + strlen("{state}"));
}

static json_t *command_of(const json_t *write, const char *state)
{
	const char *names[] = {"method", "path"};
	const char *body = text_of(write, "body"), *query = text_of(write, "query");
	const json_t *mapped = json_object_get(json_object_get(write, "map"), state);
	char *number = json_is_number(mapped) ? json_dumps(mapped, JSON_ENCODE_ANY) : NULL;
	const char *word = number != NULL ? number : json_string_value(mapped);
	json_t *out = json_object();

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		if (json_object_get(write, names[i]) != NULL)
			json_object_set(out, names[i], json_object_get(write, names[i]));
	}
	word = word != NULL ? word : state;
	if (query != NULL)
		json_object_set_new(out, "query", with_state(query, word));
	if (body != NULL || query == NULL)
		json_object_set_new(out, "payload",
				    with_state(body != NULL ? body : "{state}", word));
	free(number);
	return out;
}

static void translate_write(json_t *source, const json_t *write)
{
	bool is_read = json_object_get(json_object_get(source, "read"), "state") != NULL;

	if (text_of(source, "profile") != NULL)
		return;
	json_object_set_new(source, "write",
			    json_pack("{s:o,s:o,s:s}", "on", command_of(write, "on"), "off",
				      command_of(write, "off"), "confirm",
				      is_read ? "state" : "none"));
}

/* Where a profile has keys for the paths, they are given to those. */
static void translate_row(json_t *source, json_t *read, const char *field, const json_t *row,
			  const char *asked)
{
	json_t *own;

	if (json_is_string(row)) {
		json_object_set(source, field, (json_t *)row);
		return;
	}
	own = json_deep_copy(row);
	if (json_object_get(own, "path") == NULL)
		json_object_set_new(own, "path", json_string(asked != NULL ? asked : "/"));
	json_object_set_new(read, field, own);
}

static json_t *translate(const struct vector *vector)
{
	static const char *const ours[] = {"coap", "senml"};
	const json_t *config = vector->config, *write = json_object_get(config, "write"), *row;
	const char *asked = text_of(json_object_get(vector->in, "request"), "path"), *field;
	json_t *source = json_deep_copy(config), *read = json_object();

	for (size_t i = 0; i < ARRAY_LENGTH(ours); i++) {
		if (strcmp(text_of(config, "profile"), ours[i]) == 0)
			json_object_del(source, "profile");
	}
	json_object_set_new(source, "id", json_string("v"));
	json_object_set_new(source, "transport", json_string("coap"));
	/* Who asks for no lease has given his word. */
	if (write != NULL && json_object_get(config, "lease") == NULL &&
	    json_object_get(json_object_get(vector->in, "command"), "lease_s") == NULL)
		json_object_set_new(source, "lease", json_string("none"));
	json_object_del(source, "write");
	json_object_foreach(json_object_get(config, "read"), field, row)
	    translate_row(source, read, field, row, asked);
	json_object_del(source, "read");
	if (json_object_size(read) > 0)
		json_object_set(source, "read", read);
	json_decref(read);
	if (json_is_string(write))
		json_object_set(source, "state", (json_t *)write);
	else if (write != NULL)
		translate_write(source, write);
	return source;
}

/* What the product's words of refusal begin with. */
static void take_config_error(struct vector_result *result)
{
	static const char *const reasons[] = {"toggle-refused", "not-usable"};

	result->error =
	    strstr(result->words, "lease") != NULL ? "lease-unsupported" : "configuration";
	for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++) {
		if (strstr(result->words, reasons[i]) != NULL)
			result->error = reasons[i];
	}
}

static bool open_scene(struct scene *scene, const struct vector *vector,
		       struct vector_result *result)
{
	struct text errors = text_in(result->words, sizeof result->words);
	json_t *file;
	char *bytes;
	int answer;

	scene->now = (struct source_now){.mono = {START_MS}};
	scene->now.has_wall = vector_now(vector->in, &scene->now.wall);
	if (vector->config == NULL || text_of(vector->config, "profile") == NULL)
		return true;
	file = json_pack("{s:[o]}", "sources", translate(vector));
	bytes = json_dumps(file, JSON_ENSURE_ASCII);
	answer = sources_parse(&scene->sources, "vector", bytes, strlen(bytes),
			       &source_shelf_built_in, &errors);
	free(bytes);
	json_decref(file);
	if (answer != 0) {
		take_config_error(result);
		return false;
	}
	scene->source = &scene->sources->entries[0];
	source_state_init(&scene->state, scene->slots, scene->source);
	return true;
}

/* ---- answers ---- */

/* "2.05" is 205. */
static int code_of(const json_t *response)
{
	const char *text = text_of(response, "code");
	int class = 0, detail = 0;

	if (text == NULL || sscanf(text, "%d.%d", &class, &detail) != 2)
		return 0;
	return class * 100 + detail;
}

static void take(struct scene *scene, const char *path, const json_t *response,
		 struct vector_result *result)
{
	const json_t *format = json_object_get(response, "ct");
	const json_t *max_age = json_object_get(response, "max_age");
	size_t length = 0;
	uint8_t *payload = vector_payload(response, &length);
	struct source_coap_answer answer = {
	    .path = path,
	    .has_format = format != NULL,
	    .format = (uint16_t)json_integer_value(format),
	    .payload = payload,
	    .length = length,
	};
	struct source_news news;

	answer.fresh_for_ms =
	    coap_fresh_for_ms(max_age != NULL ? (uint32_t)json_integer_value(max_age) : MAX_AGE_S,
			      scene->source->stale_after_ms);
	source_coap_take(&news, scene->source, &scene->state, &answer, &scene->now);
	if (news.why != REFUSAL_NONE && scene->first_why == REFUSAL_NONE)
		scene->first_why = news.why;
	vector_keep_news(&news, result);
	free(payload);
}

static void finish(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const json_t *query = json_object_get(vector->in, "query_at_s");

	if (scene->first_why != REFUSAL_NONE && json_object_size(result->got) == 0)
		result->error = refusal_name(scene->first_why);
	if (query == NULL)
		return;
	scene->now.mono.ms = START_MS + llround(json_number_value(query) * MS_PER_SECOND);
	if (source_is_available(scene->source, &scene->state, scene->now.mono))
		return;
	json_object_clear(result->got);
	json_object_set_new(result->got, "available", json_false());
}

static void list_links(const json_t *response, struct vector_result *result)
{
	const char *payload = text_of(response, "payload");
	struct link_cursor cursor = links_of(payload, strlen(payload));
	json_t *links = json_array(), *observable = json_array();
	struct link link;
	int answer;

	while ((answer = link_next(&cursor, &link)) == 0) {
		json_array_append_new(links, json_stringn(link.target.data, link.target.length));
		if (link.is_observable)
			json_array_append_new(observable,
					      json_stringn(link.target.data, link.target.length));
	}
	json_object_set_new(result->got, "links", links);
	json_object_set_new(result->got, "observable", observable);
	if (answer != -ENOENT)
		result->error = "bad-links";
}

/* Of an answer in several messages the one that has it: an empty acknowledgement says nothing. */
static const json_t *answer_in(const json_t *response)
{
	const json_t *message;
	size_t i;

	if (!json_is_array(response))
		return response;
	json_array_foreach(response, i, message)
	{
		if (code_of(message) != 0)
			return message;
	}
	return NULL;
}

static void exchange(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const json_t *request = json_object_get(vector->in, "request");
	const json_t *response = answer_in(json_object_get(vector->in, "response"));
	const char *method = text_of(request, "method"), *path = text_of(request, "path");
	bool is_read = method == NULL || strcmp(method, "GET") == 0;
	const char *type = text_of(response, "type");
	enum coap_outcome outcome = is_read ? coap_outcome_of_read(code_of(response))
					    : coap_outcome_of_write(code_of(response));

	if (response == NULL || json_is_null(response))
		result->error = "timeout";
	else if (type != NULL && strcmp(type, "RST") == 0)
		result->error = coap_outcome_name(is_read ? COAP_ERROR : COAP_REFUSED);
	else if (outcome != COAP_GOOD)
		result->error = coap_outcome_name(outcome);
	else if (!is_read)
		json_object_set_new(result->got, "acked", json_true());
	else if (strcmp(path, "/.well-known/core") == 0)
		list_links(response, result);
	else if (scene->source != NULL)
		take(scene, path, response, result);
	if (scene->source != NULL && result->error == NULL)
		finish(scene, vector, result);
}

static void notify(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const char *path = scene->source->rows[0].topic;
	struct coap_order last = {0};
	const json_t *notification;
	size_t i;

	json_array_foreach(json_object_get(vector->in, "notifications"), i, notification)
	{
		double at_s = json_number_value(json_object_get(notification, "at_s"));
		const json_t *number = json_object_get(notification, "observe");
		uint32_t sequence = (uint32_t)json_integer_value(number);
		uint64_t at_ms = (uint64_t)llround(START_MS + at_s * MS_PER_SECOND);

		if (number != NULL && !coap_order_is_newer(&last, sequence, at_ms))
			continue;
		last = (struct coap_order){number != NULL, sequence, at_ms};
		scene->now.mono.ms = (int64_t)at_ms;
		take(scene, path, notification, result);
	}
	finish(scene, vector, result);
}

/* ---- commands ---- */

static const char *method_name(enum coap_method method)
{
	return method == COAP_METHOD_POST ? "POST" : "PUT";
}

static json_t *sent(const struct source_command *command)
{
	struct coap_target target;
	json_t *out;

	if (coap_target_parse(&target, command->topic) != 0)
		return json_null();
	out = json_pack("{s:s,s:o,s:s}", "method", method_name(target.method), "path",
			json_sprintf("/%s", target.path), "type", "CON");
	if (target.query[0] != '\0')
		json_object_set_new(out, "query", json_string(target.query));
	if (command->payload[0] != '\0' || target.query[0] == '\0')
		json_object_set_new(out, "payload", json_string(command->payload));
	return out;
}

/* Whether the product takes `word`, at the pointer of `confirm`, for the state `on`. */
static bool says(struct scene *scene, const json_t *confirm, const char *word, bool is_on)
{
	const char *pointer = text_of(confirm, "pointer"), *path = text_of(confirm, "path");
	char payload[256];
	struct source_coap_answer answer = {.path = path, .payload = payload};
	struct source_news news;

	if (pointer != NULL)
		snprintf(payload, sizeof payload, "{\"%s\":\"%s\"}", pointer + 1, word);
	else
		snprintf(payload, sizeof payload, "%s", word);
	answer.length = strlen(payload);
	source_coap_take(&news, scene->source, &scene->state, &answer, &scene->now);
	return (news.got & SOURCE_BIT(SOURCE_STATE)) != 0 &&
	       (news.value[SOURCE_STATE] != 0) == is_on;
}

static bool confirms(void *user, const json_t *confirm)
{
	struct scene *scene = user;
	const char *method = text_of(confirm, "method"), *word;
	const json_t *to;

	if (!json_is_object(confirm))
		return scene->source->write.is_blind;
	if (method != NULL && strcmp(method, "GET") != 0)
		return false;
	json_object_foreach(json_object_get(confirm, "map"), word, to)
	{
		if (!says(scene, confirm, word, strcmp(json_string_value(to), "on") == 0))
			return false;
	}
	return json_object_get(confirm, "map") != NULL || !scene->source->write.is_blind;
}

static void command(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const json_t *asked = json_object_get(vector->in, "command");
	double lease_s = json_number_value(json_object_get(asked, "lease_s"));
	const char *state = text_of(asked, "state");
	struct source_command out;
	enum source_command_answer answer;

	scene->is_on = state != NULL && strcmp(state, "on") == 0;
	answer = scene->is_on
		     ? source_command_on(&out, scene->source, llround(lease_s * MS_PER_SECOND), 0)
		     : source_command_off(&out, scene->source, 0);
	if (answer != SOURCE_COMMAND_GOOD)
		result->error = source_command_answer_name(answer);
	else
		json_object_set_new(result->got, "send", json_pack("[o]", sent(&out)));
	result->confirms = confirms;
}

static void close_scene(void *user)
{
	struct scene *scene = user;

	sources_free(scene->sources);
	free(scene);
}

void vector_run_coap(const struct vector *vector, struct vector_result *result)
{
	struct scene *scene = calloc(1, sizeof *scene);

	result->user = scene;
	result->done = close_scene;
	if (strcmp(vector->dir, "server") == 0) {
		vector_run_registration(vector, result);
		return;
	}
	if (!open_scene(scene, vector, result))
		return;
	if (strcmp(vector->dir, "command") == 0)
		command(scene, vector, result);
	else if (json_object_get(vector->in, "notifications") != NULL)
		notify(scene, vector, result);
	else
		exchange(scene, vector, result);
}
