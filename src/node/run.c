/* A node's loop, see run.h. What is to be done at the end is the program's. */
#include "node/run.h"

#include <signal.h>

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	uv_stop(handle->loop);
}

int run_until_signal(uv_loop_t *loop)
{
	uv_signal_t terminate, interrupt;
	int result = uv_signal_init(loop, &terminate);

	if (result < 0)
		return result;
	uv_signal_init(loop, &interrupt);
	result = uv_signal_start(&terminate, on_signal, SIGTERM);
	if (result == 0)
		result = uv_signal_start(&interrupt, on_signal, SIGINT);
	if (result == 0)
		uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&terminate, NULL);
	uv_close((uv_handle_t *)&interrupt, NULL);
	uv_run(loop, UV_RUN_NOWAIT); /* both lie on this stack */
	return result;
}

void run_out(uv_loop_t *loop)
{
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
}
