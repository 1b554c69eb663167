/* `amphora help`: the table of commands, the options and exit codes; or one command. */
#include <stdio.h>

#include "cli/cli.h"

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

static void show_all(void)
{
	printf("usage: amphora [OPTIONS] COMMAND …\n\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].help);
	fputs(OPTIONS, stdout);
}

int command_help(struct cli *cli, int argc, char **argv)
{
	const struct cli_command *command;

	if (!words_fit(argc, argv, 0, 1))
		return usage(cli);
	if (argc == 1) {
		show_all();
		return EXIT_OK;
	}
	command = command_find(argv[1]);
	if (!command)
		return command_is_missing(argv[1]);
	printf("usage: amphora %s %s\n\n%s\n", command->name, command->arguments, command->help);
	return EXIT_OK;
}
