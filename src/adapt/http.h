/*
 * A small HTTP/1.1 server within our event loop, on a Unix socket and on TCP:
 * routes, limits, and the error document. It knows nothing of what is served.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"
#include "model/role.h"
#include "wire/http_words.h"

#define HTTP_BODY_MAX (64 * 1024)
#define HTTP_UNIX_MAX 64 /* connections on the Unix socket */
#define HTTP_TCP_MAX 192 /* and over TCP */
#define HTTP_CONNECTIONS_MAX (HTTP_UNIX_MAX + HTTP_TCP_MAX)
#define HTTP_ADDRESS_MAX 32 /* connections from one address */
#define HTTP_SHARED_MAX 128 /* from this machine itself, or from a proxy */
#define HTTP_TIMEOUT_S 30   /* of silence */
#define HTTP_HEAD_S 15      /* for a connection's first head, with the handshake of TLS */
#define HTTP_BODY_S 30      /* for the body of a request, and from one request to the next */
#define HTTP_ARGUMENTS_MAX 8
#define HTTP_READERS_MAX 2 /* blocking handlers at work at once; the rest wait in order */
#define HTTP_SEGMENT_MAX 64
#define HTTP_LINK_MAX 384
#define HTTP_FIELDS_MAX 4 /* headers of an answer besides those that the server sets */
#define HTTP_FIELD_MAX 192
#define HTTP_NOTE_MAX 160

enum http_method { HTTP_GET, HTTP_POST, HTTP_PATCH, HTTP_DELETE, HTTP_METHOD_COUNT };

/* How a request came to us. */
enum http_transport {
	HTTP_UNIX,     /* by the socket's file permission */
	HTTP_LOOPBACK, /* from this machine, to an address of this machine */
	HTTP_TLS,
	HTTP_PROXY,    /* from an address that is configured as a proxy's */
	HTTP_INSECURE, /* from beyond this machine in the open */
};

/* "unix", "loopback", "tls", "proxy", "insecure" */
const char *http_transport_name(enum http_transport transport);

struct http_exchange;

/* Who a request is from, as far as the gate knows. */
struct http_caller {
	enum http_caller_kind {
		HTTP_CALLER_NOBODY,
		HTTP_CALLER_UNIX,  /* whoever may use the socket */
		HTTP_CALLER_USER,  /* logged in */
		HTTP_CALLER_CODE,  /* logged in by a code of this machine */
		HTTP_CALLER_TOKEN, /* a program */
	} kind;
	struct ident name;              /* the user's or token's, else empty */
	char address[ADDRESS_TEXT_MAX]; /* behind a proxy whom that saw; empty: the socket */
};

/* Borrowed for the handler's call. */
struct http_request {
	struct http_exchange *exchange; /* for http_defer() */
	enum http_method method;
	enum http_transport transport;
	enum role role;
	bool is_secure; /* the browser came by https */
	struct http_caller caller;
	uint64_t pass; /* by which it came in and which may end: see the gate; 0: by none */
	char segment[HTTP_SEGMENT_MAX]; /* what stood in the path for `*` */
	size_t argument_count;
	struct http_argument {
		const char *name, *value; /* decoded; value "" where there was none */
	} arguments[HTTP_ARGUMENTS_MAX];
	const char *body; /* not terminated; NULL where there is none */
	size_t body_length;
};

/* A body that outlives the server, such as a file of the program itself. Strings are static. */
struct http_fixed {
	const void *bytes; /* NULL: there is none */
	size_t length;
	const char *encoding; /* "gzip"; NULL: as it is */
	const char *tag;      /* ETag, quoted */
	const char *cache;    /* Cache-Control */
};

/* An answer that goes out more than once, see http_kept_new(). */
struct http_kept;

/* Begins as 204 without a body. */
struct http_reply {
	int status;
	struct http_kept *kept; /* borrowed until it is sent; NULL: made for this request alone */
	const char *content_type; /* static */
	char *body;               /* from malloc, taken by the server */
	size_t body_length;
	struct http_fixed fixed;  /* in place of `body` */
	struct http_feed_reader *feed; /* in place of both: http_feed_join() */
	size_t field_count;
	struct http_field {
		const char *name; /* static */
		char value[HTTP_FIELD_MAX];
	} fields[HTTP_FIELDS_MAX];
	char next[HTTP_LINK_MAX]; /* path and query of the next page (RFC 8288); empty: none */
};

typedef void http_handler(void *user, const struct http_request *request, struct http_reply *reply);

/* Of routes; those with none of them are for who may view, if they are GET, else control. */
enum http_trait {
	HTTP_BLOCKS =
	    1, /* runs on a worker, at most HTTP_READERS_MAX at once; touches no loop state */
	HTTP_OPEN = 2,    /* for everybody */
	HTTP_CONTROL = 4, /* GET, and still for who has control */
};

struct http_route {
	enum http_method method;
	const char *path; /* `*` stands for one segment, at most once */
	http_handler *handle;
	unsigned traits;
};

/* What stands before the handlers. */
struct http_gate {
	void *user;

	/*
	 * Fills in who `request` is from and what role that has. Returns whether the request may
	 * go on, to what needs the role `needed`; else it has made `refusal`.
	 */
	bool (*admit)(void *user, struct http_request *request, enum role needed,
		      struct http_reply *refusal);

	/* Whether that `pass` of a request still holds; that counts as using it. */
	bool (*is_valid)(void *user, uint64_t pass);

	/* Whether a proxy of ours has that address. */
	bool (*is_proxy)(void *user, const char *address);
};

/* What somebody asked for, for who writes it down; borrowed from the request. */
struct http_deed {
	const struct http_request *request;
	const char *method; /* static */
	const char *path;   /* decoded, and cut where it is long: any bytes */
	const char *note;   /* of http_note() */
	int64_t uid;        /* of the process at the Unix socket, else -1 */
};

/* Who writes down what is asked. */
struct http_witness {
	void *user;

	/*
	 * `reply` is about to answer `deed`: anything but a GET that has a route, and any
	 * request whose token is not known. Returns whether it has to wait for http_release().
	 */
	bool (*see)(void *user, const struct http_deed *deed, const struct http_reply *reply);
};

struct http_server;

/*
 * Listens on `socket_path` with mode 0660. A stale socket file is replaced, a
 * live one is not. `routes` (`count` of them) are borrowed until closed. Returns
 * 0, or a negative errno with a sentence in `error`.
 */
int http_open(struct http_server **out, uv_loop_t *loop, const char *socket_path,
	      const struct http_route *routes, size_t count, void *user,
	      struct text *error) MUST_CHECK;

/* Without a gate everybody has the role control: to be set before http_open_tcp(). */
void http_set_gate(struct http_server *server, struct http_gate gate);

/* Likewise; without one nothing is written down. */
void http_set_witness(struct http_server *server, struct http_witness witness);

/* Open connections. */
struct http_clients {
	size_t on_socket, on_tcp;
};

struct http_clients http_count_clients(const struct http_server *server);

struct http_tcp {
	const char *address;           /* numeric, IPv4 or IPv6 */
	uint16_t port;                 /* 0: any that is free */
	const char *certificate, *key; /* PEM text, borrowed for the call; NULL: no TLS */
	enum http_transport transport;
};

/*
 * Listens on TCP as well, with the same routes; once. Returns the port, or a
 * negative errno with a sentence in `error` (-EADDRINUSE: someone else listens
 * there); `server` goes on as before then, and it may be tried again.
 */
int http_open_tcp(struct http_server *server, const struct http_tcp *tcp,
		  struct text *error) MUST_CHECK;

/*
 * Stops listening and removes the socket; ends open connections once the
 * blocking handlers under way have returned, then calls `closed(user)` (may be
 * NULL) in a later turn of the loop. `server` may be NULL: nothing happens then.
 */
void http_close(struct http_server *server, void (*closed)(void *user));

/*
 * What a handler that does not block may call when its answer has to wait: the
 * reply that it has made by then is thrown away, and the connection stands still
 * until http_answer(). Returns what http_answer() is to be given.
 */
struct http_exchange *http_defer(const struct http_request *request) MUST_CHECK;

/*
 * Sends `reply`, whose body is taken, to a request that was deferred; nothing is
 * sent where its client has gone. From the loop, never within a handler. Every
 * deferred request is answered, at the latest before http_close().
 */
void http_answer(struct http_exchange *deferred, struct http_reply reply);

/*
 * What a handler may call: the value of the query argument `name`, or NULL.
 */
const char *http_argument(const struct http_request *request, const char *name);

/* The same of the header `name`, whatever its case. */
const char *http_header(const struct http_request *request, const char *name);

/*
 * The address that the request was connected to, where that was over TCP. Returns 0, or a
 * negative errno.
 */
int http_local_address(const struct http_request *request, char out[ADDRESS_TEXT_MAX]) MUST_CHECK;

/*
 * Notes for the witness what a request is about: what was understood of its body, and nothing
 * that is secret.
 */
void http_note(const struct http_request *request, const char *format, ...) PRINTF_LIKE(2, 3);

/* Says for the witness whom a login has found the request to be from. */
void http_set_caller(struct http_exchange *exchange, enum http_caller_kind kind,
		     const struct ident *name);

/* For a handler that writes `request` down itself: the witness is not told of it any more. */
struct http_deed http_take_deed(const struct http_request *request) MUST_CHECK;

/* Sends the answer that waits since the witness has seen it. From the loop, as http_answer(). */
void http_release(struct http_exchange *held);

/*
 * A place for an answer that many ask for. The first reply with it as `kept` is made as
 * any other; from then on it is sent, bytes and headers, and nothing else of a reply with it but
 * its status is looked at. Freed when no reply has it: who is being sent it gets the whole. NULL:
 * memory.
 */
struct http_kept *http_kept_new(void) MUST_CHECK;
void http_kept_free(struct http_kept *kept); /* accepts NULL */
bool http_kept_is_made(const struct http_kept *kept);

/* Adds a header to an answer that is made otherwise; `name` is static. */
void http_reply_header(struct http_reply *reply, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* A problem as it is told (RFC 9457). */
struct http_trouble {
	int status;
	const char *type;    /* a name that programs can rely on; NULL: what is usual for `status` */
	const char *detail;  /* one sentence */
	const char *pointer; /* of the member that it is about (RFC 6901); NULL: none */
	bool has_range;      /* of what may be there */
	double min, max;
	struct json_t *reason; /* of the limits that refuse it; taken; NULL: none */
};

void http_trouble(struct http_reply *reply, const struct http_trouble *trouble);

/* Replies with application/problem+json (RFC 9457); `detail` is one sentence. */
void http_problem(struct http_reply *reply, int status, const char *detail);

/* Likewise with the type "/problems/`type`", which programs can rely on; NULL: the usual. */
void http_problem_of(struct http_reply *reply, int status, const char *type, const char *detail);

/* The words of a status: "Not Found". */
const char *http_status_words(int status);
