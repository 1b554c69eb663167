/*
 * What the nodes' programs have in common: a command line, a start, a loop until a
 * signal, an end. Each says in a table what is its own.
 */
#pragma once

#include <getopt.h>
#include <uv.h>

#include "base/text.h"

struct node_program {
	const char *name;
	const char *help;             /* what --help prints */
	const struct option *options; /* ends with NODE_PROGRAM_OPTIONS */

	/* Takes the option whose `val` is `option`; `flag` is its name for messages. */
	void (*take)(void *node, int option, const char *flag, const char *value);

	/* Whether what was given fits together; exits with a usage error where it does not. */
	void (*check)(void *node);

	/* 0, or a negative errno with a sentence in `error`; stop() follows in any case. */
	int (*start)(void *node, uv_loop_t *loop, struct text *error);
	void (*stop)(void *node);
};

/* The last rows of every table of options. */
#define NODE_PROGRAM_OPTIONS                                                   \
	{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'}, \
	{                                                                      \
		0                                                              \
	}

/*
 * Runs `program` on its own `node` until SIGTERM or SIGINT. Returns the exit
 * status: 0, or EXIT_FAILED where it could not start; exits with EXIT_USAGE for a
 * wrong command line.
 */
int node_program_run(const struct node_program *program, void *node, int argc, char **argv);
