/*
 * A relay node, see relay_server.h. It stands between the wire and the contact: the
 * resource (relay_resource.c) hands it commands, the unit (relay_unit.c) does what
 * they ask, and whoever observes is told.
 */
#include "node/relay_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "node/relay_memory.h"
#include "node/relay_server_parts.h"

#define RETRY_REAL_MS 200 /* after a contact that did not open */

/* Observers are told this much later, so that an answer never waits behind a notification. */
#define TELL_REAL_MS 5

static int recall(const struct relay_server *server, struct relay_memory *memory,
		  struct text *error);
static int boot(struct relay_server *server, struct text *error);
static int listen_at(struct relay_server *server, const char *address, uint16_t port,
		     struct text *error);
static uint64_t random_boot(void);
static void remember(struct relay_server *server);
static void tell_observers(struct relay_server *server);
static void on_telling(uv_timer_t *timer);
static void on_lease_end(uv_timer_t *timer);
static void open_at_lease_end(struct relay_server *server);
static void on_timer_closed(uv_handle_t *handle);
static void on_coap_closed(void *user);
static void release(struct relay_server *server);

int relay_server_new(struct relay_server **out, uv_loop_t *loop, const struct clock *clock,
		     const struct relay_server_options *options, const struct relay_driver *driver,
		     struct text *error)
{
	struct relay_server *server = calloc(1, sizeof(*server));
	int result;

	if (!server) {
		if (driver->close)
			driver->close(driver->user);
		return -ENOMEM;
	}
	server->clock = clock;
	server->unit = (struct relay_unit){.node = options->node, .driver = *driver};
	server->longest_ms = options->longest_ms > 0 ? options->longest_ms : LEASE_LONGEST_MS;
	server->state_path = options->state_path ? strdup(options->state_path) : NULL;
	if (options->key)
		server->key = *options->key;
	uv_timer_init(loop, &server->timer);
	server->timer.data = server;
	uv_timer_init(loop, &server->teller);
	server->teller.data = server;
	server->open_handles = 3; /* both timers, the CoAP context */
	result = boot(server, error);
	if (result == 0)
		result = coap_loop_open(&server->coap, loop, NULL, server);
	server->coap.user = server;
	if (result == 0)
		result = listen_at(server, options->address, options->port, error);
	if (result < 0) {
		relay_server_free(server);
		return result;
	}
	*out = server;
	return 0;
}

void relay_server_free(struct relay_server *server)
{
	struct relay_driver *driver;

	if (!server)
		return;
	driver = &server->unit.driver;
	if (driver->set && driver->set(driver->user, false) < 0)
		log_error("%s: the contact did not open at the end", server->unit.node.text);
	if (driver->close)
		driver->close(driver->user);
	*driver = (struct relay_driver){0};
	uv_close((uv_handle_t *)&server->timer, on_timer_closed);
	uv_close((uv_handle_t *)&server->teller, on_timer_closed);
	coap_loop_close(&server->coap, on_coap_closed);
}

uint16_t relay_server_port(const struct relay_server *server)
{
	return server->port;
}

const struct relay_node_state *relay_server_state(const struct relay_server *server)
{
	return &server->unit.state;
}

void relay_server_switch(struct relay_server *server, bool is_on, int64_t lease_ms)
{
	struct relay_command command = {
	    .is_on = is_on,
	    .has_lease = lease_ms > 0,
	    .lease_ms = lease_ms,
	};

	if (relay_server_obey(server, &command) < 0)
		log_error("%s: the contact did not move", server->unit.node.text);
}

int relay_server_obey(struct relay_server *server, const struct relay_command *command)
{
	int result;

	open_at_lease_end(server);
	result = relay_unit_obey(&server->unit, command, clock_mono(server->clock));
	if (result == LEASE_IGNORED)
		return 0;
	remember(server);
	relay_server_watch_lease(server);
	tell_observers(server);
	return result < 0 ? result : 0;
}

struct relay_status relay_server_status(struct relay_server *server)
{
	return relay_unit_status(&server->unit, server->clock->factor, clock_mono(server->clock));
}

void relay_server_watch_lease(struct relay_server *server)
{
	int64_t left_ms = mono_since(server->unit.state.lease_ends, clock_mono(server->clock));

	if (!server->unit.state.is_on)
		uv_timer_stop(&server->timer);
	else if (left_ms > 0)
		uv_timer_start(&server->timer, on_lease_end, clock_real_ms(server->clock, left_ms),
			       0);
	else
		uv_timer_start(&server->timer, on_lease_end, RETRY_REAL_MS, 0);
}

/* What is kept; written once again, so that a file that cannot be is found now and not later. */
static int recall(const struct relay_server *server, struct relay_memory *memory,
		  struct text *error)
{
	int result = relay_memory_load(memory, server->state_path);

	if (result < 0) {
		text_add(error, "cannot read the state file %s: %s", server->state_path,
			 result == -EINVAL ? "it is not a relay's; name another, or remove it"
					   : strerror(-result));
		return result;
	}
	result = relay_memory_save(memory, server->state_path);
	if (result < 0)
		text_add(error, "cannot write the state file %s: %s", server->state_path,
			 strerror(-result));
	return result;
}

static int boot(struct relay_server *server, struct text *error)
{
	struct relay_memory memory = {0};
	int result;

	if (server->state_path) {
		result = recall(server, &memory, error);
		if (result < 0)
			return result;
	}
	result = relay_unit_boot(&server->unit, server->longest_ms, &memory, random_boot());
	if (result < 0)
		text_add(error, "the contact does not open: %s", strerror(-result));
	return result;
}

static int listen_at(struct relay_server *server, const char *address, uint16_t port,
		     struct text *error)
{
	int bound = coap_loop_listen_node(&server->coap, address, port, &server->key);

	if (bound < 0) {
		text_add(error, "cannot listen on %s port %u: %s", address, port,
			 bound == -EINVAL ? "the address is not a numeric one" : strerror(-bound));
		return bound;
	}
	server->port = (uint16_t)bound;
	return relay_resource_add(server);
}

/* New at each start; positive, so that it is a number in every JSON library. */
static uint64_t random_boot(void)
{
	uint64_t boot;

	if (getrandom(&boot, sizeof(boot), 0) != (ssize_t)sizeof(boot))
		boot = uv_hrtime();
	return (boot >> 11) | 1; /* up to 2^53, which doubles hold too */
}

static void remember(struct relay_server *server)
{
	struct relay_memory memory = relay_unit_memory(&server->unit);
	int result;

	if (!server->state_path)
		return;
	result = relay_memory_save(&memory, server->state_path);
	if (result < 0)
		log_error("cannot write the state file %s: %s", server->state_path,
			  strerror(-result));
}

static void tell_observers(struct relay_server *server)
{
	if (!uv_is_active((uv_handle_t *)&server->teller))
		uv_timer_start(&server->teller, on_telling, TELL_REAL_MS, 0);
}

static void on_telling(uv_timer_t *timer)
{
	struct relay_server *server = timer->data;

	coap_resource_notify_observers(server->resource, NULL);
	coap_loop_flush(&server->coap);
}

static void on_lease_end(uv_timer_t *timer)
{
	struct relay_server *server = timer->data;

	open_at_lease_end(server);
	relay_server_watch_lease(server);
}

static void open_at_lease_end(struct relay_server *server)
{
	int result = relay_unit_expire(&server->unit, clock_mono(server->clock));

	if (result == 0)
		return;
	if (result < 0)
		log_error("%s: the lease has ended and the contact does not open",
			  server->unit.node.text);
	remember(server);
	tell_observers(server);
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_coap_closed(void *user)
{
	release(user);
}

static void release(struct relay_server *server)
{
	if (--server->open_handles > 0)
		return;
	free(server->state_path);
	explicit_bzero(&server->key, sizeof(server->key));
	free(server);
}
