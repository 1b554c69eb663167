#include "adapt/mqtt_ending.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <sys/random.h>
#include <uv.h>

#include "adapt/mqtt_words.h"

void mqtt_ending_refused(struct mqtt_ending *ending, int reason,
			 const struct mqtt_link_options *options)
{
	struct text text = text_in(ending->refusal, sizeof(ending->refusal));

	mqtt_words_refusal(&text, reason, options);
}

void mqtt_ending_goodbye(struct mqtt_ending *ending, int reason,
			 const struct mqtt_link_options *options)
{
	struct text text = text_in(ending->refusal, sizeof(ending->refusal));

	ending->goodbye = reason;
	mqtt_words_goodbye(&text, reason, options);
}

/* Whether the failure is of the way to the broker, which TLS knows nothing about. */
static bool is_out_of_reach(int result)
{
	return result == -ECONNREFUSED || result == -ETIMEDOUT || result == -EHOSTUNREACH ||
	       result == -ENETUNREACH || result == MOSQ_ERR_EAI;
}

/* EBADF: the library met bytes that are no MQTT, such as a TLS alert, and closed its socket. */
bool mqtt_ending_is_silent(int result)
{
	return result == -ECONNRESET || result == -EPIPE || result == -EBADF ||
	       result == MOSQ_ERR_CONN_LOST || result == MOSQ_ERR_NO_CONN;
}

void mqtt_ending_words(struct text *out, const struct mqtt_link_options *options,
		       const struct mqtt_tls *tls, enum link_state state, int result)
{
	if (tls == NULL && state == LINK_GREETING && mqtt_ending_is_silent(result))
		text_add(out,
			 "the broker closed the connection before it answered; it may want "
			 "TLS on port %u",
			 options->port);
	else if (tls == NULL || is_out_of_reach(result) ||
		 !mqtt_tls_explain(tls, out, state == LINK_UP, options->port))
		mqtt_words_failure(out, result, options);
}

void mqtt_ending_no_greeting(struct text *out, const struct mqtt_link_options *options,
			     const struct mqtt_tls *tls)
{
	if (tls == NULL || !mqtt_tls_explain(tls, out, true, options->port))
		text_add(out, "no greeting from the broker");
}

/* Up to half as much again, so that many clients do not knock at once. */
static uint64_t with_jitter(uint32_t wait_ms)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint32_t)uv_hrtime();
	return wait_ms + random % (wait_ms / 2);
}

static enum mqtt_end end_of(const struct mqtt_ending *ending, enum link_state state, bool is_silent)
{
	if (state != LINK_UP)
		return MQTT_END_UNMADE;
	if (ending->goodbye == MQTT_RC_SESSION_TAKEN_OVER)
		return MQTT_END_TAKEN_OVER;
	return is_silent && ending->goodbye == 0 ? MQTT_END_SILENT : MQTT_END_OTHER;
}

struct mqtt_verdict mqtt_ending_judge(struct mqtt_ending *ending,
				      const struct mqtt_link_options *options,
				      enum link_state state, uint64_t lasted_ms, bool is_silent,
				      const char *reason)
{
	struct mqtt_verdict verdict = {0};
	struct text text = text_in(verdict.words, sizeof(verdict.words));
	enum mqtt_end end = end_of(ending, state, is_silent);

	verdict.wait_ms = with_jitter(mqtt_patience_ended(&ending->patience, end, lasted_ms));
	verdict.is_taken_over =
	    end != MQTT_END_UNMADE && mqtt_patience_is_taken_over(&ending->patience);
	if (verdict.is_taken_over)
		mqtt_words_goodbye(&text, MQTT_RC_SESSION_TAKEN_OVER, options);
	else
		text_add(&text, "%s", ending->refusal[0] != '\0' ? ending->refusal : reason);
	ending->refusal[0] = '\0';
	ending->goodbye = 0;
	return verdict;
}
