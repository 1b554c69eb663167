/* Random texts, digests and passwords by libsodium; see access_secret.h. */
#include "adapt/access_secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SECRET_BYTES 32

int secret_begin(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

void secret_make(char out[SECRET_TEXT_MAX], const char *prefix)
{
	uint8_t bytes[SECRET_BYTES];
	int length = snprintf(out, SECRET_TEXT_MAX, "%.8s", prefix);

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(out + length, (size_t)(SECRET_TEXT_MAX - length), bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

void secret_make_code(char *out, size_t length)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	for (size_t i = 0; i < length; i++)
		out[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	out[length] = '\0';
}

void secret_digest(uint8_t out[ACCESS_DIGEST_BYTES], const char *secret)
{
	crypto_generichash(out, ACCESS_DIGEST_BYTES, (const unsigned char *)secret, strlen(secret),
			   NULL, 0);
}

uint64_t secret_pass(const uint8_t digest[ACCESS_DIGEST_BYTES])
{
	uint64_t pass;

	memcpy(&pass, digest, sizeof(pass));
	return pass | 1;
}

bool secret_digest_equal(const uint8_t a[ACCESS_DIGEST_BYTES], const uint8_t b[ACCESS_DIGEST_BYTES])
{
	return sodium_memcmp(a, b, ACCESS_DIGEST_BYTES) == 0;
}

int secret_hash_password(char out[ACCESS_PASSWORD_HASH_MAX], const char *password)
{
	return crypto_pwhash_str(out, password, strlen(password), PASSWORD_PASSES,
				 PASSWORD_MEMORY_BYTES) == 0
		   ? 0
		   : -ENOMEM;
}

bool secret_password_is_right(const char *hash, const char *password)
{
	char unused[ACCESS_PASSWORD_HASH_MAX];

	if (hash)
		return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
	/* Who asks must not learn from the time it takes which names there are. */
	if (secret_hash_password(unused, password) == 0)
		sodium_memzero(unused, sizeof(unused));
	return false;
}
