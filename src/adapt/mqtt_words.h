/* Why there is no connection to a broker, in words: what it is, and what a person can do. */
#pragma once

#include "adapt/mqtt_link.h"
#include "base/text.h"

/* The broker answered a CONNECT with that reason code of MQTT 5. */
void mqtt_words_refusal(struct text *out, int reason, const struct mqtt_link_options *options);

/* It ended the connection with that reason code. */
void mqtt_words_goodbye(struct text *out, int reason, const struct mqtt_link_options *options);

/* Connecting, reading or writing failed: a negative errno, or the library's MOSQ_ERR_… */
void mqtt_words_failure(struct text *out, int result, const struct mqtt_link_options *options);
