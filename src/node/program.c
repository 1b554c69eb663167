/*
 * A node's program from its command line to its end, see program.h. Values are read
 * in arguments.c; what a node is, and what it does at the end, is its own.
 */
#include "node/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/version.h"
#include "node/arguments.h"

#define ERROR_MAX 512
#define FLAG_MAX 32

static void read_options(const struct node_program *program, void *node, int argc, char **argv)
{
	int option, index = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", program->options, &index)) != -1) {
		char flag[FLAG_MAX];

		if (option == '?')
			usage_error("%s is unknown or lacks its value", argv[optind - 1]);
		if (option == 'h') {
			fputs(program->help, stdout);
			exit(0);
		}
		if (option == 'v') {
			printf("%s %s\n", program->name, AMPHORA_VERSION);
			exit(0);
		}
		snprintf(flag, sizeof(flag), "--%s", program->options[index].name);
		program->take(node, option, flag, optarg);
	}
	if (optind < argc)
		usage_error("%s is not an option", argv[optind]);
	program->check(node);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	uv_stop(handle->loop);
}

static int run_until_signal(uv_loop_t *loop)
{
	uv_signal_t terminate, interrupt;
	int result = uv_signal_init(loop, &terminate);

	if (result < 0)
		return result;
	uv_signal_init(loop, &interrupt);
	result = uv_signal_start(&terminate, on_signal, SIGTERM);
	if (result == 0)
		result = uv_signal_start(&interrupt, on_signal, SIGINT);
	if (result == 0)
		uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&terminate, NULL);
	uv_close((uv_handle_t *)&interrupt, NULL);
	uv_run(loop, UV_RUN_NOWAIT); /* both lie on this stack */
	return result;
}

int node_program_run(const struct node_program *program, void *node, int argc, char **argv)
{
	char message[ERROR_MAX];
	struct text error = text_in(message, sizeof(message));
	uv_loop_t loop;
	int result;

	read_options(program, node, argc, argv);
	log_open(program->name, LOG_LEVEL_INFO);
	uv_loop_init(&loop);
	result = program->start(node, &loop, &error);
	if (result < 0)
		log_error("%s", error.length > 0 ? message : strerror(-result));
	else
		result = run_until_signal(&loop);
	program->stop(node);
	uv_run(&loop, UV_RUN_DEFAULT); /* what is to be closed is, as the loop turns */
	uv_loop_close(&loop);
	return result < 0 ? EXIT_FAILED : 0;
}
