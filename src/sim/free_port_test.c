/* Ports of the house's relays. */
#include "sim/free_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* As libcoap does: whoever asks for the address as well may have it. */
static int shared_socket(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons(port)};
	int on = 1, socket_fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(socket_fd >= 0);
	assert_int_equal(setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(socket_fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return socket_fd;
}

static void each_port_is_another_and_none_that_the_kernel_gives_out(void **state)
{
	uint16_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		uint16_t before = last, port = free_port_next(&last);

		assert_true(port >= FREE_PORT_FIRST && port <= FREE_PORT_LAST);
		assert_int_equal(port, last);
		assert_int_not_equal(port, before);
	}
}

static void a_port_that_somebody_would_share_is_not_free(void **state)
{
	uint16_t last = 0, port = free_port_next(&last), again = (uint16_t)(port - 1);
	int other = shared_socket(port);

	(void)state;
	assert_int_not_equal(free_port_next(&again), port);
	close(other);
	again = (uint16_t)(port - 1);
	if (again >= FREE_PORT_FIRST)
		assert_int_equal(free_port_next(&again), port);
}

static void behind_the_last_port_comes_the_first(void **state)
{
	uint16_t last = FREE_PORT_LAST;

	(void)state;
	assert_true(free_port_next(&last) < FREE_PORT_FIRST + 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_port_is_another_and_none_that_the_kernel_gives_out),
	    cmocka_unit_test(a_port_that_somebody_would_share_is_not_free),
	    cmocka_unit_test(behind_the_last_port_comes_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
