/* An alert as it is told to people: the page's title (words/en/alerts.js), then the daemon's words.
 */
#pragma once

#include <jansson.h>

#include "base/text.h"

/* Adds "b1 is silent: no good reading for 90.1 s, 90 s allowed; see whether the sensor runs". */
void alert_words_add(struct text *out, const json_t *alert);
