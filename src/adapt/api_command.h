/*
 * What a person has commanded, and what came of it: the relays' own answers.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/house.h"
#include "model/site.h"

#define API_COMMANDS_MAX 64 /* the last ones */

enum api_command_state {
	API_COMMAND_PENDING,
	API_COMMAND_CONFIRMED, /* each relay says that it is as asked */
	API_COMMAND_MISMATCH,  /* one says otherwise, and is not asked again */
	API_COMMAND_TIMEOUT,   /* one does not answer */
	API_COMMAND_ENDED,     /* it is not in force any more */
};

struct api_command {
	uint32_t number;      /* counted from one of chance at each start; 0: none */
	uint32_t override_id; /* the override that it began, or is to end */
	bool is_cancel;
	bool is_wished[RELAYS_MAX], is_on[RELAYS_MAX];
	uint64_t failed[RELAYS_MAX]; /* what had failed before it: that relay's last number, or 0 */
	enum api_command_state state;
};

struct api_commands {
	uint32_t last;
	struct api_command list[API_COMMANDS_MAX]; /* number n is at n % API_COMMANDS_MAX */
};

/*
 * Begins to count where no other start did, so that whoever asks for a command of before a restart
 * is told that there is none, and not of another's.
 */
void api_commands_init(struct api_commands *commands);

/* "pending", "confirmed", "mismatch", "timeout", "ended" */
const char *api_command_state_name(enum api_command_state state);

/* Of the override as it stands in `site`, or that it is to end; without a number yet. */
struct api_command api_command_of(const struct house *house, const struct site *site,
				  uint32_t override_id, bool is_cancel);

/* Gives it a number, which is returned, and follows it from now on. */
uint32_t api_command_add(struct api_commands *commands, const struct api_command *command);

/* NULL where no command has that number, or not any more. */
const struct api_command *api_command_find(const struct api_commands *commands, uint32_t number);

/*
 * The relay `index` has left the house, and those behind it have moved up by one: what was asked of
 * it alone and is pending has ended.
 */
void api_commands_forget_relay(struct api_commands *commands, size_t index);

/* What has become of `command` in `site`; only what is pending changes. */
enum api_command_state api_command_judge(const struct api_command *command,
					 const struct house *house, const struct site *site);
