/*
 * Loops over rows of numbers, for which the compiler makes a second copy with
 * wider registers and picks at the start what the processor has. No product
 * is fused with a sum (-ffp-contract=off) and no sum reordered: each copy and
 * each machine computes the same bits, so that what is decided does not
 * depend on where.
 */
#pragma once

#include <stdint.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define PLAN_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define PLAN_WIDE
#endif

/*
 * e to the power of `x` <= 0, to some 1e-7 of it: 2 to a whole number by its bits, times a
 * polynomial. The C library's differs by version and processor.
 */
static inline float plan_exp(float x)
{
	float power = (x > -87 ? x : -87) * 1.44269504f;
	int whole = (int)(power - 0.5f);
	float r = power - (float)whole;
	union {
		int32_t bits;
		float value;
	} scale = {.bits = (whole + 127) << 23};

	return scale.value *
	       (1 + r * (0.69314718f +
			 r * (0.24022651f +
			      r * (0.05550411f +
				   r * (0.00961813f + r * (0.00133336f + r * 0.00015404f))))));
}
