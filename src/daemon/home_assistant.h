/*
 * Home Assistant over the broker, both ways: home.c tells it of us and takes its commands,
 * home_take.c takes what others announced there as sensors, home_switch.c as relays.
 */
#pragma once

#include "daemon/daemon.h"

/* --- home.c --- */

/* The last two are for commands. */
enum { HOME_TOPICS_OF_STATE = 3, HOME_TOPICS = 5 };

struct home_topics {
	char text[HOME_TOPICS][MQTT_TEXT_MAX];
	const char *list[HOME_TOPICS];
};

int home_open(struct daemon *daemon, struct text *error) MUST_CHECK;

/*
 * The house has other batteries than in `announced`, what home_announced() gave before, which is
 * freed here: `left` was among them (BATTERIES_MAX: none was). All is announced anew.
 */
char *home_announced(const struct daemon *daemon);
void home_rehoused(struct daemon *daemon, char *announced, size_t left);

/* Adds to a connection's options what it hears and what its will is, in `topics`. */
void home_listen(struct daemon *daemon, struct mqtt_control_options *options,
		 struct home_topics *topics);

/* That connection has come or gone; a message came on one of those topics. */
void home_up(struct daemon *daemon, bool is_up);
void home_heard(struct daemon *daemon, const struct mqtt_message *message);

/* Once a second: announces and tells states where that is due. */
void home_second(struct daemon *daemon);

/* Says that we are gone; before the connection is closed. */
void home_close(struct daemon *daemon);

/* --- home_take.c --- */

int home_take_open(struct daemon *daemon, struct text *error) MUST_CHECK;
void home_take_close(struct daemon *daemon);

/* --- home_switch.c --- */

/* Commands or asks the relay where it is a switch of Home Assistant's. Returns whether it is. */
bool home_switch_command(struct daemon *daemon, const struct command *command);
