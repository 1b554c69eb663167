/*
 * Several meters of one kind, whose powers are added up: two roofs, three phases. One that is
 * silent is left out and said: what is not heard is not 0, and the sum is of the others only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/time.h"
#include "model/ident.h"
#include "model/quantity.h"

#define METER_MEMBERS_MAX 8

struct meter_member {
	struct ident name;
	bool is_heard; /* since the start */
	double power_w;
	struct mono_time heard_at;
};

/* All 0 is one of which no member is known. */
struct meter_group {
	size_t count;
	struct meter_member members[METER_MEMBERS_MAX];
};

/* Knows `name` from now on, heard or not. Returns its index, or -ENOSPC. */
int meter_group_expect(struct meter_group *group, const struct ident *name) MUST_CHECK;

/* The member says `power_w` now; one that is new is known from now on. Returns 0 or -ENOSPC. */
int meter_group_hear(struct meter_group *group, const struct ident *name, double power_w,
		     struct mono_time mono) MUST_CHECK;

/* Whether it was heard within METER_HOLD_MS. */
bool meter_member_is_live(const struct meter_member *member, struct mono_time mono);

struct meter_total {
	size_t live, of;
	double power_w; /* of those that are live */
	/* Good, assumed where some are silent, missing where all are. */
	enum quality quality;
	bool is_heard;             /* any, ever */
	struct mono_time heard_at; /* the latest of them */
};

struct meter_total meter_group_total(const struct meter_group *group, struct mono_time mono);
