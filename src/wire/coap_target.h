/*
 * What is asked of a CoAP device, in one text: `/sensors/sht11`,
 * `/actuators/leds?color=r`, `POST /actuators/leds?color=r`.
 */
#pragma once

#include <stdbool.h>

#include "base/result.h"

#define COAP_TARGET_PATH_MAX 128
#define COAP_TARGET_QUERY_MAX 128
#define COAP_TARGET_SEGMENTS_MAX 8

enum coap_method { COAP_METHOD_PRESET, COAP_METHOD_GET, COAP_METHOD_PUT, COAP_METHOD_POST };

struct coap_target {
	enum coap_method method;           /* PRESET where it says none */
	char path[COAP_TARGET_PATH_MAX];   /* without the first slash */
	char query[COAP_TARGET_QUERY_MAX]; /* without the question mark; may be empty */
};

/*
 * Reads a target: printable ASCII without percent escapes and fragment, a path of at most
 * COAP_TARGET_SEGMENTS_MAX segments. Returns 0, or -EINVAL and leaves `out` alone.
 */
int coap_target_parse(struct coap_target *out, const char *text) MUST_CHECK;

/*
 * Whether a command to it toggles, so that nobody knows what comes of a repeated one: its path or
 * query says so, as of Contiki-NG's /actuators/toggle.
 */
bool coap_target_toggles(const struct coap_target *target);

/* Whether it tells of the node's own supply, which is no home battery: Contiki-NG's
 * /sensors/battery. */
bool coap_target_is_own_supply(const struct coap_target *target);
