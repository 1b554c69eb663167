/* Rows of the past that a person brings back. */
#pragma once

#include "daemon/daemon.h"

/* As api_host's import() and imported(). */
int imports_take(struct daemon *daemon, const struct record *record, struct text *error) MUST_CHECK;
uint64_t imports_stored(const struct daemon *daemon);

/* A batch is durable: counts what was new in it. */
void imports_committed(struct daemon *daemon);
