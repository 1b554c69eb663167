#include "cli/setup_try.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/show.h"

#define START_S 15

struct path {
	char text[PATH_MAX];
};

/* amphorad beside this program, as in a build, or where it is installed. */
static struct path daemon_path(void)
{
	static const char *const PLACES[] = {"/usr/local/sbin/amphorad", "/usr/sbin/amphorad"};
	struct path path = {""};
	ssize_t length = readlink("/proc/self/exe", path.text, sizeof(path.text) - 1);
	char *slash = length > 0 ? strrchr(path.text, '/') : NULL;

	if (slash && (size_t)(slash - path.text) + sizeof("/amphorad") <= sizeof(path.text)) {
		strcpy(slash, "/amphorad");
		if (access(path.text, X_OK) == 0)
			return path;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(PLACES); i++) {
		snprintf(path.text, sizeof(path.text), "%s", PLACES[i]);
		if (access(path.text, X_OK) == 0)
			return path;
	}
	return (struct path){"amphorad"}; /* wherever PATH has it */
}

bool setup_check(const char *config)
{
	struct path program = daemon_path();
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		execlp(program.text, "amphorad", "--check-config", "--config", config, (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

/* In the child: nothing of the terminal is kept. */
static void become_daemon(const char *config, const char *log)
{
	struct path program = daemon_path();
	int in = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (setsid() < 0 || in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	execlp(program.text, "amphorad", "--config", config, (char *)NULL);
	_exit(127);
}

/* A dot a second; what is said next takes their place. */
static void tell_progress(const struct cli *cli)
{
	if (cli->is_terminal)
		fputc('.', stdout);
	fflush(stdout);
	sleep(1);
}

static void end_progress(const struct cli *cli)
{
	if (cli->is_terminal)
		fputs("\r\033[K", stdout);
}

int setup_start(struct cli *cli, const char *config, const char *log)
{
	pid_t child = fork();

	if (child == 0)
		become_daemon(config, log);
	for (int i = 0; child > 0 && i < START_S; i++) {
		if (client_is_answered(cli))
			return EXIT_OK;
		if (waitpid(child, NULL, WNOHANG) == child)
			break;
		tell_progress(cli);
	}
	complain("amphorad did not start; %s says why", log);
	return EXIT_FAILED;
}

/* The entry of `list` in GET /state whose id is `id`; NULL while there is none. A new reference. */
static json_t *entry_of(struct cli *cli, const char *list, const char *id)
{
	json_t *state, *found = NULL, *entry;
	size_t i;

	if (client_get_state(cli, &state) != EXIT_OK)
		return NULL;
	json_array_foreach(json_object_get(state, list), i, entry)
		if (strcmp(member_text(entry, "id"), id) == 0)
			found = json_incref(entry);
	json_decref(state);
	return found;
}

static bool is_heard(const json_t *entry, const char *member)
{
	const json_t *value = json_object_get(entry, member);

	return value && !json_is_null(value);
}

/* Asks until `member` of the entry is known; gives the entry, or NULL. */
static json_t *wait_for(struct cli *cli, const char *list, const char *id, const char *member,
			int seconds)
{
	for (int i = 0; i < seconds; i++) {
		json_t *entry = entry_of(cli, list, id);

		if (is_heard(entry, member))
			return entry;
		json_decref(entry);
		tell_progress(cli);
	}
	return NULL;
}

bool setup_hear_battery(struct cli *cli, const char *battery, int seconds)
{
	json_t *entry = wait_for(cli, "batteries", battery, "soc_pct", seconds);

	end_progress(cli);
	if (entry)
		printf("%s: %.1f %%, heard\n", battery, member_number(entry, "soc_pct"));
	else
		printf("%s: nothing was heard in %d s; `amphora doctor` says where to look\n", battery,
		       seconds);
	json_decref(entry);
	return entry != NULL;
}

bool setup_hear_relay(struct cli *cli, const char *relay, int seconds)
{
	json_t *entry = wait_for(cli, "relays", relay, "state", seconds);

	end_progress(cli);
	if (entry)
		printf("%s: %s, answers\n", relay, member_is_true(entry, "state") ? "on" : "off");
	else
		printf("%s: no answer in %d s; `amphora doctor` says where to look\n", relay, seconds);
	json_decref(entry);
	return entry != NULL;
}
