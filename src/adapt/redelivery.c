/* The ring of stored messages; see redelivery.h. */
#include "adapt/redelivery.h"

#include <string.h>

void redelivery_init(struct redelivery *redelivery)
{
	memset(redelivery, 0, sizeof(*redelivery));
}

void redelivery_add(struct redelivery *redelivery, uint16_t id, uint64_t payload_hash)
{
	if (id == 0)
		return;
	redelivery->ids[redelivery->next] = id;
	redelivery->hashes[redelivery->next] = redelivery_fold(payload_hash);
	redelivery->next = (redelivery->next + 1) % REDELIVERY_MAX;
	if (redelivery->count < REDELIVERY_MAX)
		redelivery->count++;
}

bool redelivery_is_known(const struct redelivery *redelivery, uint16_t id, uint64_t payload_hash)
{
	uint32_t hash = redelivery_fold(payload_hash);

	for (size_t i = 0; id != 0 && i < redelivery->count; i++) {
		if (redelivery->ids[i] == id && redelivery->hashes[i] == hash)
			return true;
	}
	return false;
}
