/* Where a CoAP resource is: `coap[s]://host[:port]/path`, and its address once known. */
#pragma once

#include <coap3/coap.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "wire/coap_target.h"

#define COAP_HOST_MAX 128
#define COAP_PATH_MAX 128
#define COAP_PATH_SEGMENTS_MAX 8

struct coap_place {
	bool is_secure;           /* coaps: DTLS */
	char host[COAP_HOST_MAX]; /* without brackets */
	uint16_t port;
	char path[COAP_PATH_MAX];          /* without the first slash; may be empty */
	char query[COAP_TARGET_QUERY_MAX]; /* of what is read; never of a URI */
	bool asks_for_text;                /* Accept: text/plain, of what is read */
	bool is_resolved;
	coap_address_t address; /* where is_resolved */
};

/*
 * Reads a URI without user, query, fragment or percent escapes; a host that is a
 * numeric address is resolved at once, a name is for the caller to look up.
 * Returns 0, or -EINVAL and leaves `out` alone.
 */
int coap_place_parse(struct coap_place *out, const char *uri) MUST_CHECK;

/* Makes an address of a numeric IPv4 or IPv6 `host`. Returns 0, or -EINVAL and leaves `out` alone.
 */
int coap_place_numeric(coap_address_t *out, const char *host, uint16_t port) MUST_CHECK;

/* Takes the looked-up `address` of the host. */
void coap_place_resolve(struct coap_place *place, const struct sockaddr *address);

/* Makes it the place of `target` on the same host. */
void coap_place_aim(struct coap_place *place, const struct coap_target *target);

/*
 * Add the Uri-Path options of `path`, parts divided by `/`, and the Uri-Query options of `query`,
 * parts divided by `&`, to `pdu`. Return whether they fitted.
 */
bool coap_place_add_path(const char *path, coap_pdu_t *pdu) MUST_CHECK;
bool coap_place_add_query(const char *query, coap_pdu_t *pdu) MUST_CHECK;
