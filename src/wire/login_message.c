/* Bodies of logins, see login_message.h. What is wrong is named, what was said is not. */
#include "wire/login_message.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static const struct {
	enum login_member bit;
	const char *name;
} members[] = {
    {LOGIN_CODE, "code"},
    {LOGIN_NAME, "name"},
    {LOGIN_PASSWORD, "password"},
    {LOGIN_ROLE, "role"},
};

static int refuse(struct text *error, const char *name, const char *words)
{
	text_add(error, "%s: %s", name, words);
	return -EINVAL;
}

/* Letters and digits alone, in upper case: how a code is grouped is for the eye. */
static int take_code(struct login_message *out, const char *text, struct text *error)
{
	size_t used = 0;

	for (; *text != '\0'; text++) {
		char c = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
		bool is_word = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!is_word && c != '-' && c != ' ')
			return refuse(error, "code", "has letters, digits and hyphens only");
		if (is_word && used == LOGIN_CODE_MAX - 1)
			return refuse(error, "code", "is too long");
		if (is_word)
			out->code[used++] = c;
	}
	return used > 0 ? 0 : refuse(error, "code", "is empty");
}

static int take(struct login_message *out, enum login_member bit, const json_t *value,
		struct text *error)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (!text || strlen(text) != length)
		return refuse(error, "body", "its members are texts");
	switch (bit) {
	case LOGIN_CODE:
		return take_code(out, text, error);
	case LOGIN_NAME:
		if (ident_parse(&out->name, text, length) == 0)
			return 0;
		return refuse(error, "name",
			      "is at most 63 letters, digits and . _ - :, a letter or digit first");
	case LOGIN_PASSWORD:
		if (length > PASSWORD_BYTES_MAX || length == 0)
			return refuse(error, "password", "has 8 to 256 bytes");
		memcpy(out->password, text, length + 1);
		return 0;
	case LOGIN_ROLE:
	default:
		return role_parse(&out->role, text) == 0
			   ? 0
			   : refuse(error, "role", "is view or control");
	}
}

static int find_member(const char *name, unsigned allowed)
{
	for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
		if ((allowed & members[i].bit) && strcmp(members[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int take_all(struct login_message *out, json_t *object, unsigned allowed, unsigned needed,
		    struct text *error)
{
	unsigned seen = 0;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		int member = find_member(name, allowed);

		if (member < 0)
			return refuse(error, "body", "has a member that does not belong there");
		seen |= members[member].bit;
		if (take(out, members[member].bit, value, error) != 0)
			return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
		if ((needed & members[i].bit) && !(seen & members[i].bit))
			return refuse(error, members[i].name, "is missing");
	return 0;
}

int login_message_parse(struct login_message *out, const char *body, size_t length,
			unsigned allowed, unsigned needed, struct text *error)
{
	json_t *object = body ? json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
	int rc;

	*out = (struct login_message){0};
	if (!json_is_object(object)) {
		json_decref(object);
		return refuse(error, "body", "is no JSON object");
	}
	rc = take_all(out, object, allowed, needed, error);
	json_decref(object);
	if (rc != 0)
		explicit_bzero(out, sizeof(*out));
	return rc;
}
