/*
 * The table of commands, and how one line of words becomes a call. Each
 * command stands in a file of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "wire/nearest.h"

#define WORDS_MAX 128

const struct cli_command COMMANDS[] = {
    {"alerts", "[list | ack ID | test]",
     "what a person should know, and where it goes; acknowledge one; send a test", command_alerts},
    {"audit", "[--from TIME] [--to TIME] [--limit N]",
     "who asked for what through the API, and what was answered", command_audit},
    {"backtest",
     "--csv FILE (--strategy none|self-use|tou|topup|plan|perfect | --frontier) [--capacity KWH] "
     "[--power KW] [--temperature C] "
     "[--efficiency SHARE] [--export-price N|FILE] [--wear N] [--cycles N] [--import-limit W] [--soc-start PCT] "
     "[--relays independent|exclusive] [--plot FILE.svg] [--output FILE.csv]",
     "what a battery would have cost or saved a home, from a record of it", command_backtest},
    {"bundle", "[--output FILE] [--config FILE]",
     "an archive for who helps: how all is now, without secrets", command_bundle},
    {"db",
     "migrate | partition --user ADMIN [--password-file FILE] [--grant-to USER] (--config FILE | "
     "--database "
     "NAME (--host HOST [--port N] | --db-socket PATH) [--tls required|off] [--tls-ca FILE])",
     "make the tables at the database server; add the months to come", command_db},
    {"detect",
     "[--broker HOST[:PORT]] [--user NAME --password-file FILE] [--config FILE] [--seconds N] "
     "[--listen-only]",
     "who is on a broker, with the lines of configuration for each", command_detect},
    {"doctor", "[--config FILE]", "look at each part, and say what is wrong and what to do",
     command_doctor},
    {"events", "[-w] [--last N]", "what happened last; -w goes on", command_events},
    {"explain", "[BATTERY] [--last N]",
     "why each battery does what it does, and what would flip it", command_explain},
    {"export",
     "[NODE] [--relays|--decisions|--meters] [--format csv|json|sqlite] [--from TIME] [--to TIME] [--output "
     "FILE]",
     "all stored readings (or relay states), however many, into a file", command_export},
    {"get", "[BATTERY.]NAME", "the value of a setting and where it comes from", command_get},
    {"health", "[BATTERY]", "limits, cycles and where a battery has lived", command_health},
    {"help", "[COMMAND]", "this list, or one command", command_help},
    {"history", "[NODE] [--from TIME] [--to TIME] [--level LEVEL] [--limit N] [--relays|--meters]",
     "readings (or relay states, or meters), single or in steps; the last hour by default", command_history},
    {"import", "FILE|-", "bring readings back that were exported as CSV; each is stored once",
     command_import},
    {"nodes", "[admit NODE | forget NODE | look ADDRESS]",
     "sensors and relays, also unknown ones; lets them in",
     command_nodes},
    {"open", "", "where the page is, with a code that logs you in; opened where there is a desktop",
     command_open},
    {"override", "list | add BATTERY charge|discharge|hold --for DURATION | cancel ID",
     "take over a battery for a while", command_override},
    {"plan", "[show | explain [TIME] | what-if NAME=VALUE ...] [--battery BATTERY]",
     "what comes, why, what it is expected to cost beside the simple rules, and what other limits "
     "would make of it",
     command_plan},
    {"prices", "[--from TIME] [--to TIME]",
     "what energy costs today and tomorrow, and how those do that publish it", command_prices},
    {"relay", "list | set RELAY on|off --for DURATION | trial RELAY [--config FILE] [--yes]",
     "relays; switch one for a while, within the limits; try whether one opens by itself",
     command_relay},
    {"replay",
     "[--from TIME] [--to TIME] [--journal FILE] [--config FILE] [--set [BATTERY.]NAME=VALUE ...]",
     "make the stored decisions again, and see that they are the same; or what other settings would "
     "have done",
     command_replay},
    {"set", "[BATTERY.]NAME VALUE", "change a setting; beats the file until unset", command_set},
    {"settings", "[BATTERY]", "all settings, what the file says and what was set",
     command_settings},
    {"setup", "[--output FILE] [--broker HOST[:PORT]] [--seconds N]",
     "from nothing to a daemon that watches: asks, writes a configuration, tries it",
     command_setup},
    {"shutdown", "", "relays to the safe state, journal flushed, daemon stopped", command_shutdown},
    {"status", "[-w]", "how everything stands; -w keeps it on the screen", command_status},
    {"token", "[list | add NAME --role view|control | remove NAME]", "what programs show over TCP",
     command_token},
    {"unset", "[BATTERY.]NAME", "undo `set`", command_unset},
    {"user",
     "[list | add NAME --role view|control | password NAME | role NAME view|control | remove NAME]",
     "who may log in over TCP; asks for the password", command_user},
    {"version", "", "versions of client and daemon", command_version},
};

const size_t COMMAND_COUNT = ARRAY_LENGTH(COMMANDS);

const struct cli_command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(COMMANDS[i].name, name) == 0)
			return &COMMANDS[i];
	}
	return NULL;
}

int command_is_missing(const char *name)
{
	struct nearest nearest = nearest_to(name);

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		nearest_offer(&nearest, COMMANDS[i].name);
	if (nearest.best != NULL)
		complain("no such command: %s; did you mean %s?", name, nearest.best);
	else
		complain("no such command: %s (see `amphora help`)", name);
	return EXIT_USAGE;
}

/* Whether --csv names a file, and not how tables are shown. */
static bool reads_csv(int argc, char **argv)
{
	const struct cli_command *command = argc > 1 ? command_find(argv[1]) : NULL;

	return command != NULL && command->run == command_backtest;
}

/* Takes the options that every command knows. Returns 0 or -EINVAL. */
static int take_global(struct cli *cli, int *argc, char **argv)
{
	int rc = take_option(argc, argv, "--socket", &cli->socket);

	if (take_flag(argc, argv, "--json"))
		cli->format = FORMAT_JSON;
	if (!reads_csv(*argc, argv) && take_flag(argc, argv, "--csv"))
		cli->format = FORMAT_CSV;
	if (rc < 0)
		complain("--socket needs a path");
	return rc < 0 ? rc : 0;
}

/* `--help` and `--version`, wherever they stand, are the commands of that name. */
static int take_help(int argc, char **words)
{
	bool is_version = take_flag(&argc, words, "--version");
	bool is_help = take_flag(&argc, words, "--help");

	is_help = take_flag(&argc, words, "-h") || is_help || argc < 2;
	if (is_version) {
		words[1] = "version";
		argc = 2;
	} else if (is_help) {
		words[2] = argc < 2 ? NULL : words[1];
		words[1] = "help";
		argc = argc < 2 ? 2 : 3;
	}
	words[argc] = NULL;
	return argc;
}

int command_run(const struct cli *cli, int argc, char **argv)
{
	struct cli own = *cli;
	char *words[WORDS_MAX + 3] = {"amphora"}; /* options are looked for after a name */
	int rc;

	if (argc > WORDS_MAX) {
		complain("too many words");
		return EXIT_USAGE;
	}
	memcpy(&words[1], argv, (size_t)argc * sizeof(*argv));
	argc++;
	if (take_global(&own, &argc, words) < 0)
		return EXIT_USAGE;
	argc = take_help(argc, words);
	own.command = command_find(words[1]);
	if (!own.command) {
		return command_is_missing(words[1]);
	}
	own.client = NULL;
	rc = own.command->run(&own, argc - 1, &words[1]);
	client_free(own.client);
	if (fflush(stdout) != 0 && rc == EXIT_OK)
		return EXIT_FAILED;
	return rc;
}
