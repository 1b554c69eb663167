/*
 * How much energy each kind of meter came to in all: what the journal has been given minute by
 * minute, over every start, and what was brought back of the past left out. The sums are noted
 * in the same batch as the minutes, so that what is told never falls behind itself: Home
 * Assistant would take a total that falls for another meter's.
 */
#include "daemon/meters_energy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wire/meter_message.h"

static const char note_of[] = "energy ";

void meters_energy_add(struct daemon *daemon, enum meter_kind kind,
		       const struct meter_minute *minute)
{
	daemon->status.meters[kind].imported_wh += minute->imported_wh;
	daemon->status.meters[kind].exported_wh += minute->exported_wh;
	daemon->meters.energy_is_owed[kind] = true;
}

void meters_energy_keep(struct daemon *daemon)
{
	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		const struct meter_status *meter = &daemon->status.meters[kind];
		struct record record;

		if (!daemon->meters.energy_is_owed[kind])
			continue;
		record = daemon_new_record(daemon, RECORD_NOTE);
		snprintf(record.note.name, sizeof record.note.name, "%s%s", note_of,
			 meter_kind_name(kind));
		snprintf(record.note.text, sizeof record.note.text, "%.3f %.3f", meter->imported_wh,
			 meter->exported_wh);
		daemon->meters.energy_is_owed[kind] = journal_append(daemon->journal, &record) != 0;
	}
}

void meters_energy_owe(struct daemon *daemon)
{
	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++)
		daemon->meters.energy_is_owed[kind] = daemon->status.meters[kind].imported_wh > 0 ||
						      daemon->status.meters[kind].exported_wh > 0;
}

bool meters_energy_recall(struct daemon *daemon, const char *name, const char *text)
{
	double imported_wh, exported_wh;

	if (strncmp(name, note_of, strlen(note_of)) != 0)
		return false;
	if (sscanf(text, "%lf %lf", &imported_wh, &exported_wh) != 2 || !(imported_wh >= 0) ||
	    !(exported_wh >= 0) || !isfinite(imported_wh) || !isfinite(exported_wh))
		return true;
	for (enum meter_kind kind = 0; kind < METER_COUNT; kind++) {
		if (strcmp(name + strlen(note_of), meter_kind_name(kind)) != 0)
			continue;
		daemon->status.meters[kind].imported_wh = imported_wh;
		daemon->status.meters[kind].exported_wh = exported_wh;
	}
	return true;
}
