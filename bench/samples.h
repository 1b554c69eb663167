/* Times of single events, printed whole: percentiles are bench/run's affair. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SAMPLES_MAX 100000

struct samples {
	size_t count;
	size_t missing; /* events whose effect did not come in time */
	int64_t ns[SAMPLES_MAX];
};

/* CLOCK_MONOTONIC, one clock for all programs of the machine. */
int64_t now_ns(void);

/* What does not fit is counted as missing. */
void samples_add(struct samples *samples, int64_t ns);

/* One line of JSON on standard output: {"missing":0,"ns":[…]}. */
void samples_print(const struct samples *samples);
