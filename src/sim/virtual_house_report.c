/* What the house tells of itself: the nodes' ports and the true state. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/virtual_house_parts.h"

static int write_lines(const struct virtual_house *house, FILE *file)
{
	for (size_t i = 0; i < house->options.world.battery_count; i++) {
		const struct contact *pair = house->contacts[i];

		fprintf(file, "r%zu %d\n", 2 * i + 1, relay_server_port(pair[RELAY_SOURCE].server));
		fprintf(file, "r%zu %d\n", 2 * i + 2, relay_server_port(pair[RELAY_LOAD].server));
	}
	if (house->gate)
		fprintf(file, "broker %d\n", broker_gate_port(house->gate));
	return ferror(file) ? -EIO : 0;
}

int virtual_house_write_ports(const struct virtual_house *house, const char *path)
{
	char beside[PATH_TEXT_MAX + 8];
	struct text name = text_in(beside, sizeof(beside));

	text_add(&name, "%s.new", path);
	if (name.is_cut)
		return -ENAMETOOLONG;
	FILE *file = fopen(beside, "we");

	if (!file)
		return -errno;
	int error = write_lines(house, file);

	if (fclose(file) && !error)
		error = -errno;
	if (!error && rename(beside, path))
		error = -errno;
	if (error)
		unlink(beside);
	return error;
}

static void add_number(struct text *out, const char *name, double value)
{
	text_add(out, "\"%s\":", name);
	text_add_scaled(out, llround(value * 100), 100);
	text_add(out, ",");
}

static void add_faults(const struct virtual_house *house, size_t battery, struct text *out)
{
	const char *comma = "";

	text_add(out, "\"faults\":[");
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		if (!fault_is_active(&house->faults, (enum fault)fault, battery))
			continue;
		text_add(out, "%s\"%s\"", comma, fault_name((enum fault)fault));
		comma = ",";
	}
	text_add(out, "]");
}

static void add_battery(const struct virtual_house *house, size_t battery, struct text *out)
{
	const struct world_battery *at = &house->world.batteries[battery];

	text_add(out, "%s{\"id\":\"b%zu\",", battery ? "," : "", battery + 1);
	add_number(out, "soc_pct", battery_soc_pct(&at->traits, &at->battery));
	add_number(out, "temp_c", at->battery.temp_c);
	add_number(out, "power_w", at->flow.power_w);
	text_add(out, "\"source_is_on\":%s,\"load_is_on\":%s,",
		 at->is_closed[RELAY_SOURCE] ? "true" : "false",
		 at->is_closed[RELAY_LOAD] ? "true" : "false");
	add_faults(house, battery, out);
	text_add(out, "}");
}

void virtual_house_describe_faults(const struct virtual_house *house, struct text *out)
{
	struct mono_time now = clock_mono(house->clock);

	text_add(out, "{\"faults\":[");
	for (int i = 0; i < FAULT_COUNT; i++) {
		bool is_on = fault_is_anywhere(&house->faults, (enum fault)i);

		text_add(out, "%s{\"fault\":\"%s\",\"on\":%s,\"on_for_s\":", i ? "," : "",
			 fault_name((enum fault)i), is_on ? "true" : "false");
		if (is_on)
			text_add_scaled(out, mono_since(now, house->broken_since[i]),
					MS_PER_SECOND);
		else
			text_add(out, "null");
		text_add(out, "}");
	}
	text_add(out, "]}");
}

void virtual_house_describe(struct virtual_house *house, struct text *out)
{
	int32_t second = world_second_of_day(&house->world);

	virtual_house_catch_up(house, clock_mono(house->clock));
	text_add(out, "{\"house_time\":\"%02d:%02d:%02d\",", (int)(second / 3600),
		 (int)(second / 60 % 60), (int)(second % 60));
	add_number(out, "elapsed_s", (double)house->world.elapsed_ms / MS_PER_SECOND);
	add_number(out, "pv_w", house->world.surroundings.pv_w);
	add_number(out, "load_w", house->world.surroundings.load_w);
	add_number(out, "grid_w", house->world.grid_w);
	text_add(out, "\"unsafe\":%u,\"unavoidable\":%u,\"batteries\":[", house->account.unsafe,
		 house->account.unavoidable);
	for (size_t i = 0; i < house->options.world.battery_count; i++)
		add_battery(house, i, out);
	text_add(out, "]}");
}
