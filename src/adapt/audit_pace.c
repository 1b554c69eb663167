/* Rows of what is refused, see audit_pace.h. */
#include "adapt/audit_pace.h"

#include <string.h>

bool audit_pace_take(struct audit_pace *pace, uint64_t now_ms)
{
	uint64_t used_until = pace->full_at_ms > now_ms ? pace->full_at_ms : now_ms;

	if (used_until + AUDIT_PACE_ROW_MS > now_ms + (uint64_t)AUDIT_PACE_ROWS * AUDIT_PACE_ROW_MS)
		return false;
	pace->full_at_ms = used_until + AUDIT_PACE_ROW_MS;
	return true;
}

static bool has_sums(const struct audit_pace *pace)
{
	for (size_t i = 0; i <= AUDIT_PACE_SUMS; i++)
		if (pace->sums[i].count > 0)
			return true;
	return false;
}

/* Whether two are told in one row: who, from where, and with what answer. */
static bool is_alike(const struct audit *one, const struct audit *other)
{
	return strcmp(one->who, other->who) == 0 && ident_equal(&one->name, &other->name) &&
	       one->uid == other->uid && strcmp(one->transport, other->transport) == 0 &&
	       strcmp(one->address, other->address) == 0 &&
	       strcmp(one->method, other->method) == 0 && strcmp(one->path, other->path) == 0 &&
	       one->status == other->status;
}

/* Where it came from is not told of what finds no place: there are too many. */
static void add_to_rest(struct audit_pace *pace, const struct audit *one)
{
	struct audit *rest = &pace->sums[AUDIT_PACE_SUMS];
	uint32_t count = rest->count;

	*rest = *one;
	rest->name.text[0] = rest->address[0] = rest->path[0] = '\0';
	rest->who = "various";
	rest->uid = -1;
	rest->count = count;
}

void audit_pace_add(struct audit_pace *pace, const struct audit *one, uint64_t now_ms)
{
	struct audit *place = NULL;

	if (!has_sums(pace))
		pace->began_ms = now_ms;
	for (size_t i = 0; i < AUDIT_PACE_SUMS && !place; i++) {
		if (pace->sums[i].count == 0) {
			pace->sums[i] = *one;
			pace->sums[i].count = 0;
		}
		if (is_alike(&pace->sums[i], one))
			place = &pace->sums[i];
	}
	if (!place) {
		add_to_rest(pace, one);
		place = &pace->sums[AUDIT_PACE_SUMS];
	}
	place->what[0] = '\0';
	place->command = 0;
	place->count += one->count;
}

bool audit_pace_is_due(const struct audit_pace *pace, uint64_t now_ms)
{
	return has_sums(pace) && now_ms - pace->began_ms >= AUDIT_PACE_SUM_MS;
}

bool audit_pace_end(struct audit_pace *pace, struct audit *out)
{
	for (size_t i = 0; i <= AUDIT_PACE_SUMS; i++) {
		if (pace->sums[i].count == 0)
			continue;
		*out = pace->sums[i];
		pace->sums[i].count = 0;
		return true;
	}
	return false;
}
