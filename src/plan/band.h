/*
 * Ends of a forecast that hold what they say. Whoever forecasts says how wide it believes a
 * tenth of the values to lie below and above its middle; a band learns by how much to stretch
 * that, on each side, until one value in ten does.
 *
 * After each value an end moves out by a step where the value lay beyond it, and in by a ninth
 * of that where not, so that in the long run one in ten does, whatever the values are: adaptive
 * conformal inference (Gibbs, Candès, NeurIPS 2021), on the score itself as in the quantile
 * tracking of conformal PID control (Angelopoulos, Candès, Tibshirani, NeurIPS 2023).
 */
#pragma once

struct band {
	float step;      /* how far an end moves out, as a share of its width */
	float low, high; /* factors on what was believed; 1 to begin with */
};

/* `values` is how many come until the forecast of the first of them is known to be right or not:
 * those fail together. */
void band_init(struct band *band, int values);

/*
 * A value has come. `below` and `above` (>= 0) are how far the ends were believed to lie from
 * `middle`. Where both are 0 and the value is the middle nothing was in doubt, and nothing is
 * learned.
 */
void band_take(struct band *band, float middle, float below, float above, float value);

/* The ends where they belong: `low` and `high` come in as believed, around `middle`. */
void band_stretch(const struct band *band, float middle, float *low, float *high);
