/*
 * What outlets have yet to tell, kept over a restart, as JSON. Times are kept by
 * the wall clock, since the other one begins anew; a clock that was set meanwhile
 * changes how long a letter is tried, and nothing else.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "model/house.h"
#include "model/outlet.h"

#define OUTLET_BOOK_BYTES_MAX (512 * 1024)

/* Now, on the clock of records and on that of the outlets. */
struct outlet_now {
	struct wall_time wall;
	int64_t ms;
};

/*
 * Writes the letters of the house's outlets, those under way included, and `seen`,
 * the highest id of an alert that they have heard of. Returns a text for free(), or
 * NULL where memory is out.
 */
char *outlet_book_write(const struct house *house, const struct outlet outlets[OUTLETS_MAX],
			uint32_t seen, struct outlet_now now) MUST_CHECK;

/*
 * Puts them back, each into the outlet of the same name; those of an outlet that is
 * no more are left out. Returns 0, or -EINVAL where this is no such text; some may
 * be back then, `seen` is left alone.
 */
int outlet_book_read(const struct house *house, struct outlet outlets[OUTLETS_MAX], uint32_t *seen,
		     const char *bytes, size_t length, struct outlet_now now) MUST_CHECK;
