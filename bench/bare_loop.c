/*
 * The bare closed loop: a reading arrives, its JSON is read, one PUT goes to
 * the relay of that number. No bounds, no state, no safety, no record: what
 * amphorad's latency is compared with, since nothing that speaks MQTT and CoAP
 * through these libraries can be faster.
 *
 *     bare_loop MQTT-PORT COAP-PORT
 *
 * Says `ready`; ends with SIGTERM.
 */
#include <arpa/inet.h>
#include <coap3/coap.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bare_subscriber.h"
#include "house.h"

struct loop {
	coap_context_t *coap;
	coap_session_t *session;
};

static void put(const struct loop *loop, const char *path, bool is_on)
{
	const char *body = is_on ? "{\"state\":\"on\",\"lease\":90,\"n\":4294967303}"
				 : "{\"state\":\"off\",\"n\":4294967303}";
	coap_pdu_t *pdu = coap_new_pdu(COAP_MESSAGE_CON, COAP_REQUEST_CODE_PUT, loop->session);
	uint8_t token[8], format[2];
	size_t token_len;

	if (pdu == NULL)
		return;
	coap_session_new_token(loop->session, &token_len, token);
	coap_add_token(pdu, token_len, token);
	coap_add_option(pdu, COAP_OPTION_URI_PATH, strlen(path), (const uint8_t *)path);
	coap_add_option(
	    pdu, COAP_OPTION_CONTENT_FORMAT,
	    coap_encode_var_safe(format, sizeof(format), COAP_MEDIATYPE_APPLICATION_JSON), format);
	coap_add_data(pdu, strlen(body), (const uint8_t *)body);
	coap_send(loop->session, pdu);
}

/* Node b7 has relay r7. */
static void on_message(void *user, const struct mosquitto_message *message)
{
	json_t *reading = json_loadb(message->payload, (size_t)message->payloadlen, 0, NULL);
	const char *node = json_string_value(json_object_get(reading, "node"));
	double soc_pct = json_number_value(json_object_get(reading, "SoC"));
	char path[16];

	if (node != NULL) {
		snprintf(path, sizeof(path), "r%.8s", node + 1);
		put(user, path, soc_pct < HOUSE_CHARGE_BELOW_PCT);
	}
	json_decref(reading);
}

static int open_coap(struct loop *loop, uint16_t port)
{
	coap_address_t relay;

	coap_startup();
	coap_address_init(&relay);
	relay.size = sizeof(relay.addr.sin);
	relay.addr.sin.sin_family = AF_INET;
	relay.addr.sin.sin_port = htons(port);
	relay.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	loop->coap = coap_new_context(NULL);
	if (loop->coap == NULL)
		return -ENOMEM;
	loop->session = coap_new_client_session(loop->coap, NULL, &relay, COAP_PROTO_UDP);
	return loop->session == NULL ? -ENOMEM : 0;
}

static int run(struct bare_subscriber *subscriber, struct loop *loop)
{
	int fd = coap_context_get_coap_fd(loop->coap), result = 0;

	while (!bare_is_stopped() && result >= 0) {
		result = bare_subscriber_turn(subscriber, fd);
		if (result > 0)
			coap_io_process(loop->coap, COAP_IO_NO_WAIT);
	}
	return result;
}

int main(int argc, char **argv)
{
	struct loop loop = {0};
	struct bare_events events = {.user = &loop, .on_message = on_message};
	struct bare_subscriber subscriber;
	int result;

	if (argc != 3)
		return 2;
	bare_catch_signals();
	if (open_coap(&loop, (uint16_t)atoi(argv[2])) < 0 ||
	    bare_subscriber_open(&subscriber, (uint16_t)atoi(argv[1]), "bare-loop", 1, &events) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	result = run(&subscriber, &loop);
	bare_subscriber_close(&subscriber);
	coap_session_release(loop.session);
	coap_free_context(loop.coap);
	coap_cleanup();
	return result < 0;
}
