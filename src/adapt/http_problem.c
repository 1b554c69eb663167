/*
 * The error document of the API: application/problem+json (RFC 9457). It
 * decides nothing; who refuses a request says why and with which status.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/http.h"

#define TYPE_MAX 64

const char *http_status_words(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 412:
		return "Precondition Failed";
	case 413:
		return "Content Too Large";
	case 421:
		return "Misdirected Request";
	case 422:
		return "Unprocessable Content";
	case 428:
		return "Precondition Required";
	case 429:
		return "Too Many Requests";
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

/* What a status means by itself; NULL where the status says all that a program can know. */
static const char *usual_type(int status)
{
	switch (status) {
	case 400:
		return "malformed";
	case 404:
		return "not-found";
	case 413:
		return "too-large";
	case 503:
		return "not-now";
	default:
		return NULL;
	}
}

void http_problem(struct http_reply *reply, int status, const char *detail)
{
	http_problem_of(reply, status, NULL, detail);
}

void http_problem_of(struct http_reply *reply, int status, const char *type, const char *detail)
{
	http_trouble(reply,
		     &(struct http_trouble){.status = status, .type = type, .detail = detail});
}

void http_trouble(struct http_reply *reply, const struct http_trouble *trouble)
{
	int status = trouble->status;
	const char *type = trouble->type ? trouble->type : usual_type(status);
	char place[TYPE_MAX];
	struct text its_type = text_in(place, sizeof(place));
	json_t *problem;
	char *body;

	text_add(&its_type, "%s%s", type ? "/problems/" : "about:blank", type ? type : "");
	problem = json_pack("{s:s, s:s, s:i, s:s}", "type", place, "title",
			    http_status_words(status), "status", status, "detail", trouble->detail);
	if (problem && trouble->pointer)
		json_object_set_new(problem, "pointer", json_string(trouble->pointer));
	if (problem && trouble->has_range)
		json_object_set_new(
		    problem, "range",
		    json_pack("{s:f, s:f}", "min", trouble->min, "max", trouble->max));
	if (problem && trouble->reason)
		json_object_set(problem, "reason", trouble->reason);
	json_decref(trouble->reason);
	body = problem ? json_dumps(problem, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
	json_decref(problem);
	free(reply->body);
	*reply = (struct http_reply){
	    .status = status,
	    .content_type = "application/problem+json",
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	};
}
