/*
 * Remembers requests, see request_copies.h. What a copy is answered with is the
 * resource's to say.
 */
#include "node/request_copies.h"

#include <string.h>

static bool is_same(const struct request_key *a, const struct request_key *b)
{
	return a->message_id == b->message_id && a->token_length == b->token_length &&
	       memcmp(a->token, b->token, a->token_length) == 0 &&
	       coap_address_equals(&a->peer, &b->peer);
}

struct request_key request_key_of(const coap_session_t *session, const coap_pdu_t *request)
{
	coap_bin_const_t token = coap_pdu_get_token(request);
	struct request_key key = {.message_id = coap_pdu_get_mid(request)};

	coap_address_copy(&key.peer, coap_session_get_addr_remote(session));
	key.token_length = token.length < REQUEST_TOKEN_MAX ? token.length : REQUEST_TOKEN_MAX;
	memcpy(key.token, token.s, key.token_length);
	return key;
}

bool request_copies_take(struct request_copies *copies, const struct request_key *key,
			 uint64_t now_ms)
{
	for (size_t i = 0; i < REQUEST_COPIES_MAX; i++)
		if (copies->had[i].is_used && now_ms - copies->had[i].at_ms < REQUEST_COPY_MS &&
		    is_same(&copies->had[i].key, key))
			return true;
	copies->had[copies->next].is_used = true;
	copies->had[copies->next].key = *key;
	copies->had[copies->next].at_ms = now_ms;
	copies->next = (copies->next + 1) % REQUEST_COPIES_MAX;
	return false;
}
