/*
 * The error document of the API: application/problem+json (RFC 9457). It
 * decides nothing; who refuses a request says why and with which status.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/http.h"

const char *http_status_words(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 413:
		return "Content Too Large";
	case 422:
		return "Refused by limits";
	case 500:
		return "Internal Server Error";
	case 503:
		return "Service Unavailable";
	case 504:
		return "Gateway Timeout";
	default:
		return "Error";
	}
}

const char *http_transport_name(enum http_transport transport)
{
	static const char *const names[] = {
	    [HTTP_UNIX] = "unix",   [HTTP_LOOPBACK] = "loopback", [HTTP_TLS] = "tls",
	    [HTTP_PROXY] = "proxy", [HTTP_INSECURE] = "insecure",
	};

	return names[transport];
}

void http_problem(struct http_reply *reply, int status, const char *detail)
{
	json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
				    http_status_words(status), "status", status, "detail", detail);
	char *body = problem ? json_dumps(problem, JSON_COMPACT) : NULL;

	json_decref(problem);
	free(reply->body);
	*reply = (struct http_reply){
	    .status = status,
	    .content_type = "application/problem+json",
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	};
}
