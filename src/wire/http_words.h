/*
 * What strangers say in the headers of a request, read strictly: who they want
 * to reach, from where they come, what they show. Pure; does not allocate.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define AUTHORITY_HOST_MAX 256
#define ADDRESS_TEXT_MAX 46 /* of a numeric address, as INET6_ADDRSTRLEN */

/* Whom a request is for. */
struct authority {
	char host[AUTHORITY_HOST_MAX]; /* in lower case, without brackets and a last dot */
	uint16_t port;                 /* 0: none is named */
};

/* Reads "host[:port]" or "[address][:port]". Returns 0, or -EINVAL and leaves `out` alone. */
int authority_parse(struct authority *out, const char *text) MUST_CHECK;

struct origin {
	bool is_https;
	struct authority authority; /* with the scheme's port where none is named */
};

/* Reads "http://host[:port]" or https; nothing may follow. Returns 0 or -EINVAL; "null" is. */
int origin_parse(struct origin *out, const char *text) MUST_CHECK;

/*
 * Copies the value of the first cookie `name` in the header Cookie to `out`. Returns its length, 0
 * where there is none or it does not fit in `size` bytes with its end; `out` is a string then too.
 */
size_t cookie_find(char *out, size_t size, const char *header, const char *name);

/* Likewise what follows "Bearer " in the header Authorization. */
size_t bearer_find(char *out, size_t size, const char *header);

/*
 * The address in X-Forwarded-For that the nearest proxy of ours saw: the last one
 * that `is_trusted` does not take for another proxy of ours, else the first.
 * Returns 0, or -EINVAL where what is found is no numeric address.
 */
int forwarded_for(char out[ADDRESS_TEXT_MAX], const char *header,
		  bool (*is_trusted)(const void *user, const char *address),
		  const void *user) MUST_CHECK;
