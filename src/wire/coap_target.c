/* Targets, see coap_target.h. */
#include "wire/coap_target.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const struct {
	const char *word;
	enum coap_method method;
} methods[] = {{"GET ", COAP_METHOD_GET}, {"PUT ", COAP_METHOD_PUT}, {"POST ", COAP_METHOD_POST}};

static enum coap_method take_method(const char **text)
{
	for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
		size_t length = strlen(methods[i].word);

		if (strncmp(*text, methods[i].word, length) == 0) {
			*text += length;
			return methods[i].method;
		}
	}
	return COAP_METHOD_PRESET;
}

static bool is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~' || strchr("%#\"<>", text[i]) != NULL)
			return false;
	}
	return true;
}

static size_t segments(const char *path)
{
	size_t count = 1;

	for (; *path != '\0'; path++)
		count += *path == '/';
	return count;
}

int coap_target_parse(struct coap_target *out, const char *text)
{
	struct coap_target target = {.method = take_method(&text)};
	const char *query;
	size_t length;

	if (*text != '/')
		return -EINVAL;
	text++;
	query = strchr(text, '?');
	length = query != NULL ? (size_t)(query - text) : strlen(text);
	query = query != NULL ? query + 1 : "";
	if (length >= sizeof target.path || strlen(query) >= sizeof target.query ||
	    !is_plain(text, length) || !is_plain(query, strlen(query)))
		return -EINVAL;
	memcpy(target.path, text, length);
	memcpy(target.query, query, strlen(query));
	if (segments(target.path) > COAP_TARGET_SEGMENTS_MAX)
		return -EINVAL;
	*out = target;
	return 0;
}

bool coap_target_toggles(const struct coap_target *target)
{
	return strcasestr(target->path, "toggle") != NULL ||
	       strcasestr(target->query, "toggle") != NULL;
}

bool coap_target_is_own_supply(const struct coap_target *target)
{
	return strcmp(target->path, "sensors/battery") == 0;
}
