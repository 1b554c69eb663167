/* What the files of the HTTP server share. Nobody else includes it. */
#pragma once

#include <microhttpd.h>
#include <sys/types.h>

#include "adapt/http.h"

#define HTTP_PATH_MAX 108
#define HTTP_DISCARD_MAX (1024 * 1024) /* of too large a body, before the connection is cut */
#define HTTP_ALLOW_MAX 32
#define HTTP_PATH_NOTED 96
#define HTTP_KEPT_MAX 64 /* files, each as it is, packed, and as not changed */

struct http_kept {
	struct MHD_Response *response; /* NULL: not made yet */
};

/* One request and its answer, from its first line until it is sent. */
struct http_exchange {
	struct http_server *server;
	struct http_listener *listener;
	struct MHD_Connection *connection;
	const struct http_route *route; /* NULL: no such path or method */
	struct http_request request;
	struct http_reply reply;
	bool is_answered;
	bool is_deferred;
	bool is_seen; /* by the witness, or who does it in its place */
	bool is_last; /* the connection ends after it: what follows cannot be told apart */
	char allow[HTTP_ALLOW_MAX]; /* methods of the path, where the method was not one of them */
	char path[HTTP_PATH_NOTED]; /* for the witness, as is the note */
	char note[HTTP_NOTE_MAX];
	char *body;                 /* HTTP_BODY_MAX bytes, made when the first arrive */
	size_t received;            /* also what was thrown away */
	uv_work_t work;
	struct http_exchange *next; /* waiting for a worker */
};

/* One socket that is listened on, with the library's daemon of its own. */
struct http_listener {
	struct http_server *server;
	struct MHD_Daemon *daemon; /* NULL: not open */
	enum http_transport transport;
	uv_poll_t poll;
	uv_timer_t timer;
	struct http_link *links;
	uint64_t looked_ms; /* the loop's time: when we last looked at them */
};

/* A connection. */
struct http_link {
	struct http_link *next, **place; /* where it is pointed to from */
	int fd;
	char address[ADDRESS_TEXT_MAX];
	uint64_t until_ms; /* the loop's time that the client has for what it is at */
};

extern const char *const http_methods[HTTP_METHOD_COUNT];

enum http_place { HTTP_AT_UNIX, HTTP_AT_TCP, HTTP_PLACES };

struct http_server {
	struct http_listener listeners[HTTP_PLACES];
	const struct http_route *routes;
	size_t route_count;
	struct http_gate gate;
	struct http_witness witness;
	void *user;
	char path[HTTP_PATH_MAX];
	ino_t inode; /* of our socket file */
	uv_loop_t *loop;
	int open_handles;
	int readers; /* blocking handlers at work */
	struct http_exchange *first_waiting, *last_waiting;
	bool is_closing, is_stopped;
	struct http_kept_file {
		const void *bytes; /* NULL: a free place */
		int status;
		struct http_kept kept;
	} files[HTTP_KEPT_MAX];
	void (*closed)(void *user);
};

/* Lets the library do what is ready, and asks it when it wants to run again. */
void http_turn(struct http_listener *listener);

/* Ends all connections and closes the handles; no reader may be at work. */
void http_stop(struct http_server *server);

/* The library calls it for a request's head, for each piece of its body, and at its end. */
enum MHD_Result http_on_request(void *listener, struct MHD_Connection *connection, const char *path,
				const char *method, const char *version, const char *data,
				size_t *size, void **memory);

/* The library calls it when a request is over, however it ended. */
void http_on_completed(void *listener, struct MHD_Connection *connection, void **memory,
		       enum MHD_RequestTerminationCode code);

/* Writes a numeric address. Returns 0, or -EAFNOSUPPORT for the Unix socket's. */
int http_address_write(char out[ADDRESS_TEXT_MAX], const struct sockaddr *address) MUST_CHECK;

/* The library asks whether it may take a connection, and tells when each begins and ends. */
enum MHD_Result http_on_accept(void *listener, const struct sockaddr *address, socklen_t length);
void http_on_connection(void *listener, struct MHD_Connection *connection, void **context,
			enum MHD_ConnectionNotificationCode code);

/* From now on the client has `seconds` for what it is at; 0: it waits for us. */
void http_link_allow(const struct http_exchange *exchange, unsigned seconds);

/* Ends connections whose time is over; does nothing if called more often than once a second. */
void http_links_look(struct http_listener *listener);

/* Who is at the other end; empty where that is the Unix socket. */
void http_peer_address(struct MHD_Connection *connection, char out[ADDRESS_TEXT_MAX]);

/* The user of the process that is at the other end of the Unix socket, -1 where it is another. */
int64_t http_peer_uid(struct MHD_Connection *connection);

/* Tells the witness of an answer that is about to go out. Returns whether it has to wait. */
bool http_is_held(struct http_exchange *exchange);

/* The answer that `reader` gets; frees the reader where it cannot be made. NULL then. */
struct MHD_Response *http_feed_response(struct http_feed_reader *reader);

/* Of a reply that is not sent; accepts NULL. */
void http_feed_leave(struct http_feed_reader *reader);

/* Where the answer of `exchange` is kept, or is to be; NULL: it is not. */
struct http_kept *http_kept_of(struct http_exchange *exchange);

/* Drops what was kept of files. */
void http_kept_end(struct http_server *server);

/* Sends what `exchange` has as its reply. */
enum MHD_Result http_send(struct http_exchange *exchange);

/* Makes the answer of `exchange` a problem. */
void http_refuse(struct http_exchange *exchange, int status, const char *detail);

/* Suspends the connection until a worker has run its handler. */
void http_wait_for_reader(struct http_exchange *exchange);

/* Answers those that wait for a worker: the daemon is stopping. */
void http_refuse_waiting(struct http_server *server);
