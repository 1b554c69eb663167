/* The keys of `meters`: which are waited for, of each kind. */
#include "wire/config_table.h"

#define OF_KIND(which)                                                                            \
	.kind = KEY_NAMES,                                                                        \
	.offset = (which) * sizeof(struct meters_config) + offsetof(struct meters_config, names), \
	.size = sizeof(((struct meters_config *)0)->names),                                       \
	.count_offset =                                                                           \
	    (which) * sizeof(struct meters_config) + offsetof(struct meters_config, count),       \
	.max = METER_MEMBERS_MAX, .preset = "[]"

static const struct config_key meters_keys[] = {
    {.name = "grid",
     OF_KIND(METER_GRID),
     .help = "Names of meters whose powers are added up; one that is silent is said."},
    {.name = "pv",
     OF_KIND(METER_PV),
     .help = "Likewise, on amphora/meter/pv/NAME; amphora/meter/pv itself has the name pv."},
    {.name = "load", OF_KIND(METER_LOAD), .help = "Likewise."},
};
const struct config_section config_meters = {SECTION(meters_keys)};
