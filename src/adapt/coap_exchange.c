/*
 * Requests and answers of a peer, see coap_peer.h: builds what is sent, finds
 * whose an answer is by its token, puts blocks together, and refuses what is
 * older than what is known already. When to send is coap_peer.c's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/coap_hub_parts.h"

#define TOKEN_LENGTH sizeof(uint64_t)
#define DEFAULT_MAX_AGE_S 60
#define BLOCK_SIZE(szx) ((size_t)16 << (szx))

static void open_exchange(struct coap_peer *peer, struct peer_exchange *exchange,
			  const struct peer_request *request);
static void send_exchange(struct coap_peer *peer, struct peer_exchange *exchange);
static bool send_request(struct coap_peer *peer, const struct peer_request *request,
			 const struct peer_message *message);
static bool fill_request(const struct coap_peer *peer, coap_pdu_t *pdu,
			 const struct peer_request *request, const struct peer_message *message);
static bool add_number(coap_pdu_t *pdu, coap_option_num_t option, uint32_t number);
static bool number_of(const coap_pdu_t *pdu, coap_option_num_t option, uint32_t *number);
static uint64_t token_of(const coap_pdu_t *pdu);
static struct coap_answer answer_of(const coap_pdu_t *pdu);
static void take_write(struct coap_peer *peer, const coap_pdu_t *received);
static coap_response_t take_read(struct coap_peer *peer, const coap_pdu_t *received);
static coap_response_t take_notification(struct coap_peer *peer, const coap_pdu_t *received);
static bool is_newer(const struct coap_peer *peer, const coap_pdu_t *received);
static void remember_sequence(struct coap_peer *peer, const coap_pdu_t *received);
static void deliver(struct coap_peer *peer, const coap_pdu_t *received, bool is_notification);
static bool gather(struct coap_peer *peer, const coap_block_t *block, struct coap_answer *answer);
static void ask_next_block(struct coap_peer *peer, coap_block_t block);
static void describe(char out[PEER_DETAIL_MAX], coap_pdu_code_t code);

void peer_write(struct coap_peer *peer)
{
	struct peer_request request = {.code = COAP_REQUEST_CODE_PUT, .token = peer->next_token++};

	if (peer->write.is_open) {
		peer->write.is_open = false;
		peer_stop_sending(peer);
	}
	open_exchange(peer, &peer->write, &request);
}

void peer_read(struct coap_peer *peer)
{
	bool is_registration = peer->is_observed && peer_now_ms(peer) >= peer->renew_at_ms;
	struct peer_request request = {.code = COAP_REQUEST_CODE_GET, .observes = is_registration};

	if (is_registration && peer->observe_token == 0)
		peer->observe_token = peer->next_token++;
	request.token = is_registration ? peer->observe_token : peer->next_token++;
	peer->read_is_registration = is_registration;
	open_exchange(peer, &peer->read, &request);
}

void peer_abandon_read(struct coap_peer *peer)
{
	peer->read.is_open = false;
	free(peer->body);
	peer->body = NULL;
}

coap_response_t peer_on_response(struct coap_peer *peer, const coap_pdu_t *received)
{
	uint64_t token = token_of(received);

	if (peer->write.is_open && token == peer->write.request.token) {
		take_write(peer, received);
		return COAP_RESPONSE_OK;
	}
	if (peer->read.is_open && token == peer->read.request.token)
		return take_read(peer, received);
	if (peer->observe_token != 0 && token == peer->observe_token)
		return take_notification(peer, received);
	/* An observation that we have left is ended by a reset; an acknowledgement is not answered.
	 */
	return coap_pdu_get_type(received) == COAP_MESSAGE_ACK ? COAP_RESPONSE_OK
							       : COAP_RESPONSE_FAIL;
}

/*
 * libcoap is in the midst of its queue here: only noted, reported from the timer.
 */
void peer_on_nack(struct coap_peer *peer, const coap_pdu_t *sent, coap_nack_reason_t reason)
{
	uint64_t token = token_of(sent);
	struct peer_exchange *exchange = NULL;

	if (peer->write.is_open && token == peer->write.request.token)
		exchange = &peer->write;
	else if (peer->read.is_open && token == peer->read.request.token)
		exchange = &peer->read;
	if (!exchange)
		return;
	if (reason == COAP_NACK_ICMP_ISSUE) {
		exchange->trouble = "nothing listens at its address";
		return;
	}
	exchange->trouble = reason == COAP_NACK_RST ? "it rejected the message" : "no answer";
	exchange->has_failed = true;
	peer_schedule(peer);
}

static void open_exchange(struct coap_peer *peer, struct peer_exchange *exchange,
			  const struct peer_request *request)
{
	*exchange = (struct peer_exchange){
	    .is_open = true,
	    .request = *request,
	    .deadline_ms = peer_now_ms(peer) + COAP_COMMAND_DEADLINE_MS,
	};
	exchange->is_waiting = peer->place.is_secure && !peer_secure_is_up(peer);
	if (!peer->session && !(peer->place.is_secure && peer->place.is_resolved)) {
		exchange->trouble = "its address is not known yet";
		exchange->has_failed = true;
	} else if (!exchange->is_waiting) {
		send_exchange(peer, exchange);
	}
	peer_schedule(peer);
}

void peer_send_waiting(struct coap_peer *peer)
{
	struct peer_exchange *const both[] = {&peer->write, &peer->read};

	for (size_t i = 0; i < ARRAY_LENGTH(both) && peer_secure_is_up(peer); i++) {
		if (both[i]->is_open && both[i]->is_waiting && !both[i]->has_failed)
			send_exchange(peer, both[i]);
	}
}

static void send_exchange(struct coap_peer *peer, struct peer_exchange *exchange)
{
	const struct peer_request *request = &exchange->request;
	char words[PEER_MESSAGE_MAX];
	struct peer_message message = {.payload = text_in(words, sizeof(words))};

	exchange->is_waiting = false;
	exchange->sent_at_ms = peer_now_ms(peer);
	if (request->code == COAP_REQUEST_CODE_PUT && !peer->actions->compose(peer, &message)) {
		exchange->trouble = "its lease was over before it could be sent";
		exchange->has_failed = true;
		return;
	}
	/* The first try may only fetch the error of an earlier datagram. */
	if (!send_request(peer, request, &message) && !send_request(peer, request, &message) &&
	    !exchange->is_waiting) {
		exchange->trouble = "could not be sent";
		exchange->has_failed = true;
	}
}

static bool send_request(struct coap_peer *peer, const struct peer_request *request,
			 const struct peer_message *message)
{
	coap_pdu_code_t code = message->is_post ? COAP_REQUEST_CODE_POST : request->code;
	coap_pdu_t *pdu = NULL;
	bool was_in_turn, is_sent;

	if (peer->session)
		pdu = coap_pdu_init(COAP_MESSAGE_CON, code, coap_new_message_id(peer->session),
				    coap_session_max_pdu_size(peer->session));
	if (!pdu)
		return false;
	if (!fill_request(peer, pdu, request, message)) {
		coap_delete_pdu(pdu);
		return false;
	}
	was_in_turn = coap_loop_enter(&peer->hub->coap);
	is_sent = coap_send(peer->session, pdu) != COAP_INVALID_MID;
	coap_loop_leave(&peer->hub->coap, was_in_turn);
	return is_sent;
}

/* Options stand in the order of their numbers: Observe, Uri-Path, Content-Format, Uri-Query, … */
static bool fill_request(const struct coap_peer *peer, coap_pdu_t *pdu,
			 const struct peer_request *request, const struct peer_message *message)
{
	const coap_block_t *block = &request->block;
	const struct text *payload = &message->payload;
	bool is_read = request->code == COAP_REQUEST_CODE_GET;
	const char *path = message->path ? message->path : peer->place.path;
	const char *query = is_read ? peer->place.query : message->query ? message->query : "";

	if (!coap_add_token(pdu, TOKEN_LENGTH, (const uint8_t *)&request->token))
		return false;
	if (request->observes && !add_number(pdu, COAP_OPTION_OBSERVE, COAP_OBSERVE_ESTABLISH))
		return false;
	if (!coap_place_add_path(path, pdu))
		return false;
	if (payload->length > 0 &&
	    !add_number(pdu, COAP_OPTION_CONTENT_FORMAT,
			message->is_text ? COAP_FORMAT_TEXT : COAP_FORMAT_JSON))
		return false;
	if (!coap_place_add_query(query, pdu))
		return false;
	if (is_read && peer->place.asks_for_text &&
	    !add_number(pdu, COAP_OPTION_ACCEPT, COAP_FORMAT_TEXT))
		return false;
	if (request->has_block &&
	    !add_number(pdu, COAP_OPTION_BLOCK2, (uint32_t)(block->num << 4 | block->szx)))
		return false;
	return payload->length == 0 ||
	       coap_add_data(pdu, payload->length, (const uint8_t *)payload->data);
}

static bool add_number(coap_pdu_t *pdu, coap_option_num_t option, uint32_t number)
{
	uint8_t bytes[sizeof(number)];
	unsigned int len = coap_encode_var_safe(bytes, sizeof(bytes), number);

	return coap_add_option(pdu, option, len, bytes) != 0;
}

static bool number_of(const coap_pdu_t *pdu, coap_option_num_t option, uint32_t *number)
{
	coap_opt_iterator_t at;
	const coap_opt_t *found = coap_check_option(pdu, option, &at);

	if (!found || coap_opt_length(found) > sizeof(*number))
		return false;
	*number = coap_decode_var_bytes(coap_opt_value(found), coap_opt_length(found));
	return true;
}

/* 0, which is never sent, for a token that can not be ours. */
static uint64_t token_of(const coap_pdu_t *pdu)
{
	coap_bin_const_t bytes = coap_pdu_get_token(pdu);
	uint64_t token = 0;

	if (bytes.length == sizeof(token))
		memcpy(&token, bytes.s, sizeof(token));
	return token;
}

static struct coap_answer answer_of(const coap_pdu_t *pdu)
{
	struct coap_answer answer = {.code = coap_pdu_get_code(pdu)};
	uint32_t format;

	if (!coap_get_data(pdu, &answer.length, &answer.payload))
		answer.length = 0;
	answer.has_format = number_of(pdu, COAP_OPTION_CONTENT_FORMAT, &format);
	answer.format = answer.has_format ? (uint16_t)format : 0;
	answer.is_text = answer.has_format && format == COAP_FORMAT_TEXT;
	if (!number_of(pdu, COAP_OPTION_MAXAGE, &answer.max_age_s))
		answer.max_age_s = DEFAULT_MAX_AGE_S;
	return answer;
}

static void take_write(struct coap_peer *peer, const coap_pdu_t *received)
{
	struct coap_answer answer = answer_of(received);
	char detail[PEER_DETAIL_MAX];

	peer->write.is_open = false;
	peer_schedule(peer);
	if (COAP_RESPONSE_CLASS(answer.code) == 2) {
		peer->actions->write_answered(peer, &answer);
		return;
	}
	describe(detail, answer.code);
	peer->actions->write_failed(peer, true, detail);
}

/*
 * An acknowledgement answers what we have just asked and is taken as it is; a
 * node that has started again counts its notifications from the beginning.
 */
static coap_response_t take_read(struct coap_peer *peer, const coap_pdu_t *received)
{
	bool is_acknowledgement = coap_pdu_get_type(received) == COAP_MESSAGE_ACK;

	if (peer->read_is_registration && !is_acknowledgement && !is_newer(peer, received)) {
		peer->hub->counters.reordered++;
		return COAP_RESPONSE_OK;
	}
	if (peer->read_is_registration) {
		remember_sequence(peer, received);
		peer->renew_at_ms = peer_now_ms(peer) + COAP_OBSERVE_RENEW_MS;
	}
	deliver(peer, received, false);
	return COAP_RESPONSE_OK;
}

static coap_response_t take_notification(struct coap_peer *peer, const coap_pdu_t *received)
{
	if (!is_newer(peer, received)) {
		peer->hub->counters.reordered++;
		return COAP_RESPONSE_OK;
	}
	remember_sequence(peer, received);
	deliver(peer, received, true);
	return COAP_RESPONSE_OK;
}

static bool is_newer(const struct coap_peer *peer, const coap_pdu_t *received)
{
	uint32_t sequence;

	return !number_of(received, COAP_OPTION_OBSERVE, &sequence) ||
	       coap_order_is_newer(&peer->order, sequence, peer_now_ms(peer));
}

static void remember_sequence(struct coap_peer *peer, const coap_pdu_t *received)
{
	peer->order.has_sequence = number_of(received, COAP_OPTION_OBSERVE, &peer->order.sequence);
	peer->order.at_ms = peer_now_ms(peer);
}

static void deliver(struct coap_peer *peer, const coap_pdu_t *received, bool is_notification)
{
	struct coap_answer answer = answer_of(received);
	char detail[PEER_DETAIL_MAX];
	coap_block_t block;

	answer.is_notification = is_notification;
	peer->read.is_open = false;
	if (COAP_RESPONSE_CLASS(answer.code) != 2) {
		peer_abandon_read(peer);
		describe(detail, answer.code);
		peer_read_never(peer);
		peer->actions->read_failed(peer, true, detail);
		return;
	}
	if (!coap_get_block(received, COAP_OPTION_BLOCK2, &block))
		block = (coap_block_t){0};
	if (gather(peer, &block, &answer)) {
		peer_read_never(peer);
		peer->actions->read_answered(peer, &answer);
	}
	if (!peer->read.is_open)
		peer_abandon_read(peer);
}

/*
 * Adds a block to the body. Returns whether `answer` is whole; its payload may
 * then lie in the body. Asks for the next block where there is one.
 */
static bool gather(struct coap_peer *peer, const coap_block_t *block, struct coap_answer *answer)
{
	if (block->num == 0 && !block->m)
		return true;
	if (block->num == 0)
		peer->body_length = 0;
	if (!peer->body)
		peer->body = malloc(COAP_PAYLOAD_MAX);
	if (!peer->body || block->num * BLOCK_SIZE(block->szx) != peer->body_length ||
	    answer->length > COAP_PAYLOAD_MAX - peer->body_length) {
		peer_read_never(peer);
		peer->actions->read_failed(peer, true, "its answer is too large or incomplete");
		return false;
	}
	memcpy(peer->body + peer->body_length, answer->payload, answer->length);
	peer->body_length += answer->length;
	if (block->m) {
		ask_next_block(peer, *block);
		return false;
	}
	answer->payload = peer->body;
	answer->length = peer->body_length;
	return true;
}

static void ask_next_block(struct coap_peer *peer, coap_block_t block)
{
	struct peer_request request = {
	    .code = COAP_REQUEST_CODE_GET,
	    .token = peer->next_token++,
	    .has_block = true,
	    .block = {.num = block.num + 1, .szx = block.szx},
	};

	peer->read_is_registration = false;
	open_exchange(peer, &peer->read, &request);
}

static void describe(char out[PEER_DETAIL_MAX], coap_pdu_code_t code)
{
	const char *phrase = coap_response_phrase((unsigned char)code);

	snprintf(out, PEER_DETAIL_MAX, "it answered %d.%02d %s", COAP_RESPONSE_CLASS(code),
		 code & 0x1f, phrase ? phrase : "");
}
