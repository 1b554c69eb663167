/*
 * `amphora`, the command line. It finds out where it runs (terminal or not,
 * colour or not, which socket) and hands the words to a command, or opens the prompt.
 */
#include <curl/curl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define SOCKET_USUAL "/run/amphora/amphora.sock"

static bool wants_colour(bool is_terminal)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return is_terminal && !(no_colour && no_colour[0]) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

/* Whether the words hold nothing but where to connect to: then a prompt is meant. */
static bool is_bare(struct cli *cli, int *argc, char **argv)
{
	return take_option(argc, argv, "--socket", &cli->socket) >= 0 && *argc == 1;
}

int main(int argc, char **argv)
{
	const char *socket = getenv("AMPHORA_SOCKET");
	struct cli cli = {.socket = socket && socket[0] ? socket : SOCKET_USUAL};
	char *help[] = {"help", NULL};
	int rc;

	setlocale(LC_CTYPE, ""); /* for typing at the prompt; numbers keep their dot */
	signal(SIGPIPE, SIG_IGN);
	cli.is_terminal = isatty(STDOUT_FILENO);
	cli.has_colour = wants_colour(cli.is_terminal);
	curl_global_init(CURL_GLOBAL_NOTHING);
	if (!is_bare(&cli, &argc, argv))
		rc = command_run(&cli, argc - 1, argv + 1);
	else if (isatty(STDIN_FILENO) && cli.is_terminal)
		rc = prompt_run(&cli);
	else {
		dup2(STDERR_FILENO, STDOUT_FILENO); /* the list is a message here, not data */
		command_run(&cli, 1, help);
		rc = EXIT_USAGE;
	}
	curl_global_cleanup();
	return rc;
}
