/* What counts as white space around a plain-text payload: what `echo` and terminals add. */
#include "wire/plain_text.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct plain_text plain_text_trim(const void *payload, size_t len)
{
	struct plain_text text = {payload, len};

	while (text.length > 0 && is_blank(text.data[0]))
		text = (struct plain_text){text.data + 1, text.length - 1};
	while (text.length > 0 && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

bool plain_text_is(struct plain_text text, const char *word)
{
	return text.length == strlen(word) && memcmp(text.data, word, text.length) == 0;
}
