/*
 * What is said to a node and what it says of itself, besides its values: the
 * collection interval, presence, and registration.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"
#include "wire/json_message.h"

#define NODE_MESSAGE_MAX 512 /* bytes; also of what the format functions write */
#define NODE_INTERVAL_MS_MIN 1
#define NODE_INTERVAL_MS_MAX (24 * 3600 * INT64_C(1000))

/*
 * Reads `{"interval":5}`, sent to amphora/<node>/set or PUT to a sensor. In s,
 * rounded to whole ms. Unknown members are refused. Writes `interval_ms` only on
 * REFUSAL_NONE, `detail` (may be NULL) only on refusal.
 */
enum refusal interval_message_parse(int64_t *interval_ms, const void *payload, size_t len,
				    struct refusal_detail *detail) MUST_CHECK;
void interval_message_format(struct text *out, int64_t interval_ms);

/* Reads `online` or `offline`, as a node says on amphora/<node>/status. */
enum refusal presence_message_parse(bool *is_online, const void *payload, size_t len) MUST_CHECK;
const char *presence_message(bool is_online);

enum node_type { NODE_RELAY, NODE_SENSOR };

/* "relay", "sensor" */
const char *node_type_name(enum node_type type);

struct registration {
	struct ident node;
	enum node_type type;
	uint16_t port; /* where it serves CoAP; 0: where the message came from */
};

/*
 * Reads `{"node":"r1","type":"relay"}`, `port` optional, as POSTed to
 * /registration. Further members are passed over. Writes `out` only on
 * REFUSAL_NONE, `detail` (may be NULL) only on refusal.
 */
enum refusal registration_parse(struct registration *out, const void *payload, size_t len,
				struct refusal_detail *detail) MUST_CHECK;
void registration_format(struct text *out, const struct registration *registration);
