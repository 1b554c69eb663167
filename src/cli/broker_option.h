/* A broker as one types it. */
#pragma once

#include <stdbool.h>

#include "model/house.h"

/*
 * Reads HOST, HOST:PORT or [ADDRESS]:PORT into host and port (MQTT_PORT by default). Returns false
 * and leaves `out` alone where it is none of them.
 */
bool broker_option_read(struct broker_config *out, const char *text);
