/*
 * What Home Assistant sees of us, one row an entity. Internal to wire/ha_announce.c
 * and ha_command.c: an entity that takes commands is announced and obeyed by the same row.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "wire/ha_command.h"

enum ha_owner { HA_OF_SITE, HA_OF_BATTERY, HA_OF_RELAY, HA_OF_METER, HA_OF_PLAN };

#define HA_PLAN "plan" /* the plan's mode, with all that is told of the plan as attributes */
#define HA_FED "fed" /* of the grid's meter alone: no other has two directions */

struct ha_part {
	enum ha_owner owner;
	/* Ends the entity's key after the owner's name and `_`; has none in it, so that it ends
	 * there. */
	const char *suffix;
	const char *platform;
	const char *name;          /* for people, after the owner's */
	const char *member;        /* of the owner's state message; NULL: it has no state */
	const char *level;         /* of the command's topic; NULL: it takes none */
	enum ha_command_kind kind; /* of the command */
	const char *more;          /* what else there is to say, as JSON members */
};

size_t ha_part_count(void);
const struct ha_part *ha_part(size_t index);
