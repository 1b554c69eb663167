/*
 * Options among the words of a command: taken out one by one, so that what is
 * left is the command's own words, in order.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void remove_words(int *argc, char **argv, int at, int count)
{
	memmove(&argv[at], &argv[at + count], (size_t)(*argc - at - count + 1) * sizeof(*argv));
	*argc -= count;
}

int take_option(int *argc, char **argv, const char *name, const char **value)
{
	size_t length = strlen(name);

	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], name) == 0) {
			if (i + 1 >= *argc)
				return -EINVAL;
			*value = argv[i + 1];
			remove_words(argc, argv, i, 2);
			return 1;
		}
		if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
			*value = argv[i] + length + 1;
			remove_words(argc, argv, i, 1);
			return 1;
		}
	}
	return 0;
}

bool take_flag(int *argc, char **argv, const char *name)
{
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], name) == 0) {
			remove_words(argc, argv, i, 1);
			return true;
		}
	}
	return false;
}

bool words_fit(int argc, char **argv, int min, int max)
{
	for (int i = 1; i < argc; i++) {
		/* -5 is a value, -5x or -w or --what is not. */
		if (argv[i][0] == '-' &&
		    strspn(argv[i] + 1, "0123456789.") != strlen(argv[i] + 1)) {
			complain("unknown option %s", argv[i]);
			return false;
		}
	}
	return argc - 1 >= min && argc - 1 <= max;
}

bool word_is_id(const char *word)
{
	return word[0] != '\0' && strspn(word, "0123456789") == strlen(word);
}

int usage(const struct cli *cli)
{
	fprintf(stderr, "usage: amphora %s %s\n", cli->command->name, cli->command->arguments);
	return EXIT_USAGE;
}

void complain(const char *format, ...)
{
	va_list arguments;

	fputs("amphora: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}
