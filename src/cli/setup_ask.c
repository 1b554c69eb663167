#include "cli/setup_ask.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_BYTES 512

/* One line without its end; -EPIPE at the end of input. */
static int read_line(char line[LINE_BYTES])
{
	size_t length;

	fflush(stdout);
	if (!fgets(line, LINE_BYTES, stdin)) {
		putchar('\n');
		return -EPIPE;
	}
	length = strlen(line);
	if (length > 0 && line[length - 1] != '\n') /* too long: the rest is no answer to the next */
		for (int c = getchar(); c != '\n' && c != EOF; c = getchar())
			;
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	return 0;
}

static bool is_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

int ask_text(char *out, size_t size, const char *question, const char *otherwise)
{
	char line[LINE_BYTES];

	for (;;) {
		const char *answer;

		printf("%s%s%s%s ", question, otherwise[0] ? " [" : "", otherwise,
		       otherwise[0] ? "]" : "");
		if (read_line(line) != 0)
			return -EPIPE;
		answer = line[0] ? line : otherwise;
		if (strlen(answer) < size && is_clean(answer)) {
			memmove(out, answer, strlen(answer) + 1);
			return 0;
		}
		printf("  at most %zu characters, please\n", size - 1);
	}
}

int ask_hidden(char *out, size_t size, const char *question)
{
	struct termios shown, hidden;
	bool is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
	int result;

	if (is_terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	result = ask_text(out, size, question, "");
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		printf("\n");
	}
	return result;
}

int ask_yes(bool *out, const char *question, bool otherwise)
{
	char line[LINE_BYTES];

	for (;;) {
		printf("%s [%s] ", question, otherwise ? "Y/n" : "y/N");
		if (read_line(line) != 0)
			return -EPIPE;
		*out = line[0] ? strncasecmp(line, "y", 1) == 0 : otherwise;
		if (!line[0] || strchr("yYnN", line[0]))
			return 0;
		printf("  yes or no, please\n");
	}
}

int ask_number(double *out, const char *question, double min, double max, double otherwise)
{
	bool has_otherwise = otherwise >= min && otherwise <= max;
	char line[LINE_BYTES];

	for (;;) {
		double value;

		if (has_otherwise)
			printf("%s [%g] ", question, otherwise);
		else
			printf("%s ", question);
		if (read_line(line) != 0)
			return -EPIPE;
		if (!line[0] && has_otherwise) {
			*out = otherwise;
			return 0;
		}
		if (number_parse(&value, line, strlen(line)) == 0 && value >= min && value <= max) {
			*out = value;
			return 0;
		}
		printf("  a number from %g to %g, please\n", min, max);
	}
}

int ask_which(size_t *out, const char *question, const char *const *lines, size_t count,
	      const char *none, size_t otherwise)
{
	double number;
	int result;

	for (size_t i = 0; i < count; i++)
		printf("  %zu  %s\n", i + 1, lines[i]);
	if (none)
		printf("  0  %s\n", none);
	do {
		result = ask_number(&number, question, none ? 0 : 1, (double)count, (double)otherwise);
		*out = result == 0 ? (size_t)number : 0;
	} while (result == 0 && (double)*out != number);
	return result;
}
