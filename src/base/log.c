/*
 * Writes log lines to standard error, one write a line, so that lines of
 * several threads never mix. Its sink is the one mutable state of file scope
 * in the project.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE_MAX 1024

static const char *log_program = "amphora";
static enum log_level log_most = LOG_LEVEL_INFO;

void log_open(const char *program, enum log_level level)
{
	log_program = program;
	log_most = level;
}

static void log_write(enum log_level level, const char *format, va_list arguments)
{
	static const char *const words[] = {"error: ", "warning: ", "", "debug: "};
	char line[LOG_LINE_MAX];
	int used, more;

	if (level > log_most)
		return;
	used = snprintf(line, sizeof line, "%s: %s", log_program, words[level]);
	if (used < 0)
		return;
	more = vsnprintf(line + used, sizeof line - (size_t)used, format, arguments);
	if (more < 0)
		return;
	used += more;
	if (used > (int)sizeof line - 2)
		used = (int)sizeof line - 2;
	line[used] = '\n';
	/* Where standard error is gone there is nobody left to tell. */
	if (write(STDERR_FILENO, line, (size_t)used + 1) < 0)
		return;
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}
