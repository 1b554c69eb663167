/*
 * What an answer's code, order and age say, whoever gave it (RFC 7252, RFC 7641).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Content formats (IANA), as far as they are known here. */
#define COAP_FORMAT_TEXT 0
#define COAP_FORMAT_JSON 50
#define COAP_FORMAT_SENML_JSON 110
#define COAP_FORMAT_SENML_CBOR 112
#define COAP_FORMAT_LWM2M_TLV 11542
#define COAP_FORMAT_LWM2M_TLV_EARLY 1542 /* before it was registered */

enum coap_outcome {
	COAP_GOOD,
	COAP_ERROR,       /* a read was answered with an error */
	COAP_NO_READBACK, /* 4.05: it can not be read at all */
	COAP_REFUSED,     /* a command was answered with an error, or reset */
};

/* "", "coap-error", "no-readback", "refused" */
const char *coap_outcome_name(enum coap_outcome outcome);

/* Of a code as it is written, 2.05 being 205. Any 2.xx is good: nodes say 2.05 to a PUT. */
enum coap_outcome coap_outcome_of_read(int code);
enum coap_outcome coap_outcome_of_write(int code);

/* The last notification that was used. */
struct coap_order {
	bool has_sequence;
	uint32_t sequence; /* 24 bits, and wraps */
	uint64_t at_ms;
};

/*
 * Whether a notification of `sequence`, at `at_ms`, is newer than the last one (RFC 7641, 3.4):
 * within half of the numbers ahead, or long after it.
 */
bool coap_order_is_newer(const struct coap_order *last, uint32_t sequence, uint64_t at_ms);

/* For how long an answer is fresh, with the Max-Age that it has (60 s where it says none). */
int64_t coap_fresh_for_ms(uint32_t max_age_s, int64_t stale_after_ms);

/* When to read it again, after its arrival, so that the next answer comes before it is stale. */
int64_t coap_read_again_ms(uint32_t max_age_s, int64_t stale_after_ms);
