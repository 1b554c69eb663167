/*
 * A relay that a person has let in while the daemon ran: it speaks our own CoAP, in the open, was
 * in no configuration, and belongs to a battery of the house from then on. Whoever lets in one
 * without a lease must say so; nothing is taken for said.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"
#include "model/ident.h"
#include "model/relay.h"

#define RELAY_ADMISSION_TEXT_MAX (PATH_TEXT_MAX + 96)

struct relay_admission {
	struct ident node;    /* the relay is called as its node */
	struct ident battery; /* that it charges or discharges */
	enum relay_role role;
	bool has_lease;          /* false: `lease: none`, by a person's word */
	char uri[PATH_TEXT_MAX]; /* coap://host[:port]/path */
};

/* Whether what the journal keeps of an admission is a relay's. */
bool relay_admission_is(const char *text);

/* Writes what the journal keeps beside the name: "relay source b1 leased coap://10.0.0.7/relay". */
void relay_admission_format(const struct relay_admission *admission, struct text *out);

/* Reads that back. Returns 0, or -EINVAL; writes `out` only on 0. */
int relay_admission_parse(struct relay_admission *out, const char *node,
			  const char *text) MUST_CHECK;

/* The relay that it makes of a battery of `house`, which has it. `out` is overwritten. */
void relay_admission_relay(const struct relay_admission *admission, const struct house *house,
			   struct relay_config *out);

/*
 * Whether `house` can take it in: 0; -EEXIST where its name or address is the house's already;
 * -ENOENT where no battery is called so; -ENOBUFS where there are RELAYS_MAX; -EINVAL for an
 * address that is not one of CoAP in the open (none is not looked at); with a sentence in `error`.
 */
int relay_admission_check(const struct relay_admission *admission, const struct house *house,
			  struct text *error) MUST_CHECK;
