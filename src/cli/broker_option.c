#include "cli/broker_option.h"

#include <stdlib.h>
#include <string.h>

bool broker_option_read(struct broker_config *out, const char *text)
{
	bool is_v6 = text[0] == '[';
	const char *host = text + is_v6;
	size_t length = strcspn(host, is_v6 ? "]" : ":");
	const char *rest = host + length;
	char *end;
	long port = MQTT_PORT;

	if (is_v6 && *rest++ != ']')
		return false;
	if (length == 0 || length >= sizeof(out->host) || strcspn(host, " \t/") < length)
		return false;
	if (*rest != '\0') {
		if (*rest != ':')
			return false;
		port = strtol(rest + 1, &end, 10);
		if (end == rest + 1 || *end != '\0' || port < 1 || port > UINT16_MAX)
			return false;
	}
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	out->port = (uint16_t)port;
	return true;
}
