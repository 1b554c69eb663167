/* `amphora help`: the table of commands, the options and exit codes; or one command. */
#include <stdio.h>

#include "cli/screen.h"
#include "cli/show.h"

static const char OPTIONS[] =
    "\nOptions, anywhere on the line:\n"
    "  --socket PATH  the daemon's socket (default: $AMPHORA_SOCKET,\n"
    "                 else /run/amphora/amphora.sock)\n"
    "  --json         the API's answer as JSON\n"
    "  --csv          tables as CSV\n"
    "\nDurations: 90s, 15m, 2h, 1h30m. Times: 2026-11-25T18:00:00Z, -2h, today, now.\n"
    "\nExit codes: 0 ok, 1 failed, 2 usage, 3 daemon unreachable, 4 denied, 5 not found,\n"
    "6 refused by limits, 7 not confirmed.\n"
    "\nWithout a command on a terminal: a prompt.\n";

/* For programs: the commands alone, all or `one`. */
static void show_commands(const struct cli *cli, const struct cli_command *one)
{
	static const struct column COLUMNS[] = {
	    {"command", "command", COLUMN_TEXT},
	    {"arguments", "arguments", COLUMN_TEXT},
	    {"help", "help", COLUMN_TEXT},
	};
	json_t *rows = json_array();

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct cli_command *command = &COMMANDS[i];

		if (!one || one == command)
			json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "command",
							      command->name, "arguments",
							      command->arguments, "help",
							      command->help));
	}
	if (cli->format == FORMAT_JSON)
		json_show(stdout, rows);
	else
		rows_show(cli, stdout, rows, COLUMNS, ARRAY_LENGTH(COLUMNS), "");
	json_decref(rows);
}

static void show_all(void)
{
	char line[256];

	printf("usage: amphora [OPTIONS] COMMAND …\n\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		snprintf(line, sizeof(line), "  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].help);
		screen_print(line);
	}
	screen_print(OPTIONS);
}

int command_help(struct cli *cli, int argc, char **argv)
{
	const struct cli_command *command;

	if (!words_fit(argc, argv, 0, 1))
		return usage(cli);
	command = argc > 1 ? command_find(argv[1]) : NULL;
	if (argc > 1 && !command)
		return command_is_missing(argv[1]);
	if (cli->format != FORMAT_PEOPLE)
		show_commands(cli, command);
	else if (!command)
		show_all();
	else
		printf("usage: amphora %s %s\n\n%s\n", command->name, command->arguments, command->help);
	return EXIT_OK;
}
