/* What happens next in a simulated home: a binary heap of a fixed size. */
#include <assert.h>

#include "sim/simulate_home.h"

static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void sim_queue_add(struct sim_queue *queue, struct sim_event event)
{
	size_t place = queue->count++;

	assert(place < SIM_QUEUE_MAX);
	event.order = queue->order++;
	while (place > 0 && is_before(&event, &queue->heap[(place - 1) / 2])) {
		queue->heap[place] = queue->heap[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	queue->heap[place] = event;
}

struct sim_event sim_queue_take(struct sim_queue *queue)
{
	struct sim_event first = queue->heap[0];
	struct sim_event last = queue->heap[--queue->count];
	size_t place = 0, child;

	while ((child = 2 * place + 1) < queue->count) {
		if (child + 1 < queue->count &&
		    is_before(&queue->heap[child + 1], &queue->heap[child]))
			child++;
		if (!is_before(&queue->heap[child], &last))
			break;
		queue->heap[place] = queue->heap[child];
		place = child;
	}
	queue->heap[place] = last;
	return first;
}
