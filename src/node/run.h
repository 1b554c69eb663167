/* Runs a node's loop until it is told to end. */
#pragma once

#include <uv.h>

#include "base/result.h"

/* Runs `loop` until SIGINT or SIGTERM. Returns 0, or libuv's error. */
int run_until_signal(uv_loop_t *loop) MUST_CHECK;

/* Lets the loop call what is still to be closed, and closes it. */
void run_out(uv_loop_t *loop);
