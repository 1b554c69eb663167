/*
 * Entities that others announced to Home Assistant, as a battery's sensor; its switches are
 * home_switch.c's.
 *
 * Each entity has one value. A reading is whole when charge and temperature have both come anew,
 * and as old as the older of them. One of them alone, or another value, makes a reading
 * that is given as of a burst: it may open, and neither closes nor renews anything. From there
 * on it is a sensor's message like any other: decided on, recorded, refused.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/password.h"
#include "base/log.h"
#include "daemon/home_assistant.h"
#include "daemon/home_take_parts.h"
#include "wire/json_text.h"

#define PASSWORD_TEXT_MAX 128
#define READING_MAX 512
#define KEEPALIVE_S 30

/* So long between two that any that comes sooner is of a burst. */
#define PART_INTERVAL_S 86400

/* The fields of a battery, by the key of our own message (docs/protocol.md). */
static const struct {
	enum source_field field;
	const char *member;
	bool is_required;
} parts[] = {
    {SOURCE_SOC, "SoC", true},    {SOURCE_TEMP, "Temp", true},  {SOURCE_TEMP_MAX, "TempMax", false},
    {SOURCE_VOLTAGE, "V", false}, {SOURCE_CURRENT, "A", false}, {SOURCE_POWER, "W", false},
};

#define PARTS ARRAY_LENGTH(parts)
_Static_assert(PARTS == HOME_PARTS, "a battery has as many values");

static const char *entity_of(const struct home_take_config *take, enum source_field field)
{
	switch (field) {
	case SOURCE_SOC:
		return take->soc;
	case SOURCE_TEMP:
		return take->temp;
	case SOURCE_TEMP_MAX:
		return take->temp_max;
	case SOURCE_VOLTAGE:
		return take->voltage;
	case SOURCE_CURRENT:
		return take->current;
	default:
		return take->power;
	}
}

/* ---- readings ---- */

/* A reading being put together. */
struct draft {
	bool has[PARTS];
	double value[PARTS];
	struct mono_time measured[PARTS];
};

static bool is_directed(enum source_field field)
{
	return field == SOURCE_CURRENT || field == SOURCE_POWER;
}

/* What is held of a part; or what was just refused as out of range, so that all of it is. */
static void add_part(struct draft *draft, size_t part, const struct ha_bound *bound,
		     struct mono_time now)
{
	int64_t age_ms;

	draft->measured[part] = bound->slot.measured;
	if (bound->news.why == REFUSAL_OUT_OF_RANGE) {
		draft->has[part] = true;
		draft->value[part] = bound->news.refused_value;
		return;
	}
	draft->has[part] = bound->binding != NULL &&
			   source_value(&draft->value[part], &age_ms, &bound->binding->source,
					&bound->state, parts[part].field, now);
}

static bool has_needed(const struct draft *draft)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (parts[i].is_required && !draft->has[i])
			return false;
	}
	return true;
}

/* Whether each part that it needs has come since the last whole one; `oldest` then is of these. */
static bool is_whole(const struct home_take *take, size_t index, const struct draft *draft,
		     struct mono_time *oldest)
{
	bool is_any = false;

	for (size_t i = 0; i < PARTS; i++) {
		struct mono_time measured = draft->measured[i];

		if (!parts[i].is_required)
			continue;
		if (take->has_given[index] && mono_since(measured, take->given[index][i]) <= 0)
			return false;
		if (!is_any || mono_since(*oldest, measured) > 0)
			*oldest = measured;
		is_any = true;
	}
	return true;
}

/* When it was measured, where it is whole and our clock is to be believed; else how it counts. */
static void write_time(struct home_take *take, size_t index, const struct draft *draft,
		       struct json_text *object)
{
	struct now now = daemon_now(take->daemon);
	struct mono_time oldest = now.mono;

	if (!is_whole(take, index, draft, &oldest)) {
		json_text_integer(object, "interval", PART_INTERVAL_S);
		return;
	}
	take->has_given[index] = true;
	memcpy(take->given[index], draft->measured, sizeof take->given[index]);
	if (now.wall_is_trusted)
		json_text_integer(object, "ts", now.wall.ms - mono_since(now.mono, oldest));
}

static void write_reading(struct home_take *take, size_t index, const struct draft *draft,
			  struct text *out)
{
	const struct home_take_config *config = &take->daemon->house.home_assistant.takes[index];
	struct json_text object = json_text_open(out);

	json_text_string(&object, "node", take->daemon->house.batteries[config->battery].node.text);
	for (size_t i = 0; i < PARTS; i++) {
		bool is_turned =
		    is_directed(parts[i].field) && config->positive == HOME_POSITIVE_DISCHARGE;

		if (draft->has[i])
			json_text_real(&object, parts[i].member,
				       is_turned ? -draft->value[i] : draft->value[i]);
	}
	write_time(take, index, draft, &object);
	json_text_close(&object);
}

static void make_reading(struct home_take *take, const struct ha_book *book, size_t index,
			 const char *topic)
{
	struct daemon *daemon = take->daemon;
	const struct home_take_config *config = &daemon->house.home_assistant.takes[index];
	struct mono_time now = daemon_now(daemon).mono;
	bool has_room = daemon_has_room(daemon);
	char payload[READING_MAX];
	struct text text = text_in(payload, sizeof payload);
	struct draft draft = {0};
	struct arrival arrival = {
	    .topic = topic,
	    .node = &daemon->house.batteries[config->battery].node,
	    .payload = payload,
	    .is_stored = has_room,
	};

	for (size_t i = 0; i < PARTS; i++) {
		if (take->wish[index][i] >= 0)
			add_part(&draft, i, ha_book_bound(book, (size_t)take->wish[index][i]), now);
	}
	if (!has_needed(&draft))
		return;
	write_reading(take, index, &draft, &text);
	arrival.length = text.length;
	arrival.payload_hash = hash_bytes(payload, text.length);
	/* As of a CoAP sensor: without room it drives control, and is not stored. */
	daemon->status.journal.dropped += !has_room;
	readings_take(daemon, &arrival);
}

/* ---- what the listener tells ---- */

struct source_now home_take_now(const struct home_take *take)
{
	struct now now = daemon_now(take->daemon);

	return (struct source_now){
	    .mono = now.mono, .has_wall = now.wall_is_trusted, .wall = now.wall};
}

static struct source_now listener_now(void *user)
{
	return home_take_now(user);
}

static void note_presence(struct home_take *take, size_t index, enum source_presence presence)
{
	size_t battery = take->daemon->house.home_assistant.takes[index].battery;

	if (presence != SOURCE_UNTOLD)
		take->daemon->status.presence[battery] =
		    presence == SOURCE_UP ? PRESENCE_ONLINE : PRESENCE_OFFLINE;
}

/* One message may have several parts: they make one reading. */
static void on_news(void *user, const struct ha_book *book, const struct source_message *message)
{
	struct home_take *take = user;

	home_switch_heard(take, message);

	for (size_t i = 0; i < take->daemon->house.home_assistant.take_count; i++) {
		const char *topic = NULL;

		for (size_t k = 0; k < PARTS; k++) {
			const struct ha_bound *bound =
			    take->wish[i][k] < 0 ? NULL
						 : ha_book_bound(book, (size_t)take->wish[i][k]);

			if (bound == NULL || !bound->news.is_ours)
				continue;
			note_presence(take, i, bound->news.available);
			if (bound->news.why != REFUSAL_NONE)
				take->daemon->status.refused[bound->news.why]++;
			if (bound->news.got != 0 || bound->news.why == REFUSAL_OUT_OF_RANGE)
				topic = bound->binding->row.topic;
		}
		if (topic != NULL)
			make_reading(take, book, i, topic);
	}
}

static void on_up(void *user, bool is_up)
{
	home_switch_up(user, is_up);
}

static void on_bound(void *user, size_t wish, const struct ha_bound *bound)
{
	struct home_take *take = user;
	const char *name = source_field_info(bound->wish.field)->name;

	if (wish >= take->switch_wish)
		home_switch_bound(take, wish, bound);
	if (bound->binding != NULL)
		log_info("home_assistant: entity %s is taken as %s, from %s", bound->wish.unique_id,
			 name, bound->binding->row.topic);
	else if (bound->is_found)
		log_warning("home_assistant: entity %s cannot be %s: %s", bound->wish.unique_id,
			    name, refusal_name(bound->why));
	else
		log_warning("home_assistant: entity %s (%s) is announced no more",
			    bound->wish.unique_id, name);
}

/* ---- opening ---- */

static size_t collect_wishes(struct home_take *take, struct ha_wish *wishes)
{
	const struct home_assistant_config *home = &take->daemon->house.home_assistant;
	size_t count = 0;

	for (size_t i = 0; i < home->take_count; i++) {
		const struct settings *settings =
		    &take->daemon->site.settings[home->takes[i].battery];

		for (size_t k = 0; k < PARTS; k++) {
			struct ha_wish *wish = &wishes[count];
			struct text name = text_in(wish->unique_id, sizeof wish->unique_id);

			take->wish[i][k] = -1;
			text_add(&name, "%s", entity_of(&home->takes[i], parts[k].field));
			if (name.length == 0)
				continue;
			wish->field = parts[k].field;
			wish->is_named = true;
			wish->stale_after_ms = setting(settings, PARAMETER_STALE_AFTER);
			take->wish[i][k] = (int)count++;
		}
	}
	return home_switch_wishes(take, wishes, count);
}

static int open_listener(struct home_take *take, const struct ha_wish *wishes, size_t count,
			 struct text *error)
{
	const struct house *house = &take->daemon->house;
	struct ha_listener_events events = {.user = take,
					    .now = listener_now,
					    .on_news = on_news,
					    .on_up = on_up,
					    .on_bound = on_bound};
	struct mqtt_link_options options;
	char password[PASSWORD_TEXT_MAX] = "";
	int result = password_read(password, sizeof password, house->broker.password_file, error);

	if (result == 0)
		result = mqtt_broker_options(&options, &house->broker, password, "-home");
	options.keepalive_s = KEEPALIVE_S;
	if (result == 0)
		result = ha_listener_new(&take->listener, take->daemon->loop, &options,
					 house->home_assistant.prefix, wishes, count, &events);
	explicit_bzero(password, sizeof password);
	explicit_bzero(options.password, sizeof options.password);
	return result;
}

static bool is_wanted(const struct house *house)
{
	for (size_t i = 0; i < house->relay_count; i++) {
		if (house->relays[i].entity[0] != '\0')
			return true;
	}
	return house->home_assistant.take_count > 0;
}

int home_take_open(struct daemon *daemon, struct text *error)
{
	struct ha_wish *wishes;
	size_t count;
	int result;

	if (!is_wanted(&daemon->house))
		return 0;
	wishes = calloc(HA_WISHES_MAX, sizeof *wishes);
	daemon->home_take = calloc(1, sizeof *daemon->home_take);
	if (wishes == NULL || daemon->home_take == NULL) {
		free(wishes);
		free(daemon->home_take);
		daemon->home_take = NULL;
		return -ENOMEM;
	}
	daemon->home_take->daemon = daemon;
	count = collect_wishes(daemon->home_take, wishes);
	home_switch_open(daemon->home_take);
	result = open_listener(daemon->home_take, wishes, count, error);
	free(wishes);
	return result;
}

static void dispose(uv_handle_t *handle)
{
	free(handle->data);
}

void home_take_close(struct daemon *daemon)
{
	struct home_take *take = daemon->home_take;

	if (take == NULL)
		return;
	ha_listener_free(take->listener);
	daemon->home_take = NULL;
	uv_close((uv_handle_t *)&take->timer, dispose);
}
