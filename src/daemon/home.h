/*
 * Home Assistant over the broker: what home.c (announcing, states) and
 * home_command.c (what it asks for) share. Nobody else includes it.
 */
#pragma once

#include "adapt/audit_pace.h"
#include "daemon/daemon.h"
#include "wire/ha_announce.h"
#include "wire/ha_command.h"

/* What was published last on one topic of states. */
struct home_state {
	uint64_t hash; /* 0: it is to go out again, whatever it is */
	uint64_t at;   /* the loop's time */
};

struct home {
	struct daemon *daemon;
	char *gone;        /* see ha_announce_gone(); owned, may be NULL */
	bool is_read_back; /* what the broker kept of us has come, or nothing will */
	bool is_announced; /* since the connection stands */
	bool shows_again;  /* states once more, LISTENS_MS after announcing */
	uint64_t up_at, announced_at, published_at; /* the loop's time */
	int32_t minutes[BATTERIES_MAX];
	char outcome[HA_WORDS_MAX];
	struct home_state batteries[BATTERIES_MAX], relays[RELAYS_MAX], meters[METER_COUNT], site, plan;
	uint64_t commands_full_at; /* the loop's time when all are allowed again */
	struct audit_pace pace;    /* of rows about what was refused */
};

/* A message on a command's topic. Returns whether it was one. */
bool home_command(struct home *home, const struct mqtt_message *message);

/* Once a second, and with `is_last` at the end: sums up what was refused. */
void home_command_sum_up(struct home *home, bool is_last);

/* What was asked for is told by state, also where nothing came of it. */
void home_show_anew(struct home *home);
