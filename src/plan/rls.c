/* One output at a time. */
#include "plan/rls.h"

#include <string.h>

#define SPREAD_FIRST 10.0  /* a wide guess around 0 */
#define SPREAD_MOST 1000.0 /* of all together: what is not seen for long is not forgotten on */

void rls_init(struct rls *rls, int inputs, double keep)
{
	memset(rls, 0, sizeof(*rls));
	rls->inputs = inputs;
	rls->keep = keep;
	for (int i = 0; i < inputs; i++)
		rls->spread[i][i] = SPREAD_FIRST;
}

static double sum_of(int count, const double *a, const double *b)
{
	double sum = 0;

	for (int i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

void rls_take(struct rls *rls, const double *input, double output)
{
	double gain[RLS_INPUTS], share, off, all = 0, keep;
	int count = rls->inputs;

	for (int i = 0; i < count; i++) {
		gain[i] = sum_of(count, rls->spread[i], input);
		all += rls->spread[i][i];
	}
	keep = all < SPREAD_MOST ? rls->keep : 1;
	share = 1 / (keep + sum_of(count, gain, input));
	off = output - sum_of(count, rls->fit, input);
	for (int i = 0; i < count; i++)
		rls->fit[i] += gain[i] * share * off;
	for (int i = 0; i < count; i++) {
		for (int j = 0; j <= i; j++) {
			double spread = (rls->spread[i][j] - gain[i] * gain[j] * share) / keep;

			rls->spread[i][j] = rls->spread[j][i] = spread;
		}
	}
	rls->counted++;
}

double rls_say(const struct rls *rls, const double *input)
{
	return sum_of(rls->inputs, rls->fit, input);
}
