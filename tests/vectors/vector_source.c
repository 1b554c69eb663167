/* Mappings and profiles: the vector's configuration becomes a source, the product takes it on. */
#include "vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/source_command.h"
#include "wire/source_read.h"
#include "wire/source_take.h"

#define START_MS 1000000

struct scene {
	struct sources *sources;
	const struct source *source;
	struct source_state state;
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_now now;
	struct source_news last;
	enum refusal first_why; /* of a message of which nothing was of use */
	bool is_on;             /* what a confirmation is to say */
};

/* The configuration as the product reads it: JSON is YAML. */
static bool open_scene(struct scene *scene, const struct vector *vector,
		       struct vector_result *result)
{
	json_t *source = vector->config != NULL ? json_deep_copy(vector->config) : json_object();
	json_t *file = json_pack("{s:[o]}", "sources", source);
	struct text errors = text_in(result->words, sizeof result->words);
	char *bytes;
	int answer;

	/* What the reference calls a Shelly's id is `device` here: sources have ids of their own.
	 */
	if (json_object_get(source, "id") != NULL)
		json_object_set(source, "device", json_object_get(source, "id"));
	json_object_set_new(source, "id", json_string("v"));
	bytes = json_dumps(file, JSON_ENSURE_ASCII);
	answer = sources_parse(&scene->sources, "vector", bytes, strlen(bytes),
			       &source_shelf_built_in, &errors);
	free(bytes);
	json_decref(file);
	if (answer != 0) {
		result->error = "configuration";
		return false;
	}
	scene->source = &scene->sources->entries[0];
	source_state_init(&scene->state, scene->slots, scene->source);
	scene->now = (struct source_now){.mono = {START_MS}};
	scene->now.has_wall = vector_now(vector->in, &scene->now.wall);
	return true;
}

void vector_keep_news(const struct source_news *news, struct vector_result *result)
{
	for (int i = 0; i < SOURCE_FIELD_COUNT; i++) {
		const struct source_field_info *info = source_field_info((enum source_field)i);
		json_t *value = NULL;

		if ((news->got & SOURCE_BIT(i)) == 0)
			continue;
		switch (info->kind) {
		case SOURCE_IS_WORD:
			value = json_string(news->word[i]);
			break;
		case SOURCE_IS_STATE:
			value = json_string(news->value[i] != 0 ? "on" : "off");
			if (news->is_last_known)
				json_object_set_new(result->got, "confirms", json_false());
			break;
		case SOURCE_IS_FLAG:
			value = json_boolean(news->value[i] != 0);
			break;
		case SOURCE_IS_NUMBER:
		case SOURCE_IS_WHOLE:
			value = json_real(news->value[i]);
			break;
		}
		json_object_set_new(result->got, info->name, value);
	}
	if (news->time_was_set_aside && news->got != 0)
		json_object_set_new(result->got, "time_source", json_string("arrival"));
	for (int i = 0; i < SOURCE_FIELD_COUNT && news->why == REFUSAL_NONE; i++) {
		if ((news->missing & SOURCE_BIT(i)) != 0)
			vector_missing(result, source_field_info((enum source_field)i)->name,
				       refusal_name(news->reason[i]));
	}
	if (news->available != SOURCE_UNTOLD)
		json_object_set_new(result->got, "available",
				    json_boolean(news->available == SOURCE_UP));
}

static void take(struct scene *scene, const json_t *message, struct vector_result *result)
{
	size_t length;
	uint8_t *payload = vector_payload(message, &length);
	struct source_message taken = {
	    .topic = json_string_value(json_object_get(message, "topic")),
	    .payload = payload,
	    .length = length,
	    .is_retained = json_is_true(json_object_get(message, "retained")),
	};

	scene->now.mono.ms =
	    START_MS + llround(json_number_value(json_object_get(message, "at_s")) * MS_PER_SECOND);
	source_take(&scene->last, scene->source, &scene->state, &taken, &scene->now);
	if (scene->last.why != REFUSAL_NONE && scene->first_why == REFUSAL_NONE)
		scene->first_why = scene->last.why;
	vector_keep_news(&scene->last, result);
	free(payload);
}

/* What is left where the source is gone: nothing but that. */
static void forget(struct vector_result *result)
{
	json_object_clear(result->got);
	json_object_set_new(result->got, "available", json_false());
}

static void decode(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const json_t *messages = json_object_get(vector->in, "messages");
	const json_t *query = json_object_get(vector->in, "query_at_s");
	const json_t *message;
	size_t i;

	if (messages == NULL)
		take(scene, vector->in, result);
	json_array_foreach(messages, i, message) take(scene, message, result);
	if (json_is_false(json_object_get(result->got, "available")))
		forget(result);
	else if (scene->first_why != REFUSAL_NONE && json_object_size(result->got) == 0)
		result->error = refusal_name(scene->first_why);
	if (query == NULL)
		return;
	scene->now.mono.ms = START_MS + llround(json_number_value(query) * MS_PER_SECOND);
	if (!source_is_available(scene->source, &scene->state, scene->now.mono))
		forget(result);
}

/* ---- commands ---- */

static void send(struct vector_result *result, const struct source_command *command)
{
	json_t *sent = json_array();

	json_array_append_new(sent, json_pack("{s:s,s:s,s:b}", "topic", command->topic, "payload",
					      command->payload, "retain", 0));
	json_object_set_new(result->got, "send", sent);
}

/* {"a":{"b":VALUE}} for /a/b */
static json_t *object_with(const char *pointer, json_t *value)
{
	const char *slash = strrchr(pointer, '/');
	char name[128], rest[256];

	if (slash == NULL)
		return value;
	snprintf(name, sizeof name, "%s", slash + 1);
	snprintf(rest, sizeof rest, "%.*s", (int)(slash - pointer), pointer);
	return object_with(rest, json_pack("{s:o}", name, value));
}

static bool confirmed_by(struct scene *scene, const json_t *confirm, const char *payload)
{
	struct source_message message = {
	    .topic = json_string_value(json_object_get(confirm, "topic")),
	    .payload = payload,
	    .length = strlen(payload),
	};
	struct source_news news;

	source_take(&news, scene->source, &scene->state, &message, &scene->now);
	if ((news.got & SOURCE_BIT(SOURCE_STATE)) == 0 ||
	    (news.value[SOURCE_STATE] != 0) != scene->is_on || news.is_last_known)
		return false;
	message.is_retained = true; /* the same, retained, proves nothing */
	source_take(&news, scene->source, &scene->state, &message, &scene->now);
	return news.is_last_known;
}

/* Whether a fresh message as `confirm` describes it is one, by the product. */
static bool confirms(void *user, const json_t *confirm)
{
	static const char *const paths[] = {"path", "or_path"};
	const char *plain = json_string_value(json_object_get(confirm, "payload"));
	bool is_good = true, is_any = false;

	if (plain != NULL)
		return confirmed_by(user, confirm, plain);
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
		const char *path = json_string_value(json_object_get(confirm, paths[i]));
		json_t *made;
		char *payload;

		if (path == NULL)
			continue;
		made = object_with(path, json_deep_copy(json_object_get(confirm, "equals")));
		payload = json_dumps(made, JSON_ENCODE_ANY);
		is_good &= confirmed_by(user, confirm, payload);
		is_any = true;
		free(payload);
		json_decref(made);
	}
	return is_good && is_any;
}

static void switch_it(struct scene *scene, const json_t *asked, struct vector_result *result)
{
	const char *state = json_string_value(json_object_get(asked, "state"));
	uint64_t number = (uint64_t)json_integer_value(json_object_get(asked, "seq"));
	double lease_s = json_number_value(json_object_get(asked, "lease_s"));
	struct source_command command;
	enum source_command_answer answer;

	scene->is_on = state != NULL && strcmp(state, "on") == 0;
	if (state == NULL)
		answer = source_command_read(&command, scene->source, number);
	else if (scene->is_on)
		answer = source_command_on(&command, scene->source,
					   llround(lease_s * MS_PER_SECOND), number);
	else
		answer = source_command_off(&command, scene->source, number);
	if (answer != SOURCE_COMMAND_GOOD)
		result->error = source_command_answer_name(answer);
	else
		send(result, &command);
	result->confirms = confirms;
}

static void command(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const json_t *asked = json_object_get(vector->in, "command");
	const char *keepalive = json_string_value(json_object_get(asked, "keepalive"));
	struct source_command out;

	if (json_object_get(asked, "setpoint_w") != NULL ||
	    json_object_get(asked, "max_charge_a") != NULL ||
	    json_is_string(json_object_get(asked, "readback"))) {
		result->skipped = "waits for set-points";
	} else if (keepalive == NULL) {
		switch_it(scene, asked, result);
	} else if (source_keepalive(&out, scene->source, strcmp(keepalive, "first") == 0)) {
		send(result, &out);
	} else {
		result->error = "no-keepalive";
	}
}

static void close_scene(void *user)
{
	struct scene *scene = user;

	sources_free(scene->sources);
	free(scene);
}

void vector_run_source(const struct vector *vector, struct vector_result *result)
{
	struct scene *scene = calloc(1, sizeof *scene);

	result->user = scene;
	result->done = close_scene;
	if (!open_scene(scene, vector, result))
		return;
	if (strcmp(vector->dir, "command") == 0)
		command(scene, vector, result);
	else if (strcmp(vector->dir, "decode") == 0)
		decode(scene, vector, result);
	else
		result->error = "no such direction";
}
