/* What setup's files share: what is answered so far, and what was heard. */
#pragma once

#include <jansson.h>
#include <limits.h>

#include "cli/cli.h"
#include "wire/setup.h"

#define SETUP_WORDS_MAX 256
#define SETUP_LISTED_MAX 32
#define SETUP_PASSWORD_MAX 128

struct setup {
	struct cli *cli;
	struct setup_answers answers;
	uint32_t seconds;
	char output[PATH_MAX]; /* absolute */
	char password[SETUP_PASSWORD_MAX]; /* of the broker's user, until it is written */
	json_t *found;         /* the devices on the broker, as detect_json() has them */
};

/* Devices of one kind, as lines to choose from. */
struct setup_choice {
	size_t count;
	const json_t *devices[SETUP_LISTED_MAX];
	char words[SETUP_LISTED_MAX][SETUP_WORDS_MAX];
	const char *lines[SETUP_LISTED_MAX + 2]; /* with what else may be chosen */
};

void setup_list(struct setup_choice *choice, const struct setup *setup, const char *kind);

/* Listens to the broker, and keeps who is heard; false after a sentence of why it could not. */
bool setup_listen(struct setup *setup);

/* Whether a relay that nothing opens when we are gone may be used all the same. -EPIPE: nobody answers. */
int setup_ask_leaseless(bool *is_taken, const char *id) MUST_CHECK;

/* Writes the configuration: a new file, or in place of the one that setup wrote. Returns an exit code. */
int setup_write_file(const struct setup *setup, bool is_new);

/*
 * Starts the daemon, hears the battery and each relay, and has those tried that the person agrees to.
 * One that does not open by itself is used without a lease by the owner's word, or not at all: then the
 * file is written anew and the daemon started again. Returns an exit code; it has complained then.
 */
int setup_prove(struct setup *setup);

/*
 * Asks which switch has `role`, and whether one that does not open by itself may be used. Returns 0
 * with one relay more in the answers or none, -EPIPE where nobody answers, or another negative errno.
 */
int setup_ask_relay(struct setup *setup, enum relay_role role, const char *question) MUST_CHECK;
