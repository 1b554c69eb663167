/*
 * Rainflow counting as it goes. Three points are enough: the range between the
 * two before the newest is a cycle once the newest leaves it behind.
 */
#include "plan/wear.h"

#include <math.h>
#include <string.h>

static void add_cycle(struct wear_count *count, float from, float to, double cycles)
{
	float depth = fabsf(to - from);
	int class = (int)(depth * WEAR_DEPTHS);

	class = class >= WEAR_DEPTHS ? WEAR_DEPTHS - 1 : class;
	count->cycles[class] += cycles;
	count->ways[class] += (double)depth * cycles;
	count->middles[class] += (double)(from + to) / 2 * cycles;
	count->efc += (double)depth * cycles;
}

static void drop_points(struct wear_count *count, int from, int dropped)
{
	memmove(&count->points[from], &count->points[from + dropped],
		sizeof(count->points[0]) * (size_t)(count->count - from - dropped));
	count->count -= dropped;
}

/* Takes out what the newest turning point has closed. */
static void reduce(struct wear_count *count)
{
	while (count->count >= 3) {
		const float *newest = &count->points[count->count - 1];
		float range = fabsf(newest[0] - newest[-1]),
		      before = fabsf(newest[-1] - newest[-2]);

		if (range < before)
			return;
		if (count->count == 3) { /* it holds the starting point: half a cycle */
			add_cycle(count, newest[-2], newest[-1], 0.5);
			drop_points(count, 0, 1);
		} else {
			add_cycle(count, newest[-2], newest[-1], 1);
			drop_points(count, count->count - 3, 2);
		}
	}
}

/* The same way on moves the newest point; a turn makes a new one. */
static void add_point(struct wear_count *count, float share)
{
	float *newest = &count->points[count->count > 0 ? count->count - 1 : 0];

	if (count->count >= 1 && share == *newest)
		return;
	if (count->count >= 2 && (share > newest[0]) == (newest[0] > newest[-1])) {
		*newest = share;
		return;
	}
	reduce(count); /* the newest has become a turning point */
	if (count->count == WEAR_POINTS_MAX) {
		add_cycle(count, count->points[0], count->points[1], 0.5);
		drop_points(count, 0, 1);
	}
	count->points[count->count++] = share;
}

void wear_take(struct wear_count *count, float share, float hours)
{
	count->hours += (double)hours;
	count->high_hours += share > WEAR_HIGH ? (double)hours : 0;
	count->mean += (double)(share * hours);
	add_point(count, share);
}

struct wear_count wear_close(const struct wear_count *count)
{
	struct wear_count closed = *count;

	reduce(&closed);
	for (int i = 0; i + 1 < closed.count; i++)
		add_cycle(&closed, closed.points[i], closed.points[i + 1], 0.5);
	closed.count = 0;
	return closed;
}
