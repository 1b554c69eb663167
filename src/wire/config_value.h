/* One scalar of the configuration to one value in memory, by its key. Internal to wire/config*.c.
 */
#pragma once

#include "base/result.h"
#include "wire/config_table.h"

/*
 * Converts `text` as `key` says and stores it in `target`, the struct of the
 * key's section. `house` is what has been read so far, for references. Returns
 * 0, or -EINVAL where it is not allowed, and leaves `target` alone.
 */
int config_value_store(void *target, const struct config_key *key, const char *text,
		       const struct house *house) MUST_CHECK;

/* The parts of `coap://host[:port]/path` or `coaps://…`; borrowed from the text. */
struct coap_uri {
	bool is_secure;
	const char *host;
	size_t host_length;
	uint16_t port;
	const char *path;
};

/* Returns 0, or -EINVAL and leaves `out` alone. */
int coap_uri_parse(struct coap_uri *out, const char *text) MUST_CHECK;

enum url_scheme { URL_HTTP, URL_HTTPS, URL_SMTP, URL_SMTPS };

/* Where a web or mail server is asked; borrowed from the text. */
struct service_url {
	enum url_scheme scheme;
	const char *host; /* without brackets */
	size_t host_length;
};

/* Reads `scheme://host[:port][/path][?query]` without a user. Returns 0, or -EINVAL and leaves
 * `out` alone. */
int service_url_parse(struct service_url *out, const char *text) MUST_CHECK;

/* Whether two uris, both valid, lead to the same place. */
bool coap_uri_equal(const char *a, const char *b);
