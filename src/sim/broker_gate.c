/*
 * A relay of bytes between who knocks and the broker. Each direction reads one piece,
 * and the next only when that one has been written: a side that is slow slows the other.
 *
 * A closed gate listens no more and its port is bound anew when it opens, since a
 * socket that only does not accept would let its clients wait instead of refusing them.
 */
#include "sim/broker_gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define PIECE_MAX (16 * 1024)
#define BACKLOG 16

struct passage;

/* One end of a passage: what it reads is written to the other. */
struct side {
	struct passage *passage;
	uv_tcp_t tcp;
	uv_write_t write; /* to this side */
	bool is_open;
	char piece[PIECE_MAX];
};

struct passage {
	struct broker_gate *gate;
	bool is_used;
	int open_handles;
	struct side client, broker;
	uv_connect_t connect;
};

struct broker_gate {
	uv_loop_t *loop;
	uv_tcp_t *listener; /* NULL while closed */
	struct sockaddr_storage target;
	int port;
	bool is_freed;
	int open_handles;
	struct passage passages[GATE_PEERS_MAX];
};

static void gate_forget(struct broker_gate *gate)
{
	if (--gate->open_handles == 0 && gate->is_freed)
		free(gate);
}

static struct side *other_side(struct side *side)
{
	struct passage *passage = side->passage;

	return side == &passage->client ? &passage->broker : &passage->client;
}

static void on_side_closed(uv_handle_t *handle)
{
	struct side *side = handle->data;
	struct passage *passage = side->passage;

	if (--passage->open_handles == 0)
		passage->is_used = false;
	gate_forget(passage->gate);
}

static void side_close(struct side *side)
{
	if (!side->is_open)
		return;
	side->is_open = false;
	uv_close((uv_handle_t *)&side->tcp, on_side_closed);
}

static void passage_end(struct passage *passage)
{
	side_close(&passage->client);
	side_close(&passage->broker);
}

static void side_read(struct side *side);

static void on_written(uv_write_t *write, int status)
{
	struct side *side = write->data;

	if (status)
		passage_end(side->passage);
	else
		side_read(other_side(side));
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct side *side = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(side->piece, sizeof(side->piece));
}

static void on_piece(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct side *side = stream->data, *to = other_side(side);

	if (count == 0)
		return;
	uv_read_stop(stream);
	uv_buf_t piece = uv_buf_init(buffer->base, count > 0 ? (unsigned int)count : 0);

	if (count < 0 || uv_write(&to->write, (uv_stream_t *)&to->tcp, &piece, 1, on_written))
		passage_end(side->passage);
}

static void side_read(struct side *side)
{
	if (side->is_open && uv_read_start((uv_stream_t *)&side->tcp, on_room, on_piece))
		passage_end(side->passage);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct passage *passage = connect->data;

	if (status) {
		passage_end(passage);
		return;
	}
	side_read(&passage->client);
	side_read(&passage->broker);
}

static bool side_open(struct passage *passage, struct side *side)
{
	side->passage = passage;
	if (uv_tcp_init(passage->gate->loop, &side->tcp))
		return false;
	side->tcp.data = side;
	side->write.data = side;
	side->is_open = true;
	passage->open_handles++;
	passage->gate->open_handles++;
	uv_tcp_nodelay(&side->tcp, 1);
	return true;
}

static struct passage *free_passage(struct broker_gate *gate)
{
	for (size_t i = 0; i < GATE_PEERS_MAX; i++) {
		if (!gate->passages[i].is_used)
			return &gate->passages[i];
	}
	return NULL;
}

static void on_turned_away(uv_handle_t *handle)
{
	free(handle);
}

/* Without a place: takes the connection only to end it. */
static void turn_away(uv_stream_t *listener)
{
	uv_tcp_t *tcp = malloc(sizeof(*tcp));

	if (!tcp)
		return;
	if (uv_tcp_init(listener->loop, tcp)) {
		free(tcp);
		return;
	}
	if (uv_accept(listener, (uv_stream_t *)tcp))
		log_debug("a connection to the gate went before it was turned away");
	uv_close((uv_handle_t *)tcp, on_turned_away);
}

static void on_knock(uv_stream_t *listener, int status)
{
	struct broker_gate *gate = listener->data;
	struct passage *passage = free_passage(gate);

	if (status)
		return;
	if (!passage) {
		turn_away(listener);
		return;
	}
	passage->gate = gate;
	passage->open_handles = 0;
	if (!side_open(passage, &passage->client))
		return;
	passage->is_used = true;
	passage->connect.data = passage;
	if (uv_accept(listener, (uv_stream_t *)&passage->client.tcp) ||
	    !side_open(passage, &passage->broker) ||
	    uv_tcp_connect(&passage->connect, &passage->broker.tcp,
			   (const struct sockaddr *)&gate->target, on_connected))
		passage_end(passage);
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct broker_gate *gate = handle->data;

	free(handle);
	gate_forget(gate);
}

static void gate_shut(struct broker_gate *gate)
{
	if (gate->listener)
		uv_close((uv_handle_t *)gate->listener, on_listener_closed);
	gate->listener = NULL;
	for (size_t i = 0; i < GATE_PEERS_MAX; i++) {
		if (gate->passages[i].is_used)
			passage_end(&gate->passages[i]);
	}
}

/* On its port, or on a free one the first time. */
static int gate_bind(struct broker_gate *gate)
{
	struct sockaddr_in address;
	int length = sizeof(address);
	int result = uv_ip4_addr("127.0.0.1", gate->port, &address);

	if (!result)
		result = uv_tcp_bind(gate->listener, (const struct sockaddr *)&address, 0);
	if (!result)
		result = uv_listen((uv_stream_t *)gate->listener, BACKLOG, on_knock);
	if (!result)
		result = uv_tcp_getsockname(gate->listener, (struct sockaddr *)&address, &length);
	if (!result)
		gate->port = ntohs(address.sin_port);
	return result;
}

static int gate_open(struct broker_gate *gate)
{
	if (gate->listener)
		return 0;
	gate->listener = malloc(sizeof(*gate->listener));
	if (!gate->listener)
		return -ENOMEM;
	int result = uv_tcp_init(gate->loop, gate->listener);

	if (result) {
		free(gate->listener);
		gate->listener = NULL;
		return result;
	}
	gate->listener->data = gate;
	gate->open_handles++;
	result = gate_bind(gate);
	if (result)
		gate_shut(gate);
	return result;
}

int broker_gate_new(struct broker_gate **out, uv_loop_t *loop, const char *host, uint16_t port)
{
	struct broker_gate *gate = calloc(1, sizeof(*gate));

	if (!gate)
		return -ENOMEM;
	gate->loop = loop;
	gate->open_handles = 1; /* the owner's */
	int result = uv_ip4_addr(host, port, (struct sockaddr_in *)&gate->target);

	if (result)
		result = uv_ip6_addr(host, port, (struct sockaddr_in6 *)&gate->target);
	if (!result)
		result = gate_open(gate);
	if (result) {
		broker_gate_free(gate);
		return result;
	}
	*out = gate;
	return 0;
}

void broker_gate_set_closed(struct broker_gate *gate, bool is_closed)
{
	if (!gate)
		return;
	if (is_closed)
		gate_shut(gate);
	else if (gate_open(gate))
		log_error("the gate to the broker on port %d does not open", gate->port);
}

int broker_gate_port(const struct broker_gate *gate)
{
	return gate->port;
}

void broker_gate_free(struct broker_gate *gate)
{
	if (!gate)
		return;
	gate->is_freed = true;
	gate_shut(gate);
	gate_forget(gate);
}
