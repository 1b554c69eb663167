/* By libsodium; the key may be of any length. */
#include "adapt/signature.h"

#include <sodium.h>
#include <string.h>

void signature_write(char out[SIGNATURE_TEXT_MAX], const char *secret, const void *body,
		     size_t length)
{
	crypto_auth_hmacsha256_state state;
	unsigned char hash[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, body, length);
	crypto_auth_hmacsha256_final(&state, hash);
	sodium_bin2hex(out, SIGNATURE_TEXT_MAX, hash, sizeof(hash));
	sodium_memzero(&state, sizeof(state));
}
