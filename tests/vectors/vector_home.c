/*
 * Home Assistant, both ways: announcements of others become sources, our own announcement and
 * what is asked of us. The vector's `bind` names entities, or one field for whatever is announced.
 */
#include "vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/ha_announce.h"
#include "wire/ha_book.h"
#include "wire/ha_command.h"
#include "wire/source_command.h"

#define START_MS 1000000
#define STALE_USUAL_S 60
#define WORDS_MAX 16

struct scene {
	struct ha_book *book;
	size_t count;
	struct ha_wish wishes[SOURCE_FIELD_COUNT];
	struct source_now now;
	enum refusal why; /* of the first that was refused */
	bool was_told_up; /* by an availability */
	bool is_last_known[SOURCE_FIELD_COUNT];
};

/* ---- taking over ---- */

static void add_wish(struct scene *scene, const char *field, const char *unique_id, bool is_named,
		     double stale_after_s)
{
	struct ha_wish *wish = &scene->wishes[scene->count];

	if (source_field_find(&wish->field, field) != 0)
		return;
	snprintf(wish->unique_id, sizeof wish->unique_id, "%s", unique_id);
	wish->is_named = is_named;
	wish->stale_after_ms = llround(stale_after_s * MS_PER_SECOND);
	scene->count++;
}

/* What the first announcement calls its entity, where the vector names none. */
struct first {
	char name[HA_NAME_MAX];
};

static void keep_first(void *user, const char *key, const struct ha_entity *entity)
{
	struct first *first = user;

	(void)key;
	if (entity != NULL && first->name[0] == '\0')
		snprintf(first->name, sizeof first->name, "%s", entity->unique_id);
}

static void name_first(struct first *first, const json_t *messages)
{
	const json_t *message = json_array_get(messages, 0);
	const char *topic = json_string_value(json_object_get(message, "topic"));
	struct ha_place place;
	size_t length;
	uint8_t *payload;

	if (topic == NULL || !ha_place_of(&place, "homeassistant", topic))
		return;
	payload = vector_payload(message, &length);
	if (ha_discovery_read(&place, payload, length, keep_first, first) == REFUSAL_NONE &&
	    first->name[0] == '\0')
		snprintf(first->name, sizeof first->name, "%s", place.object);
	free(payload);
}

static void open_scene(struct scene *scene, const struct vector *vector)
{
	json_t *bind = json_object_get(vector->config, "bind"), *unique_id;
	const json_t *stale = json_object_get(vector->config, "stale_after");
	double stale_s = stale != NULL ? json_number_value(stale) : STALE_USUAL_S;
	struct first first = {""};
	const char *field;

	if (json_is_string(bind)) {
		name_first(&first, json_object_get(vector->in, "messages"));
		add_wish(scene, json_string_value(bind), first.name, false, stale_s);
	}
	json_object_foreach(bind, field, unique_id)
	    add_wish(scene, field, json_string_value(unique_id), true, stale_s);
	scene->book = ha_book_new("homeassistant", scene->wishes, scene->count);
	scene->now.has_wall = vector_now(vector->in, &scene->now.wall);
}

static void keep_value(struct vector_result *result, enum source_field field, double value)
{
	const struct source_field_info *info = source_field_info(field);

	if (info->kind == SOURCE_IS_NUMBER || info->kind == SOURCE_IS_WHOLE)
		json_object_set_new(result->got, info->name, json_real(value));
	else
		json_object_set_new(result->got, info->name,
				    json_string(value != 0 ? "on" : "off"));
}

static void note(struct scene *scene, enum refusal why)
{
	if (scene->why == REFUSAL_NONE)
		scene->why = why;
}

static void take(struct scene *scene, const json_t *json)
{
	size_t length;
	uint8_t *payload = vector_payload(json, &length);
	struct source_message message = {
	    .topic = json_string_value(json_object_get(json, "topic")),
	    .payload = payload,
	    .length = length,
	    .is_retained = json_is_true(json_object_get(json, "retained")),
	};
	bool is_announcement;

	scene->now.mono.ms =
	    START_MS + llround(json_number_value(json_object_get(json, "at_s")) * MS_PER_SECOND);
	note(scene, ha_book_hear(scene->book, message.topic, payload, length, &is_announcement));
	if (!is_announcement && ha_book_take(scene->book, &message, &scene->now) > 0) {
		for (size_t i = 0; i < scene->count; i++) {
			const struct ha_bound *bound = ha_book_bound(scene->book, i);

			note(scene, bound->news.why == REFUSAL_UNAVAILABLE &&
					    bound->news.available == SOURCE_DOWN
					? REFUSAL_NONE
					: bound->news.why);
			scene->was_told_up |= bound->news.available == SOURCE_UP;
			scene->is_last_known[bound->wish.field] = bound->news.is_last_known;
		}
	}
	free(payload);
}

/* How all stands at `query_at_s`, or after the last message. */
static void look(struct scene *scene, const struct vector *vector, struct vector_result *result)
{
	const json_t *at_s = json_object_get(vector->in, "query_at_s");
	size_t held = 0;

	if (at_s != NULL)
		scene->now.mono.ms = START_MS + llround(json_number_value(at_s) * MS_PER_SECOND);
	for (size_t i = 0; i < scene->count; i++) {
		const struct ha_bound *bound = ha_book_bound(scene->book, i);
		double value;
		int64_t age_ms;

		note(scene, bound->why);
		if (bound->binding == NULL ||
		    !source_value(&value, &age_ms, &bound->binding->source, &bound->state,
				  bound->wish.field, scene->now.mono)) {
			vector_missing(result, source_field_info(bound->wish.field)->name,
				       refusal_name(REFUSAL_UNAVAILABLE));
			continue;
		}
		held++;
		keep_value(result, bound->wish.field, value);
		if (scene->is_last_known[bound->wish.field])
			json_object_set_new(result->got, "confirms", json_false());
	}
	if (held == 0 && scene->why != REFUSAL_NONE) {
		result->error = refusal_name(scene->why);
		return;
	}
	if (held == 0)
		json_object_clear(result->got);
	if (held == 0 || scene->was_told_up)
		json_object_set_new(result->got, "available", json_boolean(held > 0));
}

static void decode(const struct vector *vector, struct vector_result *result)
{
	const json_t *messages = json_object_get(vector->in, "messages"), *message;
	struct scene scene = {0};
	size_t i;

	open_scene(&scene, vector);
	json_array_foreach(messages, i, message) take(&scene, message);
	if (messages == NULL)
		take(&scene, vector->in);
	look(&scene, vector, result);
	ha_book_free(scene.book);
}

/* ---- commanding what was taken over ---- */

static enum source_lease lease_of(const struct vector *vector, double lease_s)
{
	static const char *const words[] = {"none", "device", "refresh"};
	const char *word = json_string_value(json_object_get(vector->config, "lease"));

	for (int i = 0; i < (int)ARRAY_LENGTH(words) && word != NULL; i++) {
		if (strcmp(words[i], word) == 0)
			return (enum source_lease)(SOURCE_LEASE_NONE + i);
	}
	return lease_s > 0 ? SOURCE_LEASE_UNSUPPORTED : SOURCE_LEASE_NONE;
}

static void command(const struct vector *vector, struct vector_result *result)
{
	const json_t *messages = json_object_get(vector->in, "messages"), *message;
	const json_t *asked = json_object_get(vector->in, "command");
	const char *state = json_string_value(json_object_get(asked, "state"));
	double lease_s = json_number_value(json_object_get(asked, "lease_s"));
	struct scene scene = {0};
	const struct ha_bound *bound;
	enum source_command_answer answer = SOURCE_COMMAND_NONE;
	struct source_command sent;
	size_t i;

	open_scene(&scene, vector);
	json_array_foreach(messages, i, message) take(&scene, message);
	bound = ha_book_bound(scene.book, 0);
	note(&scene, bound->why);
	if (bound->binding != NULL) {
		struct source source = bound->binding->source;

		source.write.lease = lease_of(vector, lease_s);
		answer =
		    strcmp(state, "on") == 0
			? source_command_on(&sent, &source, llround(lease_s * MS_PER_SECOND), 1)
			: source_command_off(&sent, &source, 1);
	}
	if (scene.why != REFUSAL_NONE)
		result->error = refusal_name(scene.why);
	else if (answer != SOURCE_COMMAND_GOOD)
		result->error = source_command_answer_name(answer);
	else
		json_object_set_new(result->got, "send",
				    json_pack("[{s:s, s:s, s:b}]", "topic", sent.topic, "payload",
					      sent.payload, "retain", 0));
	ha_book_free(scene.book);
}

/* ---- announcing ---- */

static void announce(const struct vector *vector, struct vector_result *result)
{
	static struct house house;
	const json_t *site = json_object_get(vector->in, "site");
	const char *event = json_string_value(json_object_get(vector->in, "event"));
	char topic[HA_TOPIC_MAX], *room = malloc(HA_ANNOUNCE_MAX);
	struct text name = text_in(topic, sizeof topic), text = text_in(room, HA_ANNOUNCE_MAX);

	(void)event; /* at connect and at its birth message: the same */
	house_init(&house);
	house.home_assistant.is_on = true;
	snprintf(house.home_assistant.id.text, sizeof house.home_assistant.id.text, "%s",
		 json_string_value(json_object_get(site, "id")));
	house.battery_count = 1;
	house.batteries[0] = (struct battery_config){
	    .chemistry = CHEMISTRY_LFP, .capacity_wh = 10000, .power_w = 5000};
	snprintf(house.batteries[0].id.text, sizeof house.batteries[0].id.text, "%s",
		 json_string_value(json_object_get(site, "battery")));
	ha_announce_topic(&name, &house.home_assistant);
	ha_announce_write(&text, &house, "0", "");
	json_object_set_new(result->got, "send",
			    json_pack("[{s:s, s:s, s:b, s:i}]", "topic", topic, "payload", room,
				      "retain", true, "qos", 1));
	free(room);
}

/* ---- being asked ---- */

static void keep_request(const struct ha_command *command, const char *const *modes,
			 struct vector_result *result)
{
	json_t *request = json_object();

	switch (command->kind) {
	case HA_COMMAND_MODE:
		json_object_set_new(request, "mode", json_string(modes[command->choice]));
		break;
	case HA_COMMAND_RESERVE:
		json_object_set_new(request, "reserve_pct", json_real(command->number));
		break;
	case HA_COMMAND_ENABLE:
		json_object_set_new(request, "enable", json_boolean(command->is_on));
		break;
	case HA_COMMAND_ACKNOWLEDGE:
		json_object_set_new(request, "acknowledge", json_true());
		break;
	default:
		break;
	}
	json_object_set_new(result->got, "request", request);
}

static double bound_of(const json_t *config, const char *name, double otherwise)
{
	const json_t *bound = json_object_get(config, name);

	return json_is_number(bound) ? json_number_value(bound) : otherwise;
}

static void be_asked(const struct vector *vector, struct vector_result *result)
{
	const char *modes[WORDS_MAX + 1] = {0};
	const json_t *options = json_object_get(vector->config, "options");
	const struct ha_bounds bounds = {.reserve_min_pct = bound_of(vector->config, "min", 0),
					 .reserve_max_pct = bound_of(vector->config, "max", 95),
					 .modes = modes};
	struct ha_command command;
	size_t length;
	uint8_t *payload = vector_payload(vector->in, &length);
	enum ha_answer answer;

	for (size_t i = 0; i < json_array_size(options) && i < WORDS_MAX; i++)
		modes[i] = json_string_value(json_array_get(options, i));
	answer = ha_command_read(
	    &command, "amphora", json_string_value(json_object_get(vector->in, "topic")),
	    json_is_true(json_object_get(vector->in, "retained")), payload, length, &bounds);
	free(payload);
	if (answer == HA_TAKEN)
		keep_request(&command, modes, result);
	else if (answer != HA_NOT_OURS)
		result->error = ha_answer_name(answer);
}

void vector_run_home(const struct vector *vector, struct vector_result *result)
{
	if (strcmp(vector->dir, "publish") == 0)
		announce(vector, result);
	else if (strcmp(vector->dir, "command-in") == 0)
		be_asked(vector, result);
	else if (strcmp(vector->dir, "command") == 0)
		command(vector, result);
	else
		decode(vector, result);
}
