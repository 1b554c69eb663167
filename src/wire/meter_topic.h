/* Meters' own topics: whose value it is, and whether it is a power or a counter. */
#pragma once

#include "base/result.h"
#include "model/ident.h"
#include "model/meter.h"

#define METER_TOPIC "amphora/meter/" /* and a kind, then maybe a name, then maybe a counter */

enum meter_topic_what {
	METER_SAYS_POWER,
	METER_COUNTS_IN,  /* …/imported_wh: of pv and load all energy */
	METER_COUNTS_OUT, /* …/exported_wh: of the grid only */
};

struct meter_topic {
	enum meter_kind kind;
	struct ident name; /* that of its kind where the topic has none */
	enum meter_topic_what what;
};

/* Returns 0, or -ENOENT where nobody's value stands there; then `out` is left alone. */
int meter_topic_parse(struct meter_topic *out, const char *topic) MUST_CHECK;
