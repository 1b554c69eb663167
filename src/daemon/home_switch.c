/*
 * Switches that others announced to Home Assistant, as relays without a lease: commanded as
 * any device of another make (adapt/source_relay.h), by the source that the announcement makes.
 *
 * One that is not announced has a source without a command: what is asked of it fails.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/home_assistant.h"
#include "daemon/home_take_parts.h"

static const struct source nothing; /* neither says nor takes anything */

static int publish(void *user, const char *topic, const char *payload)
{
	struct daemon *daemon = user;

	if (daemon->control == NULL)
		return -ENOTCONN;
	return mqtt_control_publish(daemon->control, topic, payload, strlen(payload), 0, false);
}

/* ---- time ---- */

static void plan_turn(struct home_take *take);

static void on_timer(uv_timer_t *timer)
{
	struct home_take *take = timer->data;
	struct mono_time now = clock_mono(&take->daemon->clock);

	for (size_t i = 0; i < take->switch_count; i++)
		source_relay_turn(&take->relays[take->relay_of[i]], now);
	plan_turn(take);
}

static void plan_turn(struct home_take *take)
{
	struct mono_time now = clock_mono(&take->daemon->clock);
	int64_t due_ms = SOURCE_RELAY_READ_MS;

	for (size_t i = 0; i < take->switch_count; i++) {
		int64_t own_ms = source_relay_due_ms(&take->relays[take->relay_of[i]], now);

		due_ms = own_ms < due_ms ? own_ms : due_ms;
	}
	if (take->switch_count > 0)
		uv_timer_start(&take->timer, on_timer, clock_real_ms(&take->daemon->clock, due_ms),
			       0);
}

/* ---- what happens ---- */

bool home_switch_command(struct daemon *daemon, const struct command *command)
{
	struct home_take *take = daemon->home_take;
	struct mono_time now = clock_mono(&daemon->clock);
	struct source_relay *relay;

	if (take == NULL || daemon->house.relays[command->index].entity[0] == '\0')
		return false;
	relay = &take->relays[command->index];
	if (command->kind == COMMAND_READ)
		source_relay_read(relay, now);
	else
		source_relay_command(relay, &command->relay, command->relay.number, now);
	if (relay->source == &nothing && relay->failure_is_pending) {
		/* Out of reach, and not one that refuses: OFF is tried until it is announced. */
		relay->is_refused = false;
		snprintf(relay->detail, sizeof relay->detail, "its entity is not announced");
	}
	plan_turn(take);
	return true;
}

void home_switch_bound(struct home_take *take, size_t wish, const struct ha_bound *bound)
{
	size_t index = take->relay_of[wish - take->switch_wish];
	struct source_relay *relay = &take->relays[index];
	struct mono_time now = clock_mono(&take->daemon->clock);

	/* What was under way ends with the switch that it was for. */
	relay->source = &nothing;
	source_relay_up(relay, false, now);
	source_relay_init(relay, index, &take->daemon->house.relays[index].id,
			  bound->binding != NULL ? &bound->binding->source : &nothing,
			  &take->handlers, now);
	plan_turn(take);
}

void home_switch_heard(struct home_take *take, const struct source_message *message)
{
	struct source_now now = home_take_now(take);

	for (size_t i = 0; i < take->switch_count; i++) {
		struct source_relay *relay = &take->relays[take->relay_of[i]];

		if (source_has_topic(relay->source, message->topic))
			source_relay_take(relay, message, &now);
	}
	plan_turn(take);
}

void home_switch_up(struct home_take *take, bool is_up)
{
	for (size_t i = 0; i < take->switch_count; i++)
		source_relay_up(&take->relays[take->relay_of[i]], is_up,
				clock_mono(&take->daemon->clock));
	plan_turn(take);
}

/* ---- opening ---- */

size_t home_switch_wishes(struct home_take *take, struct ha_wish *wishes, size_t count)
{
	const struct house *house = &take->daemon->house;

	take->switch_wish = count;
	for (size_t i = 0; i < house->relay_count && count < HA_WISHES_MAX; i++) {
		struct ha_wish *wish = &wishes[count];
		struct text name = text_in(wish->unique_id, sizeof wish->unique_id);

		if (house->relays[i].entity[0] == '\0')
			continue;
		text_add(&name, "%s", house->relays[i].entity);
		wish->field = SOURCE_STATE;
		wish->is_named = true;
		wish->lease = SOURCE_LEASE_NONE;
		wish->stale_after_ms =
		    MS_PER_DAY; /* how it stands is asked and judged by the core */
		take->relay_of[take->switch_count++] = i;
		count++;
	}
	return count;
}

void home_switch_open(struct home_take *take)
{
	struct mono_time now = clock_mono(&take->daemon->clock);

	uv_timer_init(take->daemon->loop, &take->timer);
	take->timer.data = take;
	take->handlers = (struct source_relay_handlers){
	    .user = take->daemon,
	    .publish = publish,
	    .on_status = daemon_hub_handlers.on_relay_status,
	    .on_failed = daemon_hub_handlers.on_relay_failed,
	};
	for (size_t i = 0; i < take->switch_count; i++) {
		size_t index = take->relay_of[i];

		source_relay_init(&take->relays[index], index,
				  &take->daemon->house.relays[index].id, &nothing, &take->handlers,
				  now);
	}
	plan_turn(take);
}
