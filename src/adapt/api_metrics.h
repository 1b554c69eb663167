/* What the files of GET /metrics share. Nobody else includes it. */
#pragma once

#include <math.h>

#include "adapt/api_internal.h"
#include "adapt/metrics_text.h"

struct metrics_view {
	const struct api *api;
	const struct house *house;
	const struct site *site;
	const struct daemon_status *status;
	struct now now;
	struct text *out;
};

/* The samples of one battery and of one relay, at most. */
#define METRICS_BATTERY_LINES 24
#define METRICS_RELAY_LINES 16

/* What each battery and each relay has (api_metrics_nodes.c). */
void api_metrics_batteries(const struct metrics_view *view);
void api_metrics_relays(const struct metrics_view *view);

static inline double metrics_seconds(int64_t ms)
{
	return (double)ms / MS_PER_SECOND;
}

static inline double metrics_known(bool is_known, double value)
{
	return is_known ? value : NAN;
}
