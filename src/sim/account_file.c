/*
 * The account as a file. Numbers are integers, so that no locale touches them.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "model/relay.h"
#include "sim/account.h"

static json_t *sensor_json(const struct account_sensor *sensor, size_t battery)
{
	json_t *beyond = json_array();
	char node[16];
	struct text name = text_in(node, sizeof(node));

	text_add(&name, "b%zu", battery + 1);
	for (int64_t number = sensor->acknowledged_through + 1;
	     sensor->has_sent && number <= sensor->last &&
	     number <= sensor->acknowledged_through + ACCOUNT_WINDOW;
	     number++) {
		uint64_t place = (uint64_t)number % ACCOUNT_WINDOW;

		if (sensor->acknowledged[place / 64] >> place % 64 & 1)
			json_array_append_new(beyond, json_integer(number));
	}
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "node", node, "sent",
			 (json_int_t)(sensor->has_sent ? sensor->last - sensor->first + 1 : 0),
			 "first", (json_int_t)sensor->first, "last", (json_int_t)sensor->last,
			 "acknowledged_through", (json_int_t)sensor->acknowledged_through,
			 "acknowledged_beyond", beyond);
}

static json_t *intervals_json(const struct account_relay *relay, int64_t wall_offset_ms,
			      struct mono_time now)
{
	json_t *list = json_array();
	uint32_t first = relay->interval_count > ACCOUNT_INTERVALS_MAX
			     ? relay->interval_count - ACCOUNT_INTERVALS_MAX
			     : 0;

	for (uint32_t i = first; i < relay->interval_count; i++) {
		const struct account_interval *at = &relay->intervals[i % ACCOUNT_INTERVALS_MAX];

		json_array_append_new(list, json_pack("[I, I]",
						      (json_int_t)(at->from.ms + wall_offset_ms),
						      (json_int_t)(at->to.ms + wall_offset_ms)));
	}
	if (relay->is_on)
		json_array_append_new(
		    list, json_pack("[I, I]", (json_int_t)(relay->on_since.ms + wall_offset_ms),
				    (json_int_t)(now.ms + wall_offset_ms)));
	return list;
}

static json_t *relay_json(const struct account_relay *relay, size_t battery, enum relay_role role,
			  int64_t wall_offset_ms, struct mono_time now)
{
	char node[16];
	struct text name = text_in(node, sizeof(node));
	int64_t on_ms = relay->on_ms + (relay->is_on ? mono_since(now, relay->on_since) : 0);

	text_add(&name, "r%zu", 2 * battery + (role == RELAY_LOAD) + 1);
	return json_pack("{s:s, s:s, s:I, s:I, s:b, s:I, s:I, s:o}", "relay", node, "role",
			 relay_role_name(role), "orders", (json_int_t)relay->orders, "switches",
			 (json_int_t)relay->switches, "is_on", (int)relay->is_on, "on_ms",
			 (json_int_t)on_ms, "longest_outside_ms",
			 (json_int_t)relay->longest_outside_ms, "intervals_ms",
			 intervals_json(relay, wall_offset_ms, now));
}

static json_t *account_json(const struct account *account, int64_t wall_offset_ms,
			    struct mono_time now)
{
	json_t *sensors = json_array();
	json_t *relays = json_array();
	json_int_t orders = 0;

	for (size_t i = 0; i < account->battery_count; i++) {
		json_array_append_new(sensors, sensor_json(&account->sensors[i], i));
		for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
			const struct account_relay *relay = &account->relays[i][role];

			orders += relay->orders;
			json_array_append_new(relays, relay_json(relay, i, (enum relay_role)role,
								 wall_offset_ms, now));
		}
	}
	return json_pack(
	    "{s:I, s:I, s:I, s:{s:I, s:I}, s:o, s:o}", "orders", orders, "unsafe",
	    (json_int_t)account->unsafe, "unavoidable", (json_int_t)account->unavoidable, "bounds",
	    "stale_after_ms", (json_int_t)account->bounds.stale_after_ms, "grace_ms",
	    (json_int_t)account->bounds.grace_ms, "sensors", sensors, "relays", relays);
}

/* Writes and syncs `json` to the new file `path`. */
static int file_write(const json_t *json, const char *path)
{
	FILE *file = fopen(path, "we");
	int error = 0;

	if (!file)
		return -errno;
	errno = EIO;
	if (json_dumpf(json, file, JSON_INDENT(1)) || fputc('\n', file) == EOF || fflush(file) ||
	    fsync(fileno(file)))
		error = -errno;
	if (fclose(file) && !error)
		error = -errno;
	return error;
}

int account_write(const struct account *account, const char *path, int64_t wall_offset_ms,
		  struct mono_time now)
{
	char beside[PATH_TEXT_MAX + 8];
	struct text name = text_in(beside, sizeof(beside));

	text_add(&name, "%s.new", path);
	if (name.is_cut)
		return -ENAMETOOLONG;
	json_t *json = account_json(account, wall_offset_ms, now);

	if (!json)
		return -ENOMEM;
	int error = file_write(json, beside);

	json_decref(json);
	if (!error && rename(beside, path))
		error = -errno;
	if (error)
		unlink(beside);
	return error;
}
