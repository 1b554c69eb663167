#include "cli/bundle_secret.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/result.h"

#define LINE_MAX_BYTES 1000

static const char *const SECRET[] = {"user",  "url",   "to",       "from",  "password",
				     "token", "secret", "identity", "code", "page"};

static bool is_secret(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_LENGTH(SECRET); i++)
		if (strlen(SECRET[i]) == length && memcmp(SECRET[i], name, length) == 0)
			return true;
	return false;
}

void bundle_secret_json(json_t *document)
{
	const char *name;
	json_t *value;
	size_t i;
	void *next;

	if (json_is_array(document))
		json_array_foreach(document, i, value) bundle_secret_json(value);
	json_object_foreach_safe(document, next, name, value)
	{
		if (json_is_string(value) && is_secret(name, strlen(name)))
			json_object_set_new(document, name, json_string(BUNDLE_REMOVED));
		else
			bundle_secret_json(value);
	}
}

/* Where the value that begins at `at` ends: its quote, or what ends a plain one. */
static const char *value_end(const char *at)
{
	const char *end;

	if (*at == '"' || *at == '\'') {
		end = strchr(at + 1, *at);
		return end ? end + 1 : at + strlen(at);
	}
	return at + strcspn(at, ",}\n");
}

/* Whether a secret's name and colon stand at `at`, which follows `before`; their length, or 0. */
static size_t secret_name(const char *line, const char *at)
{
	size_t length = 0;

	if (at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_'))
		return 0;
	while (isalnum((unsigned char)at[length]) || at[length] == '_')
		length++;
	if (!is_secret(at, length) || at[length] != ':')
		return 0;
	return length + 1;
}

static int config_line(const char *line, FILE *out)
{
	int removed = 0;

	for (const char *at = line; *at;) {
		size_t length = secret_name(line, at);

		if (length == 0) {
			fputc(*at++, out);
			continue;
		}
		fprintf(out, "%.*s %s", (int)length, at, BUNDLE_REMOVED);
		at += length;
		at = value_end(at + strspn(at, " \t"));
		removed++;
	}
	return removed;
}

int bundle_secret_config(FILE *in, FILE *out)
{
	char line[LINE_MAX_BYTES + 2];
	int removed = 0;
	bool is_rest = false;

	while (fgets(line, sizeof(line), in)) {
		bool is_whole = strchr(line, '\n') || feof(in);

		if (is_whole && !is_rest)
			removed += config_line(line, out);
		else if (!is_rest)
			removed += fprintf(out, "# %s\n", BUNDLE_REMOVED) > 0;
		is_rest = !is_whole;
	}
	return removed;
}
