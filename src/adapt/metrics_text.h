/*
 * The text format of Prometheus (version 0.0.4): families of metrics, each with what it is, and
 * their samples. Pure: values in, bytes out.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* The most bytes that a family's head or a sample takes, with two labels of IDENT_MAX and two short
 * ones. */
#define METRICS_LINE_MAX 320

enum metrics_kind { METRICS_GAUGE, METRICS_COUNTER };

struct metrics_label {
	const char *name;  /* [a-z_]+ */
	const char *value; /* any text; escaped */
};

/* Begins a family; its samples follow without another family's between. `help` is one line. */
void metrics_family(struct text *out, const char *name, enum metrics_kind kind, const char *help);

/* One sample of the family `name`; nothing where `value` is NaN: it is not known. */
void metrics_sample(struct text *out, const char *name, const struct metrics_label *labels,
		    size_t label_count, double value);

/* A family with one sample without labels; nothing at all where `value` is NaN. */
void metrics_single(struct text *out, const char *name, enum metrics_kind kind, double value,
		    const char *help);
