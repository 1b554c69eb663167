/* Bodies with which people and programs log in, and with which they are made: JSON -> model. */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"
#include "model/role.h"

#define PASSWORD_BYTES_MIN 8
#define PASSWORD_BYTES_MAX 256
#define LOGIN_CODE_MAX 24

/* Wipe it where it ends. */
struct login_message {
	char code[LOGIN_CODE_MAX];             /* empty: none */
	struct ident name;                     /* empty: none */
	char password[PASSWORD_BYTES_MAX + 1]; /* empty: none */
	enum role role;                        /* ROLE_NONE: none is named */
};

/* Which members a body may have, and which it must; bits. */
enum login_member {
	LOGIN_CODE = 1,
	LOGIN_NAME = 2,
	LOGIN_PASSWORD = 4,
	LOGIN_ROLE = 8,
};

/*
 * Reads `body` with some of the members `allowed` and all of `needed`; others are errors.
 * Returns 0, or -EINVAL with a sentence in `error` that holds no secret; `out` is empty then.
 */
int login_message_parse(struct login_message *out, const char *body, size_t length,
			unsigned allowed, unsigned needed, struct text *error) MUST_CHECK;
