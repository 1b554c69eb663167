/*
 * What a person sends to the API, read and checked. Pure: bytes in, values
 * out, so that it can be tested and fuzzed by itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/admission.h"
#include "model/relay_admission.h"
#include "model/ident.h"
#include "model/parameter.h"
#include "model/quantity.h"

#define SETTING_TEXT_MAX 512

/* `{"scope":"b1","name":"reserve_pct","value":35}`; value null unsets, no scope is the house. */
struct setting_change {
	char scope[IDENT_MAX + 1]; /* empty: the house */
	enum parameter_id parameter;
	bool is_set;
	struct parameter_value value; /* where `is_set` */
};

/*
 * Reads a change from `length` bytes of JSON. Returns 0; -EINVAL (not such an object),
 * -ENOENT (no such parameter) or -ERANGE (the value is not allowed), each
 * with a sentence in `error`; leaves `out` alone unless 0, or -ERANGE, of which `out` tells the
 * parameter.
 */
int setting_change_parse(struct setting_change *out, const char *body, size_t length,
			 struct text *error) MUST_CHECK;

/*
 * `{"battery":"b1","intent":"charge","duration_s":900}`, or by relay:
 * `{"relay":"r1","state":"on","duration_s":900}`.
 */
struct override_request {
	bool is_by_relay;
	char id[IDENT_MAX + 1]; /* of the relay or battery */
	bool is_on;             /* by relay */
	enum intent intent;     /* by battery */
	int64_t duration_ms;    /* 1 s..OVERRIDE_MAX_MS */
};

/* Likewise. Returns 0, -EINVAL or -ERANGE. */
int override_request_parse(struct override_request *out, const char *body, size_t length,
			   struct text *error) MUST_CHECK;

/*
 * `{"node":"shed"}`, and where they are known all of `"chemistry":"lfp","capacity_kwh":5,
 * "power_kw":2`. Returns 0, -EINVAL, or -ERANGE where a size is not allowed.
 */
struct admission_request {
	bool is_relay;
	struct admission battery;     /* unless `is_relay` */
	struct relay_admission relay; /* where `is_relay`; its uri may be empty */
};

/*
 * A relay is told by its role: `{"node":"r3","role":"source","battery":"b1"}`; `"address"` where
 * several are called so, and `"lease":"none"` for one that has none, which is never taken for said.
 */
int admission_request_parse(struct admission_request *out, const char *body, size_t length,
			    struct text *error) MUST_CHECK;

/* `{"address":"coap://192.168.1.40"}`: where relays are to be looked for. Returns 0 or -EINVAL. */
int look_request_parse(char out[PATH_TEXT_MAX], const char *body, size_t length,
		       struct text *error) MUST_CHECK;

/* `{"fault":"sensor-silent","on":true}`: which fault the demo's house is to have or to lose. */
#define FAULT_NAME_MAX 32

struct fault_request {
	char fault[FAULT_NAME_MAX + 1]; /* small letters and hyphens */
	bool is_on;
};

/* Likewise. Returns 0 or -EINVAL. */
int fault_request_parse(struct fault_request *out, const char *body, size_t length,
			struct text *error) MUST_CHECK;
