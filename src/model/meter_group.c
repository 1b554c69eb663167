/* The sum of meters of one kind, and of how many of them it is. */
#include "model/meter_group.h"

#include <errno.h>

#include "model/meter_minute.h"

int meter_group_expect(struct meter_group *group, const struct ident *name)
{
	for (size_t i = 0; i < group->count; i++) {
		if (ident_equal(&group->members[i].name, name))
			return (int)i;
	}
	if (group->count == METER_MEMBERS_MAX)
		return -ENOSPC;
	group->members[group->count] = (struct meter_member){.name = *name};
	return (int)group->count++;
}

int meter_group_hear(struct meter_group *group, const struct ident *name, double power_w,
		     struct mono_time mono)
{
	int index = meter_group_expect(group, name);

	if (index < 0)
		return index;
	group->members[index].is_heard = true;
	group->members[index].power_w = power_w;
	group->members[index].heard_at = mono;
	return 0;
}

bool meter_member_is_live(const struct meter_member *member, struct mono_time mono)
{
	return member->is_heard && mono_since(mono, member->heard_at) <= METER_HOLD_MS;
}

struct meter_total meter_group_total(const struct meter_group *group, struct mono_time mono)
{
	struct meter_total total = {.of = group->count, .quality = QUALITY_MISSING};

	for (size_t i = 0; i < group->count; i++) {
		const struct meter_member *member = &group->members[i];

		if (member->is_heard &&
		    (!total.is_heard || mono_since(member->heard_at, total.heard_at) > 0))
			total.heard_at = member->heard_at;
		total.is_heard = total.is_heard || member->is_heard;
		if (!meter_member_is_live(member, mono))
			continue;
		total.live++;
		total.power_w += member->power_w;
	}
	if (total.live > 0)
		total.quality = total.live == total.of ? QUALITY_GOOD : QUALITY_ASSUMED;
	return total;
}
