/*
 * See relays.h. Observers are told only when the program says so: the time that
 * is measured ends with the acknowledgement, and what follows is not in it.
 */
#include "relays.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/relay_message.h"

static void answer(const struct relay *relay, coap_pdu_t *response, coap_pdu_code_t code)
{
	char message[RELAY_MESSAGE_MAX];
	struct text text = text_in(message, sizeof(message));
	uint8_t format[4];

	relay_status_format(&text, FORMAT_JSON, &relay->status);
	coap_pdu_set_code(response, code);
	coap_add_option(
	    response, COAP_OPTION_CONTENT_FORMAT,
	    coap_encode_var_safe(format, sizeof(format), COAP_MEDIATYPE_APPLICATION_JSON), format);
	coap_add_option(response, COAP_OPTION_MAXAGE, 0, NULL);
	coap_add_data(response, text.length, (const uint8_t *)text.data);
}

static void on_get(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response)
{
	(void)session;
	(void)request;
	(void)query;
	answer(coap_resource_get_userdata(resource), response, COAP_RESPONSE_CODE_CONTENT);
}

static void obey(struct relay *relay, const struct relay_command *command)
{
	struct relay_status *status = &relay->status;

	status->switches += command->is_on && !status->is_on;
	status->is_on = command->is_on;
	status->lease_left_ms = command->is_on ? command->lease_ms : 0;
	status->has_number |= command->has_number;
	if (command->has_number)
		status->number = command->number;
	relay->commands++;
}

static void on_put(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response)
{
	struct relay *relay = coap_resource_get_userdata(resource);
	struct relay_command command;
	const uint8_t *payload;
	size_t length;

	(void)session;
	(void)query;
	if (!coap_get_data(request, &length, &payload) ||
	    relay_request_parse(&command, FORMAT_JSON, payload, length, NULL) != REFUSAL_NONE) {
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_BAD_REQUEST);
		return;
	}
	obey(relay, &command);
	answer(relay, response, COAP_RESPONSE_CODE_CHANGED);
}

static int add_relay(struct relays *relays, size_t index)
{
	struct relay *relay = &relays->all[index];
	char name[16];
	int length = snprintf(name, sizeof(name), "r%zu", index);

	relay->status = (struct relay_status){
	    .has_switches = true, .has_boot = true, .boot = 1, .clock_factor = 1};
	memcpy(relay->status.node.text, name, (size_t)length + 1);
	relay->resource =
	    coap_resource_init(coap_new_str_const((const uint8_t *)name, (size_t)length),
			       COAP_RESOURCE_FLAGS_RELEASE_URI | COAP_RESOURCE_FLAGS_NOTIFY_CON);
	if (relay->resource == NULL)
		return -ENOMEM;
	coap_resource_set_userdata(relay->resource, relay);
	coap_resource_set_get_observable(relay->resource, 1);
	coap_register_handler(relay->resource, COAP_REQUEST_GET, on_get);
	coap_register_handler(relay->resource, COAP_REQUEST_PUT, on_put);
	coap_add_resource(relays->coap, relay->resource);
	return 0;
}

int relays_open(struct relays *relays, uint16_t port)
{
	coap_address_t address;
	int result = 0;

	coap_startup();
	coap_address_init(&address);
	address.size = sizeof(address.addr.sin);
	address.addr.sin.sin_family = AF_INET;
	address.addr.sin.sin_port = htons(port);
	address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	relays->coap = coap_new_context(NULL);
	if (relays->coap == NULL)
		return -ENOMEM;
	if (coap_new_endpoint(relays->coap, &address, COAP_PROTO_UDP) == NULL)
		result = -EADDRINUSE;
	for (size_t i = 0; i < HOUSE_BATTERIES && result == 0; i++)
		result = add_relay(relays, i);
	if (result < 0)
		relays_close(relays);
	return result;
}

void relays_close(struct relays *relays)
{
	coap_free_context(relays->coap);
	coap_cleanup();
}

void relays_turn(struct relays *relays, uint32_t wait_ms)
{
	coap_io_process(relays->coap, wait_ms > 0 ? wait_ms : COAP_IO_NO_WAIT);
}

void relays_notify(struct relays *relays, size_t index)
{
	coap_resource_notify_observers(relays->all[index].resource, NULL);
}
