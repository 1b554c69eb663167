/*
 * The resource /relay: bytes of a request to a command, the status to bytes. It
 * refuses (4.00) whatever is not wholly understood before anything changes.
 */
#include <errno.h>

#include "node/relay_server_parts.h"
#include "wire/link_format.h"
#include "wire/relay_message.h"

static void on_get(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response);
static void on_put(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response);
static bool format_of(const coap_pdu_t *request, coap_option_num_t option,
		      enum message_format *format);
static bool is_whole(const coap_pdu_t *request);
static bool read_command(const coap_pdu_t *request, enum message_format *format,
			 struct relay_command *command);
static bool is_copy(struct relay_server *server, const coap_session_t *session,
		    const coap_pdu_t *request, const struct relay_command *command);
static void answer(struct relay_server *server, coap_pdu_t *response, coap_pdu_code_t code,
		   enum message_format format);

int relay_resource_add(struct relay_server *server)
{
	coap_resource_t *resource =
	    coap_resource_init(coap_make_str_const("relay"), COAP_RESOURCE_FLAGS_NOTIFY_CON);

	if (!resource)
		return -ENOMEM;
	coap_resource_set_userdata(resource, server);
	coap_resource_set_get_observable(resource, 1);
	coap_register_handler(resource, COAP_REQUEST_GET, on_get);
	coap_register_handler(resource, COAP_REQUEST_PUT, on_put);
	coap_add_attr(resource, coap_make_str_const("rt"),
		      coap_make_str_const("\"" LINK_TYPE_RELAY "\""), 0);
	coap_add_attr(resource, coap_make_str_const("ct"), coap_make_str_const("\"50 0\""), 0);
	coap_add_resource(server->coap.context, resource);
	server->resource = resource;
	return 0;
}

static void on_get(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response)
{
	struct relay_server *server = coap_resource_get_userdata(resource);
	enum message_format format = FORMAT_JSON;

	(void)session;
	(void)query;
	if (!format_of(request, COAP_OPTION_ACCEPT, &format)) {
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_NOT_ACCEPTABLE);
		return;
	}
	answer(server, response, COAP_RESPONSE_CODE_CONTENT, format);
}

static void on_put(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response)
{
	struct relay_server *server = coap_resource_get_userdata(resource);
	enum message_format format;
	struct relay_command command;

	(void)query;
	if (!read_command(request, &format, &command)) {
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_BAD_REQUEST);
		return;
	}
	if (!is_copy(server, session, request, &command) &&
	    relay_server_obey(server, &command) < 0) {
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_INTERNAL_ERROR);
		return;
	}
	answer(server, response, COAP_RESPONSE_CODE_CHANGED, format);
}

/* Leaves `format` alone where the option is missing. Returns whether the format is one of ours. */
static bool format_of(const coap_pdu_t *request, coap_option_num_t option,
		      enum message_format *format)
{
	coap_opt_iterator_t at;
	const coap_opt_t *found = coap_check_option(request, option, &at);
	uint32_t number;

	if (!found)
		return true;
	number = coap_decode_var_bytes(coap_opt_value(found), coap_opt_length(found));
	if (number == COAP_MEDIATYPE_APPLICATION_JSON)
		*format = FORMAT_JSON;
	else if (number == COAP_MEDIATYPE_TEXT_PLAIN)
		*format = FORMAT_TEXT;
	else
		return false;
	return true;
}

/* A command that comes in several blocks is none of ours. */
static bool is_whole(const coap_pdu_t *request)
{
	coap_block_t block;

	return !coap_get_block(request, COAP_OPTION_BLOCK1, &block) || (block.num == 0 && !block.m);
}

/* A request that does not say what it is, is JSON if it looks so. */
static bool read_command(const coap_pdu_t *request, enum message_format *format,
			 struct relay_command *command)
{
	const uint8_t *payload;
	size_t length;

	if (!coap_get_data(request, &length, &payload) || length == 0 || !is_whole(request))
		return false;
	*format = payload[0] == '{' ? FORMAT_JSON : FORMAT_TEXT;
	return format_of(request, COAP_OPTION_CONTENT_FORMAT, format) &&
	       relay_request_parse(command, *format, payload, length, NULL) == REFUSAL_NONE;
}

/*
 * Whether it is an ON that came before, without a number to tell (lease.c looks
 * at those). It may have been overtaken by an OFF, so it is answered like an old
 * number: with how the relay stands. OFF is obeyed however often it comes.
 */
static bool is_copy(struct relay_server *server, const coap_session_t *session,
		    const coap_pdu_t *request, const struct relay_command *command)
{
	struct request_key key;

	if (!command->is_on || command->has_number)
		return false;
	key = request_key_of(session, request);
	return request_copies_take(&server->copies, &key, uv_now(server->timer.loop));
}

static void answer(struct relay_server *server, coap_pdu_t *response, coap_pdu_code_t code,
		   enum message_format format)
{
	struct relay_status status = relay_server_status(server);
	char message[RELAY_MESSAGE_MAX];
	struct text text = text_in(message, sizeof(message));
	uint8_t bytes[4];
	uint32_t number =
	    format == FORMAT_JSON ? COAP_MEDIATYPE_APPLICATION_JSON : COAP_MEDIATYPE_TEXT_PLAIN;

	relay_status_format(&text, format, &status);
	coap_pdu_set_code(response, code);
	coap_add_option(response, COAP_OPTION_CONTENT_FORMAT,
			coap_encode_var_safe(bytes, sizeof(bytes), number), bytes);
	/* How a relay stands is never to be kept in a cache. */
	coap_add_option(response, COAP_OPTION_MAXAGE, 0, NULL);
	coap_add_data(response, text.length, (const uint8_t *)text.data);
}
