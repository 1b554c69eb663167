/*
 * Recursive least squares with forgetting (Ljung, System Identification, 2nd ed., 11.2): a line
 * through some inputs that is fitted anew with each output, in memory that does not grow.
 */
#pragma once

#define RLS_INPUTS 8

struct rls {
	int inputs, counted;
	double keep; /* what is kept of what was seen before, with each output */
	double fit[RLS_INPUTS];
	double spread[RLS_INPUTS][RLS_INPUTS];
};

/* Begins at 0 for all, as a ridge would hold it. Inputs and outputs should be of about 1. */
void rls_init(struct rls *rls, int inputs, double keep);

void rls_take(struct rls *rls, const double *input, double output);

double rls_say(const struct rls *rls, const double *input);
