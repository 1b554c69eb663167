/* Which names are accepted; what they stand for is the caller's affair. */
#include "model/ident.h"

#include <errno.h>
#include <string.h>

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int ident_parse(struct ident *out, const char *text, size_t len)
{
	if (len == 0 || len > IDENT_MAX || !is_letter_or_digit(text[0]))
		return -EINVAL;
	for (size_t i = 1; i < len; i++) {
		/* memchr and not strchr: the terminator is no part of a name. */
		if (!is_letter_or_digit(text[i]) && memchr("._-:", text[i], 4) == NULL)
			return -EINVAL;
	}
	memset(out, 0, sizeof *out);
	memcpy(out->text, text, len);
	return 0;
}

bool ident_equal(const struct ident *a, const struct ident *b)
{
	return strcmp(a->text, b->text) == 0;
}
