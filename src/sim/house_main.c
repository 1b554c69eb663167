/*
 * amphora-house: a virtual house for the demo and the tests. Options, signals and
 * the control socket meet the house here; all that is simulated is in
 * virtual_house.h. Exit code 0, 1 where it could not run, 2 for wrong usage.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/version.h"
#include "sim/console.h"
#include "sim/house_options.h"
#include "sim/virtual_house.h"

enum { EXIT_FINE, EXIT_FAILED, EXIT_USAGE };

struct program {
	uv_loop_t loop;
	struct house_options options;
	struct virtual_house *house;
	struct console *console;
	uv_signal_t signals[3];
	uv_async_t quit; /* from within the console's handler, once its answer is on its way */
	int exit_code;
};

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGUSR1};

static void write_account(struct program *program, struct text *answer)
{
	const char *path = program->options.account_path;

	if (!path) {
		text_add(answer, "error: no --account was given");
		return;
	}
	int error = virtual_house_write_account(program->house, path);

	if (error) {
		program->exit_code = EXIT_FAILED;
		text_add(answer, "error: %s: %s", path, strerror(-error));
	} else {
		text_add(answer, "ok");
	}
}

static void write_account_and_log(struct program *program)
{
	char said[512];
	struct text answer = text_in(said, sizeof(said));

	if (!program->options.account_path)
		return;
	write_account(program, &answer);
	if (strcmp(said, "ok"))
		log_error("%s", said);
}

static void program_stop(struct program *program)
{
	if (program->house && program->exit_code != EXIT_FAILED)
		write_account_and_log(program);
	virtual_house_stop(program->house);
	console_free(program->console);
	program->console = NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(SIGNALS); i++)
		uv_close((uv_handle_t *)&program->signals[i], NULL);
	uv_close((uv_handle_t *)&program->quit, NULL);
}

static void on_quit(uv_async_t *async)
{
	program_stop(async->data);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct program *program = signal->data;

	if (number == SIGUSR1)
		write_account_and_log(program);
	else
		uv_async_send(&program->quit);
}

static void obey(void *user, const char *line, struct text *answer)
{
	struct program *program = user;
	char said[256];
	struct text error = text_in(said, sizeof(said));

	if (!strcmp(line, "state")) {
		virtual_house_describe(program->house, answer);
	} else if (!strcmp(line, "faults")) {
		virtual_house_describe_faults(program->house, answer);
	} else if (!strcmp(line, "account")) {
		write_account(program, answer);
	} else if (!strcmp(line, "start")) {
		virtual_house_start_sensors(program->house);
		text_add(answer, "ok");
	} else if (!strcmp(line, "stop")) {
		virtual_house_stop_sensors(program->house);
		text_add(answer, "ok");
	} else if (!strcmp(line, "quit")) {
		uv_async_send(&program->quit);
		text_add(answer, "ok");
	} else if (virtual_house_break(program->house, line, &error)) {
		text_add(answer, "error: %s", said);
	} else {
		log_info("%s", line);
		text_add(answer, "ok");
	}
}

static int program_start(struct program *program, struct text *error)
{
	const struct house_options *options = &program->options;
	int result = virtual_house_new(&program->house, &program->loop, &options->clock,
				       &options->house, error);

	if (result)
		return result;
	if (options->ports_path) {
		result = virtual_house_write_ports(program->house, options->ports_path);
		if (result)
			text_add(error, "%s: %s", options->ports_path, strerror(-result));
	}
	if (!result && options->control_path) {
		result = console_new(&program->console, &program->loop, options->control_path, obey,
				     program);
		if (result)
			text_add(error, "%s: %s", options->control_path, strerror(-result));
	}
	return result;
}

static void watch_signals(struct program *program)
{
	uv_async_init(&program->loop, &program->quit, on_quit);
	program->quit.data = program;
	for (size_t i = 0; i < ARRAY_LENGTH(SIGNALS); i++) {
		uv_signal_init(&program->loop, &program->signals[i]);
		program->signals[i].data = program;
		uv_signal_start(&program->signals[i], on_signal, SIGNALS[i]);
	}
}

static int run(struct program *program)
{
	char said[512];
	struct text error = text_in(said, sizeof(said));
	int result = uv_loop_init(&program->loop);

	if (result) {
		log_error("%s", uv_strerror(result));
		return EXIT_FAILED;
	}
	watch_signals(program);
	if (program_start(program, &error)) {
		log_error("%s", said);
		program->exit_code = EXIT_FAILED;
		program_stop(program);
	} else {
		log_info("%zu %s, speed %d", program->options.house.world.battery_count,
			 program->options.house.world.battery_count == 1 ? "battery" : "batteries",
			 (int)program->options.clock.factor);
	}
	uv_run(&program->loop, UV_RUN_DEFAULT);
	uv_loop_close(&program->loop);
	virtual_house_free(program->house);
	return program->exit_code;
}

int main(int argc, char **argv)
{
	struct program program = {0};
	char said[512];
	struct text error = text_in(said, sizeof(said));

	log_open("amphora-house", LOG_LEVEL_INFO);
	switch (house_options_parse(&program.options, argc, argv, &error)) {
	case 0:
		return run(&program);
	case HOUSE_OPTIONS_HELP:
		fputs(house_options_usage, stdout);
		return EXIT_FINE;
	case HOUSE_OPTIONS_VERSION:
		puts("amphora-house " AMPHORA_VERSION);
		return EXIT_FINE;
	}
	log_error("%s", said);
	return EXIT_USAGE;
}
