/* The blocking part of connecting: name service, TCP, TLS. The job of mqtt_reader's attempts. */
#pragma once

#include <stdint.h>

#include "adapt/mqtt_attempt.h"
#include "adapt/mqtt_tls_socket.h"
#include "base/result.h"

/* Each address of the host is given so long. */
#define MQTT_DIAL_S 30

struct mqtt_dial;

/* `session` may be NULL and is taken. Returns 0 or -ENOMEM, which takes nothing. */
int mqtt_dial_new(struct mqtt_dial **out, const char *host, uint16_t port,
		  struct ssl_st *session) MUST_CHECK;

/* Returns 0, a negative errno or MOSQ_ERR_EAI: nobody knows the host. */
extern const struct mqtt_attempt_work mqtt_dial_work;

/* After an attempt that returned 0: the connected socket, which does not block. */
struct mqtt_socket mqtt_dial_take(struct mqtt_dial *dial);

/* NULL is fine. */
void mqtt_dial_free(struct mqtt_dial *dial);
