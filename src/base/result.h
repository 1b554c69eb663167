/*
 * How functions report: 0 is success, a negative errno is unexpected and goes
 * up unchanged, a positive value is the module's own documented answer.
 */
#pragma once

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(position, first) __attribute__((__format__(__printf__, position, first)))

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
