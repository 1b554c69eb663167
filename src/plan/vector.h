/*
 * Loops over rows of numbers, for which the compiler makes a second copy with
 * wider registers and picks at the start what the processor has. No product
 * is fused with a sum (-ffp-contract=off) and no sum reordered: each copy and
 * each machine computes the same bits, so that what is decided does not
 * depend on where.
 */
#pragma once

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define PLAN_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define PLAN_WIDE
#endif
