/* The table of stored messages; see redelivery.h. */
#include "adapt/redelivery.h"

#include <stdlib.h>
#include <string.h>

void redelivery_init(struct redelivery *redelivery)
{
	memset(redelivery, 0, sizeof(*redelivery));
}

void redelivery_add(struct redelivery *redelivery, uint16_t id, uint64_t payload_hash)
{
	size_t at = id % REDELIVERY_MAX;

	if (id == 0)
		return;
	redelivery->ids[at] = id;
	redelivery->hashes[at] = redelivery_fold(payload_hash);
	redelivery->last_id = id;
}

bool redelivery_is_known(const struct redelivery *redelivery, uint16_t id, uint64_t payload_hash,
			 bool is_duplicate)
{
	size_t at = id % REDELIVERY_MAX;
	int16_t since = (int16_t)(redelivery->last_id - id); /* round the end of all ids, too */

	return id != 0 && redelivery->ids[at] == id &&
	       redelivery->hashes[at] == redelivery_fold(payload_hash) &&
	       (is_duplicate || abs(since) < REDELIVERY_RECENT);
}
