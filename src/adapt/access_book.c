/* The file of users and tokens, and look-ups in it; see access_book.h. */
#include "adapt/access_book.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/access_file.h"

#define VERSION 1

_Static_assert(ACCESS_PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "the library's size");

/* ---- look-ups ---- */

int access_book_find_user(const struct access_book *book, const char *name)
{
	for (size_t i = 0; i < book->user_count; i++)
		if (strcmp(book->users[i].name.text, name) == 0)
			return (int)i;
	return -1;
}

int access_book_find_token(const struct access_book *book, const char *name)
{
	for (size_t i = 0; i < book->token_count; i++)
		if (strcmp(book->tokens[i].name.text, name) == 0)
			return (int)i;
	return -1;
}

int access_book_put_user(struct access_book *book, const struct access_user *user)
{
	int index = access_book_find_user(book, user->name.text);

	if (index < 0 && book->user_count == ACCESS_USERS_MAX)
		return -ENOSPC;
	book->users[index < 0 ? book->user_count++ : (size_t)index] = *user;
	return 0;
}

int access_book_put_token(struct access_book *book, const struct access_token *token)
{
	int index = access_book_find_token(book, token->name.text);

	if (index < 0 && book->token_count == ACCESS_TOKENS_MAX)
		return -ENOSPC;
	book->tokens[index < 0 ? book->token_count++ : (size_t)index] = *token;
	return 0;
}

void access_book_remove_user(struct access_book *book, size_t index)
{
	book->user_count--;
	memmove(&book->users[index], &book->users[index + 1],
		(book->user_count - index) * sizeof(book->users[0]));
}

void access_book_remove_token(struct access_book *book, size_t index)
{
	book->token_count--;
	memmove(&book->tokens[index], &book->tokens[index + 1],
		(book->token_count - index) * sizeof(book->tokens[0]));
}

/* ---- from JSON ---- */

/* The members that users and tokens share, and the text `secret`. */
static int take_entry(const json_t *entry, struct ident *name, enum role *role, const char *secret,
		      const char **value)
{
	const char *its_name = json_string_value(json_object_get(entry, "name"));
	const char *its_role = json_string_value(json_object_get(entry, "role"));

	*value = json_string_value(json_object_get(entry, secret));
	return its_name && its_role && *value && ident_parse(name, its_name, strlen(its_name)) == 0
		   ? role_parse(role, its_role)
		   : -EINVAL;
}

static int take_user(struct access_book *book, const json_t *entry)
{
	struct access_user user = {0};
	const char *hash;

	if (take_entry(entry, &user.name, &user.role, "password", &hash) != 0 ||
	    strlen(hash) >= sizeof(user.password_hash) ||
	    access_book_find_user(book, user.name.text) >= 0)
		return -EINVAL;
	strcpy(user.password_hash, hash);
	/* Says whether it is such a hash at all. */
	if (crypto_pwhash_str_needs_rehash(user.password_hash, 1, crypto_pwhash_MEMLIMIT_MIN) < 0)
		return -EINVAL;
	return access_book_put_user(book, &user);
}

static int take_token(struct access_book *book, const json_t *entry)
{
	struct access_token token = {0};
	const char *hex;
	size_t length;

	if (take_entry(entry, &token.name, &token.role, "digest", &hex) != 0 ||
	    access_book_find_token(book, token.name.text) >= 0 ||
	    sodium_hex2bin(token.digest, sizeof(token.digest), hex, strlen(hex), NULL, &length,
			   NULL) != 0 ||
	    length != sizeof(token.digest))
		return -EINVAL;
	return access_book_put_token(book, &token);
}

static int take_book(struct access_book *book, const json_t *object)
{
	const json_t *users = json_object_get(object, "users");
	const json_t *tokens = json_object_get(object, "tokens");
	int rc = json_integer_value(json_object_get(object, "version")) == VERSION &&
			 json_is_array(users) && json_is_array(tokens)
		     ? 0
		     : -EINVAL;

	for (size_t i = 0; rc == 0 && i < json_array_size(users); i++)
		rc = take_user(book, json_array_get(users, i));
	for (size_t i = 0; rc == 0 && i < json_array_size(tokens); i++)
		rc = take_token(book, json_array_get(tokens, i));
	return rc;
}

int access_book_read(struct access_book *out, const char *path, struct text *error)
{
	static const struct access_book empty;
	struct access_book *book = NULL;
	json_t *object;
	int rc = access_file_read(&object, path, error);

	if (rc < 0)
		return rc;
	if (!object) {
		*out = empty;
		return 0;
	}
	book = calloc(1, sizeof(*book));
	rc = book ? take_book(book, object) : -ENOMEM;
	if (rc == 0)
		*out = *book;
	else
		text_add(error,
			 "%s: this is no file of users and tokens; put a copy back, or move it "
			 "away and add them anew",
			 path);
	free(book);
	json_decref(object);
	return rc;
}

/* ---- to JSON ---- */

static json_t *book_json(const struct access_book *book)
{
	json_t *users = json_array(), *tokens = json_array();

	for (size_t i = 0; i < book->user_count; i++) {
		const struct access_user *user = &book->users[i];

		json_array_append_new(users, json_pack("{s:s, s:s, s:s}", "name", user->name.text,
						       "role", role_name(user->role), "password",
						       user->password_hash));
	}
	for (size_t i = 0; i < book->token_count; i++) {
		const struct access_token *token = &book->tokens[i];
		char hex[ACCESS_DIGEST_BYTES * 2 + 1];

		sodium_bin2hex(hex, sizeof(hex), token->digest, sizeof(token->digest));
		json_array_append_new(tokens,
				      json_pack("{s:s, s:s, s:s}", "name", token->name.text, "role",
						role_name(token->role), "digest", hex));
	}
	return json_pack("{s:i, s:o, s:o}", "version", VERSION, "users", users, "tokens", tokens);
}

int access_book_write(const struct access_book *book, const char *path, struct text *error)
{
	return access_file_write(book_json(book), path, error);
}
