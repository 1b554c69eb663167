/* Wall time as the server's DATETIME(3). */
#pragma once

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* What DATETIME can hold: the years 1 to 9999. */
#define SERVER_TIME_MIN_MS (-62135596800000)
#define SERVER_TIME_MAX_MS 253402300799999

/* Whether ms since 1970 UTC are a time that DATETIME can hold. */
bool server_time_is_valid(int64_t wall_ms);

/*
 * As UTC. A time that no calendar has, as broken clocks send, is the zero date,
 * which the server refuses by name: the protocol would cut its year to 16 bits.
 */
MYSQL_TIME server_time_of(int64_t wall_ms);

/* Writes "2026-03-29 02:10:00.123", as the server shows it; the time is valid. */
void server_time_format(int64_t wall_ms, struct text *out);
