/*
 * What every command of `amphora` shares: how it was called, what it may
 * print, how it ends.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"

/* How a command ends; documented in man/amphora.1 and by `amphora help`. */
enum cli_exit {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3,
	EXIT_DENIED = 4,
	EXIT_NOT_FOUND = 5,
	EXIT_REFUSED = 6,
	EXIT_NOT_CONFIRMED = 7,
};

enum cli_format { FORMAT_PEOPLE, FORMAT_JSON, FORMAT_CSV };

struct client;

struct cli {
	const char *socket; /* borrowed */
	enum cli_format format;
	bool is_terminal; /* standard output is one */
	bool has_colour;
	struct client *client;             /* made at the first call; owned */
	bool has_zone;                     /* the house's zone is this process's (base/zone.h) */
	int32_t utc_offset_s;              /* of the house now, where its zone is not known here */
	const struct cli_command *command; /* the one that runs, for its usage */
};

/* A row of the table of commands. `argv[0]` is the command's name; `argv` may be reordered. */
struct cli_command {
	const char *name;
	const char *arguments; /* as `help` shows them */
	const char *help;      /* one line */
	int (*run)(struct cli *cli, int argc, char **argv);
};

/* The table, in alphabetical order. */
extern const struct cli_command COMMANDS[];
extern const size_t COMMAND_COUNT;

/* The row of `name`, or NULL. */
const struct cli_command *command_find(const char *name);

/* Complains of a name that is no command's, with the nearest one; returns EXIT_USAGE. */
int command_is_missing(const char *name);

/*
 * Runs the words of one command line, without the program's name, global
 * options anywhere among them. Returns the exit code.
 */
int command_run(const struct cli *cli, int argc, char **argv);

/* What to add to UTC at `at` for the house's time; `cli` is a struct cli: a moment_offset(). */
int32_t house_offset_s(const void *cli, struct wall_time at);

/* Prints how the running command is called, on standard error. Returns EXIT_USAGE. */
int usage(const struct cli *cli);

/* A message for a person, on standard error: "amphora: …". */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Takes `name VALUE` or `name=VALUE` out of the words after argv[0]. Returns
 * 1 and the value, 0 where it is not there, -EINVAL where its value is missing.
 */
int take_option(int *argc, char **argv, const char *name, const char **value) MUST_CHECK;

/* Likewise for an option without a value. */
bool take_flag(int *argc, char **argv, const char *name);

/* Whether `count` words after argv[0] are within min..max and none looks like an unknown option. */
bool words_fit(int argc, char **argv, int min, int max);

/* Whether the word is an id as `alerts` and `override list` show them: a whole number. */
bool word_is_id(const char *word);

int command_alerts(struct cli *cli, int argc, char **argv);
int command_audit(struct cli *cli, int argc, char **argv);
int command_backtest(struct cli *cli, int argc, char **argv);
int command_bundle(struct cli *cli, int argc, char **argv);
int command_db(struct cli *cli, int argc, char **argv);
int command_detect(struct cli *cli, int argc, char **argv);
int command_doctor(struct cli *cli, int argc, char **argv);
int command_events(struct cli *cli, int argc, char **argv);
int command_explain(struct cli *cli, int argc, char **argv);
int command_export(struct cli *cli, int argc, char **argv);
int command_get(struct cli *cli, int argc, char **argv);
int command_health(struct cli *cli, int argc, char **argv);
int command_help(struct cli *cli, int argc, char **argv);
int command_history(struct cli *cli, int argc, char **argv);
int command_import(struct cli *cli, int argc, char **argv);
int command_nodes(struct cli *cli, int argc, char **argv);
int command_open(struct cli *cli, int argc, char **argv);
int command_override(struct cli *cli, int argc, char **argv);
int command_plan(struct cli *cli, int argc, char **argv);
int command_prices(struct cli *cli, int argc, char **argv);
int command_relay(struct cli *cli, int argc, char **argv);
int command_replay(struct cli *cli, int argc, char **argv);
int command_set(struct cli *cli, int argc, char **argv);
int command_settings(struct cli *cli, int argc, char **argv);
int command_setup(struct cli *cli, int argc, char **argv);
int command_shutdown(struct cli *cli, int argc, char **argv);
int command_status(struct cli *cli, int argc, char **argv);
int command_token(struct cli *cli, int argc, char **argv);
int command_unset(struct cli *cli, int argc, char **argv);
int command_user(struct cli *cli, int argc, char **argv);
int command_version(struct cli *cli, int argc, char **argv);

/* The prompt of a bare `amphora` on a terminal; runs until the end of input. */
int prompt_run(const struct cli *cli);
