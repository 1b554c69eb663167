/*
 * Who asked for what through the API, and what was answered: for people who
 * look later. It never has a password, a code or a token in it.
 */
#pragma once

#include <stdint.h>

#include "model/ident.h"

#define AUDIT_ADDRESS_MAX 48
#define AUDIT_PATH_MAX 96
#define AUDIT_WHAT_MAX 160

/* Strings behind pointers are static. */
struct audit {
	const char *who;                 /* unix, user, code, token, nobody, home-assistant */
	struct ident name;               /* the user's or token's, else empty */
	int64_t uid;                     /* who used the Unix socket; -1: not known, or TCP */
	const char *transport;           /* unix, loopback, tls, proxy, insecure, mqtt */
	char address[AUDIT_ADDRESS_MAX]; /* empty: the Unix socket */
	const char *method;
	char path[AUDIT_PATH_MAX];
	char what[AUDIT_WHAT_MAX]; /* the body's meaning, as far as it was understood */
	int status;                /* of HTTP */
	uint32_t command;          /* its number since the start, 0: none */
	uint32_t count; /* how many requests this is about; 1, unless they were summed up */
};
