/* Other people's registrations, see course_registration.h. */
#include "wire/course_registration.h"

#include <string.h>
#include <strings.h>

#include "wire/plain_text.h"

const char *const course_registration_paths[] = {"registration", "Registration", "register",
						 "dev/register", NULL};

static bool is_path(const struct course_admission *admission, const char *path)
{
	const char *const *paths =
	    admission->paths != NULL ? admission->paths : course_registration_paths;

	for (size_t i = 0; paths[i] != NULL; i++) {
		if (strcmp(paths[i], path) == 0)
			return true;
	}
	return false;
}

static bool is_name_letter(char c, bool is_first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return !is_first && memchr("._-:", c, 4) != NULL;
}

/* Letters that can not stand in an ident become `-`; in front they are left out. */
static enum refusal take_name(struct ident *out, const char *text, size_t len)
{
	size_t length = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_fine = is_name_letter(text[i], length == 0);

		if (length == IDENT_MAX)
			return REFUSAL_TOO_LARGE;
		if (is_fine || length > 0)
			out->text[length++] = is_fine ? text[i] : '-';
	}
	out->text[length] = '\0';
	return length > 0 ? REFUSAL_NONE : REFUSAL_WRONG_TYPE;
}

static enum refusal take_object(struct ident *name, json_t *message)
{
	/* In the order in which they are believed, in upper or lower case. */
	static const char *const members[] = {"name", "node", "device", "id", "resource"};
	const char *key;
	json_t *value;

	for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
		json_object_foreach(message, key, value)
		{
			if (strcasecmp(key, members[i]) != 0)
				continue;
			if (!json_is_string(value))
				return REFUSAL_WRONG_TYPE;
			return take_name(name, json_string_value(value), json_string_length(value));
		}
	}
	return REFUSAL_NONE;
}

/* A word without what JSON would begin with. */
static bool is_word(struct plain_text text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (!is_name_letter(text.data[i], i == 0))
			return false;
	}
	return text.length > 0 && text.length <= IDENT_MAX;
}

enum refusal course_registration_read(struct ident *name, const void *payload, size_t len)
{
	struct plain_text text = plain_text_trim(payload, len);
	struct ident found = {0};
	json_t *message;
	enum refusal why;

	if (len > COURSE_REGISTRATION_MAX)
		return REFUSAL_TOO_LARGE;
	if (text.length == 0) {
		why = REFUSAL_NONE;
	} else if (is_word(text)) {
		why = take_name(&found, text.data, text.length);
	} else {
		why = json_message_load(&message, payload, len, JSON_NUMBERS_KEPT);
		if (why != REFUSAL_NONE)
			return why;
		why = take_object(&found, message);
		json_decref(message);
	}
	if (why == REFUSAL_NONE)
		*name = found;
	return why;
}

int course_answer_code(enum course_answer answer)
{
	static const int codes[] = {[COURSE_CREATED] = 201,
				    [COURSE_BAD_REQUEST] = 400,
				    [COURSE_FORBIDDEN] = 403,
				    [COURSE_NOT_FOUND] = 404};

	return codes[answer];
}

static bool is_allowed(const struct course_admission *admission, const char *text)
{
	for (size_t i = 0; i < admission->allowed_count; i++) {
		if (strcasecmp(admission->allowed[i].text, text) == 0)
			return true;
	}
	return false;
}

/* Whoever is not on the list by its address must be there by a name, which anyone can say. */
enum course_answer course_registration_judge(struct ident *name, enum refusal *why,
					     const struct course_admission *admission,
					     const char *path, const char *from,
					     const void *payload, size_t len)
{
	struct ident said;

	if (!is_path(admission, path))
		return COURSE_NOT_FOUND;
	*why = course_registration_read(&said, payload, len);
	if (*why != REFUSAL_NONE)
		return COURSE_BAD_REQUEST;
	if (!admission->pairing_is_open && !is_allowed(admission, from) &&
	    (said.text[0] == '\0' || !is_allowed(admission, said.text)))
		return COURSE_FORBIDDEN;
	*name = said;
	return COURSE_CREATED;
}
