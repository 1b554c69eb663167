/*
 * Who may come in from afar: users with passwords, programs with tokens. Kept in
 * one JSON file with mode 0600, of which this is what is in memory. No password
 * and no token is in it, only what proves that one was right.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"
#include "model/role.h"

#define ACCESS_USERS_MAX 32
#define ACCESS_TOKENS_MAX 64
#define ACCESS_PASSWORD_HASH_MAX 128 /* crypto_pwhash_STRBYTES */
#define ACCESS_DIGEST_BYTES 32

struct access_user {
	struct ident name;
	enum role role;
	char password_hash[ACCESS_PASSWORD_HASH_MAX]; /* "$argon2id$…" */
};

struct access_token {
	struct ident name;
	enum role role;
	uint8_t digest[ACCESS_DIGEST_BYTES];
};

/* Plain data. */
struct access_book {
	size_t user_count, token_count;
	struct access_user users[ACCESS_USERS_MAX];
	struct access_token tokens[ACCESS_TOKENS_MAX];
};

/*
 * Reads the file at `path`; none there is an empty book. Returns 0, or a negative
 * errno with a sentence in `error`: a file that others may read, that cannot be
 * read, or that is no such book; then `out` is left alone. Blocks.
 */
int access_book_read(struct access_book *out, const char *path, struct text *error) MUST_CHECK;

/*
 * Writes the file so that it is, whatever happens meanwhile, the old or the new one.
 * Returns 0 once it is durable, or a negative errno with a sentence in `error`. Blocks.
 */
int access_book_write(const struct access_book *book, const char *path,
		      struct text *error) MUST_CHECK;

/* Index of the user or token with that name, or -1. */
int access_book_find_user(const struct access_book *book, const char *name);
int access_book_find_token(const struct access_book *book, const char *name);

/*
 * Puts `user` into the book, in place of one with its name. Returns 0, or -ENOSPC
 * where the book is full.
 */
int access_book_put_user(struct access_book *book, const struct access_user *user) MUST_CHECK;
int access_book_put_token(struct access_book *book, const struct access_token *token) MUST_CHECK;

void access_book_remove_user(struct access_book *book, size_t index);
void access_book_remove_token(struct access_book *book, size_t index);
