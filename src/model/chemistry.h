/*
 * Chemistry presets: the widest envelope that a battery of that kind may be
 * used in, and where it starts. A user narrows a preset; only `custom` is free.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum chemistry {
	CHEMISTRY_NONE, /* not configured: the battery is watched, never commanded */
	CHEMISTRY_LFP,
	CHEMISTRY_NMC,
	CHEMISTRY_LEAD_ACID,
	CHEMISTRY_CUSTOM,
	CHEMISTRY_COUNT
};

struct envelope {
	int32_t reserve_bp; /* no discharging at or below */
	int32_t ceiling_bp; /* no charging at or above */
	int32_t charge_min_mc, charge_max_mc;
	int32_t discharge_min_mc, discharge_max_mc;
};

struct chemistry_preset {
	const char *name;
	struct envelope widest; /* a setting outside is refused */
	struct envelope usual;  /* what holds where nothing is set */
	const char *source;     /* the data sheets behind the numbers */
};

/* The preset of `chemistry`, static; NULL for CHEMISTRY_NONE. */
const struct chemistry_preset *chemistry_preset(enum chemistry chemistry);
