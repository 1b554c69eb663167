/*
 * What a person answers on the page's first run, read and checked. Pure: bytes and what was found
 * on the broker in, wire/setup.h's answers out. Devices are named as they were found; their lines
 * come from there, never from who asks.
 *
 *   {"broker":{"host":"127.0.0.1","port":1883,"user":"","password":"…"},"zone":"Europe/Rome",
 *    "battery":{"device":"b1","chemistry":"lfp","capacity_kwh":5,"power_kw":2,"reserve_pct":20},
 *    "relays":[{"role":"source","device":"garage"},
 *              {"role":"load","uri":"coap://…","kind":"course-node","value":"/act","lease":"none"}],
 *    "replace":false,"preview":false}
 */
#pragma once

#include <jansson.h>

#include "wire/setup.h"

#define SETUP_PASSWORD_MAX 128
#define SETUP_POINTER_MAX 32

struct setup_broker {
	char host[PATH_TEXT_MAX];
	uint16_t port;
	char user[64];
	bool has_password; /* false: none was said */
	char password[SETUP_PASSWORD_MAX];
};

struct setup_wish {
	struct setup_broker broker;
	struct setup_answers answers; /* without broker and places */
	bool may_replace, is_preview;
};

/*
 * Reads `{"broker":{…}}`, which may be missing altogether: `*is_there` tells. Returns 0, or -EINVAL
 * or -ERANGE with a sentence, and the member that it is about in `pointer`.
 */
int setup_broker_parse(struct setup_broker *out, bool *is_there, const char *body, size_t length,
		       char pointer[SETUP_POINTER_MAX], struct text *error) MUST_CHECK;

/*
 * Reads all answers; `devices` are those that detect_json() has told (NULL: none). Returns 0,
 * -EINVAL (not such an object), -ERANGE (a value that is not allowed), -ENOENT (a device that
 * was not found) or -EPERM (a relay that does not open by itself, without `lease`), each with
 * a sentence and its pointer. `out` has a password: it is to be wiped.
 */
int setup_wish_parse(struct setup_wish *out, const char *body, size_t length,
		     const json_t *devices, char pointer[SETUP_POINTER_MAX],
		     struct text *error) MUST_CHECK;
