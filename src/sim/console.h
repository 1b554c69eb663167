/*
 * A Unix socket on which the house takes commands: one a line, and one line is
 * answered to each. The peer closes its side when it has nothing more to say.
 */
#pragma once

#include <uv.h>

#include "base/result.h"
#include "base/text.h"

#define CONSOLE_LINE_MAX 128 /* a longer line ends the conversation */
#define CONSOLE_PEERS_MAX 8  /* more wait */
#define CONSOLE_ANSWER_MAX (16 * 1024)

struct console;

/* Obeys `line` and writes the answer, without the line's end. */
typedef void console_handler(void *user, const char *line, struct text *answer);

/*
 * Listens at `path`, readable and writable by the owner only. A socket that
 * is there already is replaced. Returns 0 or a negative errno.
 */
int console_new(struct console **out, uv_loop_t *loop, const char *path, console_handler *handler,
		void *user) MUST_CHECK;

/* Stops and removes the socket; the memory goes when the loop has turned. NULL is fine. */
void console_free(struct console *console);
