/* Any bytes as request, answer, interval or registration; the first byte chooses. */
#include "wire/node_message.h"
#include "wire/relay_message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_request(enum message_format format, const uint8_t *data, size_t size)
{
	char words[RELAY_MESSAGE_MAX];
	struct text text = text_in(words, sizeof words);
	struct relay_command command, again;

	if (relay_request_parse(&command, format, data, size, NULL) != REFUSAL_NONE)
		return;
	relay_request_format(&text, format, &command);
	if (text.is_cut ||
	    relay_request_parse(&again, format, words, text.length, NULL) != REFUSAL_NONE ||
	    again.is_on != command.is_on || again.lease_ms != command.lease_ms ||
	    again.number != command.number)
		abort();
}

static void fuzz_status(enum message_format format, const uint8_t *data, size_t size)
{
	char words[RELAY_MESSAGE_MAX];
	struct text text = text_in(words, sizeof words);
	struct relay_status status, again;

	if (relay_status_parse(&status, format, data, size, NULL) != REFUSAL_NONE)
		return;
	relay_status_format(&text, format, &status);
	if (text.is_cut ||
	    relay_status_parse(&again, format, words, text.length, NULL) != REFUSAL_NONE ||
	    again.is_on != status.is_on || again.lease_left_ms != status.lease_left_ms ||
	    again.boot != status.boot)
		abort();
}

static void fuzz_node(const uint8_t *data, size_t size)
{
	struct registration registration;
	int64_t interval_ms;

	if (interval_message_parse(&interval_ms, data, size, NULL) == REFUSAL_NONE &&
	    (interval_ms < NODE_INTERVAL_MS_MIN || interval_ms > NODE_INTERVAL_MS_MAX))
		abort();
	if (registration_parse(&registration, data, size, NULL) == REFUSAL_NONE &&
	    registration.node.text[0] == '\0')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum message_format format;

	if (size == 0)
		return 0;
	format = data[0] & 1 ? FORMAT_TEXT : FORMAT_JSON;
	fuzz_request(format, data + 1, size - 1);
	fuzz_status(format, data + 1, size - 1);
	fuzz_node(data + 1, size - 1);
	return 0;
}
