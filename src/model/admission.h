/*
 * A sensor that a person has let in while the daemon ran: it is heard, was in no
 * configuration, and is a battery of its own from then on. No relay is ever tied to it
 * here: it is watched, and `logic: monitor` until a person says otherwise.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/chemistry.h"
#include "model/house.h"
#include "model/ident.h"

#define ADMISSION_TEXT_MAX 64
#define ADMISSION_WATTS_MAX 10000000 /* Wh and W, as in a configuration */

struct admission {
	struct ident node;        /* the battery is called as its sensor */
	enum chemistry chemistry; /* CHEMISTRY_NONE, 0 and 0 where a person has not said them */
	int32_t capacity_wh, power_w;
};

/* Writes what the journal keeps beside the name: "lfp 5000 2000", "none 0 0". */
void admission_format(const struct admission *admission, struct text *out);

/*
 * Reads that back, with `node` for the name. Returns 0, or -EINVAL where it is no such text or
 * no such name; writes `out` only on 0.
 */
int admission_parse(struct admission *out, const char *node, const char *text) MUST_CHECK;

/* Finds the chemistry of that name that a person may give: lfp, nmc, lead-acid. 0 or -EINVAL. */
int admission_find_chemistry(enum chemistry *out, const char *name) MUST_CHECK;

/* The battery that it makes, without a topic; `out` is overwritten. */
void admission_battery(const struct admission *admission, struct battery_config *out);

/*
 * Whether `house` can take it in: 0; -EEXIST where a battery, sensor or relay has its name;
 * -ENOBUFS where there are BATTERIES_MAX; with a sentence in `error`.
 */
int admission_check(const struct admission *admission, const struct house *house,
		    struct text *error) MUST_CHECK;
