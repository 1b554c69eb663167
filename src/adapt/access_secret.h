/* Secrets that we make: hard to guess, and known by their digest alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/access_book.h"

#define SECRET_TEXT_MAX 52 /* 32 random bytes in letters, with room for a prefix */

/* To be called once before the others. Returns 0, or -EIO where there is no randomness. */
int secret_begin(void) MUST_CHECK;

/* Writes `prefix`, at most 8 bytes, and 256 random bits. */
void secret_make(char out[SECRET_TEXT_MAX], const char *prefix);

/* Writes `length` characters, 5 random bits each, that nobody takes for another. */
void secret_make_code(char *out, size_t length);

/* What is kept of a secret; not for passwords, which can be guessed. */
void secret_digest(uint8_t out[ACCESS_DIGEST_BYTES], const char *secret);

/* A number to know the digest by among ours; never 0. */
uint64_t secret_pass(const uint8_t digest[ACCESS_DIGEST_BYTES]);

/* In a time that says nothing of where they differ. */
bool secret_digest_equal(const uint8_t a[ACCESS_DIGEST_BYTES],
			 const uint8_t b[ACCESS_DIGEST_BYTES]);

/*
 * Passwords: Argon2id with 19 MiB and two passes, which is what OWASP asks for
 * at least; libsodium's own smallest choice, 64 MiB, is more than the smallest boards
 * have to spare. Both block for some tenths of a second there.
 */
#define PASSWORD_MEMORY_BYTES (19 * 1024 * 1024)
#define PASSWORD_PASSES 2

/* Returns 0 or -ENOMEM. */
int secret_hash_password(char out[ACCESS_PASSWORD_HASH_MAX], const char *password) MUST_CHECK;

/* NULL for `hash` takes as long, and is false. */
bool secret_password_is_right(const char *hash, const char *password);
