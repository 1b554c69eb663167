/* The configuration, written from the page's answers. */
#pragma once

#include "daemon/daemon.h"

/* As api_host's setup_place() and setup(). */
void first_run_place(const struct daemon *daemon, struct api_setup_place *out);
int first_run_take(struct daemon *daemon, struct setup_wish *wish, struct api_setup_done *done,
		   struct text *error) MUST_CHECK;
