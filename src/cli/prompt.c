/*
 * The prompt of a bare `amphora`: a line is the words of one command. History
 * and completion come from libedit; names of batteries and relays from the daemon,
 * where it answers.
 *
 * Ctrl-C is as in a shell: it clears the line, or ends the command that runs.
 * For the one, a read that it interrupts hands libedit the key itself, which
 * ends the line; for the other, each command runs in a process of its own.
 */
#include <editline/readline.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/client.h"
#include "cli/show.h"
#include "model/parameter.h"

#define WORDS_MAX 64
#define HISTORY_MAX 500

/* libedit's completion takes no argument: what it needs stands here while the prompt runs. */
static const struct cli *prompting;

/* ---- completion ---- */

/* Candidates for one word, gathered anew at its first call. */
struct candidates {
	char *words[256];
	size_t count, next;
};

static struct candidates candidates;

static void add_candidate(const char *word, const char *begun)
{
	if (candidates.count < ARRAY_LENGTH(candidates.words) &&
	    strncmp(word, begun, strlen(begun)) == 0)
		candidates.words[candidates.count++] = strdup(word);
}

static void add_ids(const char *path, const char *list, const char *begun)
{
	struct cli own = *prompting;
	json_t *answer = NULL;
	const json_t *one;
	size_t index;

	own.client = NULL;
	if (client_is_answered(&own) && client_get(&own, path, &answer) == EXIT_OK) {
		json_array_foreach(json_object_get(answer, list), index, one)
		    add_candidate(member_text(one, "id"), begun);
	}
	json_decref(answer);
	client_free(own.client);
}

static void add_parameters(const char *begun)
{
	for (int id = 0; id < PARAMETER_COUNT; id++)
		add_candidate(parameter_get((enum parameter_id)id)->name, begun);
}

static void add_words(const char *const words[], const char *begun)
{
	for (size_t i = 0; words[i]; i++)
		add_candidate(words[i], begun);
}

/* `before` is the line up to the word that is being completed. */
static void gather(const char *before, const char *begun)
{
	static const char *const RELAY[] = {"list", "set", NULL};
	static const char *const OVERRIDE[] = {"list", "add", "cancel", NULL};
	static const char *const ALERTS[] = {"list", "ack", NULL};
	static const char *const PLAN[] = {"show", "explain", "--battery", NULL};
	static const char *const INTENTS[] = {"charge", "discharge", "hold", "--for", NULL};
	char first[32] = "", second[32] = "";
	int words = sscanf(before, "%31s %31s", first, second);

	if (words <= 0 || strcmp(first, "help") == 0) {
		for (size_t i = 0; i < COMMAND_COUNT; i++)
			add_candidate(COMMANDS[i].name, begun);
	} else if (strcmp(first, "get") == 0 || strcmp(first, "set") == 0 ||
		   strcmp(first, "unset") == 0) {
		add_parameters(begun);
	} else if (strcmp(first, "relay") == 0 && words == 1) {
		add_words(RELAY, begun);
	} else if (strcmp(first, "relay") == 0) {
		add_ids("relays", "relays", begun);
	} else if (strcmp(first, "override") == 0 && words == 1) {
		add_words(OVERRIDE, begun);
	} else if (strcmp(first, "plan") == 0 && words == 1) {
		add_words(PLAN, begun);
	} else if (strcmp(first, "alerts") == 0) {
		add_words(ALERTS, begun);
	} else {
		add_ids("state", "batteries", begun);
		if (strcmp(first, "override") == 0)
			add_words(INTENTS, begun);
	}
}

/* libedit asks again and again until NULL; the words it gets it frees. */
static char *next_candidate(const char *begun, int state)
{
	char before[256];

	if (state == 0) {
		while (candidates.next < candidates.count)
			free(candidates.words[candidates.next++]);
		candidates.count = candidates.next = 0;
		snprintf(before, sizeof(before), "%.*s",
			 (int)strlen(rl_line_buffer) - (int)strlen(begun), rl_line_buffer);
		gather(before, begun);
	}
	return candidates.next < candidates.count ? candidates.words[candidates.next++] : NULL;
}

static char **complete(const char *begun, int start, int end)
{
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1;
	return rl_completion_matches(begun, next_candidate);
}

/* ---- Ctrl-C ---- */

#define CTRL_C 3

static volatile sig_atomic_t is_interrupted;

/* SIGINT is blocked but while a key is waited for, or one that came just before would be missed. */
static sigset_t while_waiting;

static void on_interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

/* Reads one character; bytes that are none are skipped. Without SA_RESTART, so that it wakes. */
static int read_key(FILE *in)
{
	mbstate_t state = {0};
	wchar_t key;
	char byte;

	for (;;) {
		struct pollfd ready = {.fd = fileno(in), .events = POLLIN};
		ssize_t got;
		size_t length;

		if (ppoll(&ready, 1, NULL, &while_waiting) < 0 && errno != EINTR)
			return EOF;
		if (is_interrupted)
			return CTRL_C;
		if (ready.revents == 0)
			continue;
		got = read(fileno(in), &byte, 1);
		if (got <= 0)
			return EOF;
		length = mbrtowc(&key, &byte, 1, &state);
		if (length == (size_t)-1)
			state = (mbstate_t){0};
		else if (length != (size_t)-2)
			return (int)key;
	}
}

static int end_line(int count, int key)
{
	(void)count;
	(void)key;
	rl_done = 1;
	return 0;
}

static void mask_interrupt(int how)
{
	sigset_t interrupt;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(how, &interrupt, NULL);
}

static void catch_interrupts(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &action, NULL);
	sigprocmask(SIG_BLOCK, NULL, &while_waiting);
	mask_interrupt(SIG_BLOCK);
	rl_getc_function = read_key;
}

/* Runs the words in a process of its own and waits for its end. */
static void run_apart(const struct cli *cli, int count, char **words)
{
	pid_t pid;
	int status = 0;

	fflush(stdout);
	mask_interrupt(SIG_UNBLOCK);
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		exit(command_run(cli, count, words));
	}
	if (pid < 0) {
		mask_interrupt(SIG_BLOCK);
		complain("the command cannot be started: %s", strerror(errno));
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	mask_interrupt(SIG_BLOCK);
	/* The terminal shows ^C where the cursor was. */
	if (WIFSIGNALED(status) || is_interrupted)
		putchar('\n');
}

/* ---- the loop ---- */

/* Splits `line` in place at blanks, "…" and '…' kept together. Returns the words, or -1: too many.
 */
static int split(char *line, char *words[WORDS_MAX])
{
	int count = 0;

	for (line += strspn(line, " \t"); *line; line += strspn(line, " \t")) {
		const char stop[] = {*line, '\0'};
		bool is_quoted = *line == '"' || *line == '\'';

		if (count == WORDS_MAX)
			return -1;
		line += is_quoted;
		words[count++] = line;
		line += strcspn(line, is_quoted ? stop : " \t");
		if (*line)
			*line++ = '\0';
	}
	return count;
}

/* Returns whether the prompt goes on. */
static bool run_line(const struct cli *cli, char *line)
{
	char *words[WORDS_MAX];
	int count = split(line, words);

	if (count < 0)
		complain("too many words");
	if (count <= 0)
		return true;
	if (strcmp(words[0], "quit") == 0 || strcmp(words[0], "exit") == 0)
		return false;
	run_apart(cli, count, words);
	return true;
}

/* The next line, for free(); NULL at the end of input. What Ctrl-C cleared is none. */
static char *next_line(void)
{
	char *line;

	do {
		is_interrupted = 0;
		line = readline("amphora> ");
		if (!line)
			putchar('\n');
	} while (!line && is_interrupted);
	return line;
}

int prompt_run(const struct cli *cli)
{
	bool goes_on = true;
	char *line;

	prompting = cli;
	rl_readline_name = "amphora";
	catch_interrupts();
	rl_initialize();
	rl_add_defun("amphora-end-line", end_line, CTRL_C);
	stifle_history(HISTORY_MAX);
	rl_attempted_completion_function = complete;
	printf("`help` lists the commands; Ctrl-C ends one, Ctrl-D or `quit` leaves.\n");
	while (goes_on && (line = next_line()) != NULL) {
		if (line[0])
			add_history(line);
		goes_on = run_line(cli, line);
		free(line);
	}
	return EXIT_OK;
}
