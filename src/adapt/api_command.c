/*
 * Commands: what a person asked of relays, followed until it has ended well or not.
 *
 * A command is not an effect. It is confirmed by each relay's readback alone; what
 * a limit holds back is pending until the limit lets it, or until it has ended.
 */
#include "adapt/api_command.h"

#include <sodium.h>
#include <string.h>

#include "adapt/api_internal.h"

#define FIRST_MAX 1000000000 /* leaves room for more than anybody asks for until the next start */

void api_commands_init(struct api_commands *commands)
{
	*commands = (struct api_commands){.last = randombytes_uniform(FIRST_MAX)};
}

const char *api_command_state_name(enum api_command_state state)
{
	static const char *const names[] = {"pending", "confirmed", "mismatch", "timeout", "ended"};

	return names[state];
}

static bool is_given(const struct override *override, uint32_t id)
{
	return (override->is_active || override->waits_for_clock) && override->id == id;
}

static bool has_failed(const struct relay_state *relay)
{
	return relay->phase == RELAY_MISMATCH || relay->phase == RELAY_TIMEOUT;
}

struct api_command api_command_of(const struct house *house, const struct site *site,
				  uint32_t override_id, bool is_cancel)
{
	struct api_command command = {.override_id = override_id, .is_cancel = is_cancel};

	for (size_t i = 0; i < house->relay_count; i++) {
		command.is_wished[i] = is_given(&site->relays[i].override, override_id);
		command.is_on[i] = site->relays[i].override.is_on;
		if (has_failed(&site->relays[i]))
			command.failed[i] = site->relays[i].command.number;
	}
	return command;
}

uint32_t api_command_add(struct api_commands *commands, const struct api_command *command)
{
	uint32_t number = ++commands->last;

	commands->list[number % API_COMMANDS_MAX] = *command;
	commands->list[number % API_COMMANDS_MAX].number = number;
	return number;
}

const struct api_command *api_command_find(const struct api_commands *commands, uint32_t number)
{
	const struct api_command *command = &commands->list[number % API_COMMANDS_MAX];

	return number > 0 && command->number == number ? command : NULL;
}

/*
 * One relay's part; a phase counts only once the relay is wished to be as was asked. An OFF that
 * had failed before is sent again without end: what comes of that counts, and not what came before.
 */
static enum api_command_state judge_relay(const struct api_command *command, size_t index,
					  const struct relay_state *relay)
{
	bool is_on = command->is_on[index];

	if (!is_given(&relay->override, command->override_id))
		return API_COMMAND_ENDED;
	if (relay->wished_on != is_on)
		return API_COMMAND_PENDING;
	if (!is_on && has_failed(relay) && relay->command.number == command->failed[index])
		return API_COMMAND_PENDING;
	switch (relay->phase) {
	case RELAY_CONFIRMED:
		return relay->is_heard && relay->status.is_on == is_on ? API_COMMAND_CONFIRMED
								       : API_COMMAND_PENDING;
	case RELAY_MISMATCH:
		return API_COMMAND_MISMATCH;
	case RELAY_TIMEOUT:
		return API_COMMAND_TIMEOUT;
	default:
		return API_COMMAND_PENDING;
	}
}

static enum api_command_state judge_cancel(const struct api_command *command,
					   const struct house *house, const struct site *site)
{
	for (size_t i = 0; i < house->relay_count; i++)
		if (is_given(&site->relays[i].override, command->override_id))
			return API_COMMAND_PENDING;
	return API_COMMAND_ENDED;
}

enum api_command_state api_command_judge(const struct api_command *command,
					 const struct house *house, const struct site *site)
{
	bool is_pending = false;
	enum api_command_state worst = API_COMMAND_CONFIRMED;

	if (command->state != API_COMMAND_PENDING)
		return command->state;
	if (command->is_cancel)
		return judge_cancel(command, house, site);
	for (size_t i = 0; i < house->relay_count; i++) {
		enum api_command_state state;

		if (!command->is_wished[i])
			continue;
		state = judge_relay(command, i, &site->relays[i]);
		is_pending |= state == API_COMMAND_PENDING;
		if (state > worst)
			worst = state;
	}
	return worst == API_COMMAND_CONFIRMED && is_pending ? API_COMMAND_PENDING : worst;
}

static bool is_of_any(const struct api_command *command)
{
	for (size_t i = 0; i < RELAYS_MAX; i++)
		if (command->is_wished[i])
			return true;
	return false;
}

static void forget_relay(struct api_command *command, size_t index)
{
	size_t behind = RELAYS_MAX - index - 1;
	bool was_wished = command->is_wished[index];

	memmove(&command->is_wished[index], &command->is_wished[index + 1],
		behind * sizeof(*command->is_wished));
	memmove(&command->is_on[index], &command->is_on[index + 1],
		behind * sizeof(*command->is_on));
	memmove(&command->failed[index], &command->failed[index + 1],
		behind * sizeof(*command->failed));
	command->is_wished[RELAYS_MAX - 1] = command->is_on[RELAYS_MAX - 1] = false;
	command->failed[RELAYS_MAX - 1] = 0;
	if (was_wished && command->state == API_COMMAND_PENDING && !is_of_any(command))
		command->state = API_COMMAND_ENDED;
}

void api_commands_forget_relay(struct api_commands *commands, size_t index)
{
	for (size_t i = 0; i < API_COMMANDS_MAX; i++)
		forget_relay(&commands->list[i], index);
}

/* ---- in the API ---- */

void api_commands_look(struct api *api)
{
	for (size_t i = 0; i < API_COMMANDS_MAX; i++) {
		struct api_command *command = &api->commands.list[i];
		enum api_command_state state;

		if (command->number == 0 || command->state != API_COMMAND_PENDING)
			continue;
		state = api_command_judge(command, api->host.house, api->host.site);
		if (state == command->state)
			continue;
		command->state = state;
		api_event_command(api, command);
	}
}

static json_t *relays_json(const struct api *api, const struct api_command *command)
{
	json_t *out = json_array();

	for (size_t i = 0; i < api->host.house->relay_count; i++)
		if (command->is_wished[i])
			json_array_append_new(out, json_string(api->host.house->relays[i].id.text));
	return out;
}

/* Of the relay that has longest; null once none has to answer. */
static json_t *deadline_json(const struct api *api, const struct api_command *command)
{
	struct now now = api->host.now(api->host.user);
	json_t *longest = json_null();

	for (size_t i = 0; i < api->host.house->relay_count; i++) {
		json_t *own = command->is_wished[i] && command->state == API_COMMAND_PENDING
				  ? api_deadline_left(api, i, now)
				  : json_null();

		if (json_number_value(own) >= json_number_value(longest) && !json_is_null(own)) {
			json_decref(longest);
			longest = own;
		} else {
			json_decref(own);
		}
	}
	return longest;
}

json_t *api_command_json(const struct api *api, uint32_t number)
{
	const struct api_command *command = api_command_find(&api->commands, number);

	return json_pack("{s:I, s:s, s:s, s:I, s:o, s:o}", "command", (json_int_t)number, "state",
			 api_command_state_name(command->state), "asked",
			 command->is_cancel ? "cancel" : "override", "override",
			 (json_int_t)command->override_id, "relays", relays_json(api, command),
			 "deadline_left_s", deadline_json(api, command));
}

void api_get_command(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	uint32_t number = api_path_number(request);

	api_commands_look(api);
	if (!api_command_find(&api->commands, number))
		http_problem_of(reply, 404, "not-found", "no command has this number any more");
	else
		api_reply(reply, 200, api_command_json(api, number));
}
