/* Asks for a password, see password.h. */
#include "cli/password.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

/* Reads a line without its end. Returns EXIT_OK, or EXIT_USAGE where there is none or it is long.
 */
static int read_line(char *out, size_t size)
{
	size_t length = 0;
	char c;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got <= 0 || c == '\n')
			break;
		if (length == size - 1)
			return EXIT_USAGE;
		out[length++] = c;
	}
	if (length > 0 && out[length - 1] == '\r')
		length--;
	out[length] = '\0';
	return length > 0 ? EXIT_OK : EXIT_USAGE;
}

static int read_hidden(char *out, size_t size, const char *question)
{
	struct termios shown, hidden;
	int rc;

	fputs(question, stderr);
	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return EXIT_FAILED;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	rc = read_line(out, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return rc;
}

int password_ask(char *out, size_t size)
{
	char again[512];
	int rc;

	if (!isatty(STDIN_FILENO)) {
		rc = read_line(out, size);
	} else {
		rc = read_hidden(out, size, "Password: ");
		if (rc == EXIT_OK)
			rc = read_hidden(again, sizeof(again), "Again: ");
		if (rc == EXIT_OK && strcmp(out, again) != 0) {
			complain("that was not twice the same; nothing was changed");
			rc = EXIT_FAILED;
		}
		explicit_bzero(again, sizeof(again));
	}
	if (rc == EXIT_USAGE)
		complain("a password has 8 to 256 bytes");
	return rc;
}
