/* Feeds any bytes to what reads a stranger's headers and the bodies of logins. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/http_words.h"
#include "wire/login_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_trusted(const void *user, const char *address)
{
	(void)user;
	return strcmp(address, "127.0.0.1") == 0;
}

static void read_headers(const char *text)
{
	char value[64], address[ADDRESS_TEXT_MAX];
	struct authority authority;
	struct origin origin;

	if (authority_parse(&authority, text) == 0 && authority.host[0] == '\0')
		__builtin_trap();
	if (origin_parse(&origin, text) == 0 && origin.authority.port == 0)
		__builtin_trap();
	if (cookie_find(value, sizeof(value), text, "amphora") != strlen(value) ||
	    bearer_find(value, sizeof(value), text) != strlen(value))
		__builtin_trap();
	if (forwarded_for(address, text, is_trusted, NULL) == 0 && address[0] == '\0')
		__builtin_trap();
}

static void read_body(const char *bytes, size_t size)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));
	struct login_message message;

	if (login_message_parse(&message, bytes, size, LOGIN_NAME | LOGIN_PASSWORD | LOGIN_ROLE,
				LOGIN_NAME, &error) == 0 &&
	    message.name.text[0] == '\0')
		__builtin_trap();
	if (login_message_parse(&message, bytes, size, LOGIN_CODE, LOGIN_CODE, &error) == 0 &&
	    message.code[0] == '\0')
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	read_headers(text);
	read_body((const char *)data, size);
	free(text);
	return 0;
}
