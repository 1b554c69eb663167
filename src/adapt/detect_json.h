/* What was found on a broker (wire/detect.h), as JSON for the API and the command line. */
#pragma once

#include <jansson.h>

#include "wire/detect.h"

/*
 * {"topics", "left_out", "devices": [{"kind", "profile", "id", "topic", "values", "only_retained",
 * "opens_by_itself", "source", "config"}]}; `opens_by_itself` is null for what is no relay. A new
 * reference, or NULL without memory.
 */
json_t *detect_json(struct detect *detect);
