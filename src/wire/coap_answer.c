/* What answers say by their code, order and age, see coap_answer.h. */
#include "wire/coap_answer.h"

#include "base/time.h"

/* RFC 7641, 3.4. */
#define SEQUENCE_HALF (UINT32_C(1) << 23)
#define SEQUENCE_FORGOTTEN_MS 128000

#define METHOD_NOT_ALLOWED 405
#define CODES_IN_CLASS 100
#define SUCCESS 2

#define ANSWER_MS 5000 /* real time that a read may take, with its retransmissions */

const char *coap_outcome_name(enum coap_outcome outcome)
{
	static const char *const names[] = {[COAP_GOOD] = "",
					    [COAP_ERROR] = "coap-error",
					    [COAP_NO_READBACK] = "no-readback",
					    [COAP_REFUSED] = "refused"};

	return names[outcome];
}

enum coap_outcome coap_outcome_of_read(int code)
{
	if (code / CODES_IN_CLASS == SUCCESS)
		return COAP_GOOD;
	return code == METHOD_NOT_ALLOWED ? COAP_NO_READBACK : COAP_ERROR;
}

enum coap_outcome coap_outcome_of_write(int code)
{
	return code / CODES_IN_CLASS == SUCCESS ? COAP_GOOD : COAP_REFUSED;
}

bool coap_order_is_newer(const struct coap_order *last, uint32_t sequence, uint64_t at_ms)
{
	if (!last->has_sequence || at_ms > last->at_ms + SEQUENCE_FORGOTTEN_MS)
		return true;
	return (last->sequence < sequence && sequence - last->sequence < SEQUENCE_HALF) ||
	       (last->sequence > sequence && last->sequence - sequence > SEQUENCE_HALF);
}

int64_t coap_fresh_for_ms(uint32_t max_age_s, int64_t stale_after_ms)
{
	int64_t max_age_ms = max_age_s * (int64_t)MS_PER_SECOND;

	return max_age_ms < stale_after_ms ? max_age_ms : stale_after_ms;
}

int64_t coap_read_again_ms(uint32_t max_age_s, int64_t stale_after_ms)
{
	int64_t fresh_ms = coap_fresh_for_ms(max_age_s, stale_after_ms);
	int64_t again_ms = fresh_ms - ANSWER_MS;

	if (again_ms < fresh_ms / 2)
		again_ms = fresh_ms / 2;
	return again_ms > MS_PER_SECOND ? again_ms : MS_PER_SECOND;
}
