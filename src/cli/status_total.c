#include "cli/status_total.h"

#include "cli/show.h"

#define TOTAL_MAX_BYTES 128

void status_total(struct text *out, const json_t *batteries)
{
	double capacity_wh = 0, stored_wh = 0;
	size_t count = 0, known = 0, index;
	const json_t *battery;

	json_array_foreach(batteries, index, battery)
	{
		double size_wh = member_number(battery, "capacity_wh");
		const json_t *soc_pct = json_object_get(battery, "soc_pct");

		if (size_wh <= 0)
			continue;
		count++;
		if (!json_is_number(soc_pct))
			continue;
		known++;
		capacity_wh += size_wh;
		stored_wh += size_wh * json_number_value(soc_pct) / 100;
	}
	if (count < 2)
		return;
	if (known < count)
		text_add(out, "%zu of ", known);
	text_add(out, "%zu batteries: ", count);
	if (known == 0)
		text_add(out, "nothing is known now");
	else
		text_add(out, "%.1f %%, %.1f of %.1f kWh", 100 * stored_wh / capacity_wh,
			 stored_wh / 1000, capacity_wh / 1000);
}

void status_total_view(FILE *out, const json_t *batteries)
{
	char buffer[TOTAL_MAX_BYTES] = "";
	struct text line = text_in(buffer, sizeof(buffer));

	status_total(&line, batteries);
	if (buffer[0] != '\0')
		fprintf(out, "\n%s\n", buffer);
}
