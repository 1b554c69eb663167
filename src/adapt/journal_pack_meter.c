/*
 * A meter's minute as rows: its name, which may be new, then its values, rounded to what
 * a meter can tell. What was imported is not stored: it follows from the rest.
 */
#include <math.h>

#include "adapt/journal_packer.h"

static int64_t meter_marks(const struct record *record)
{
	int64_t lacks = QUALITY_GOOD - (int64_t)record->meter.minute.quality;
	int64_t mono = record->wall_is_trusted ? 0 : record->mono.ms + 1;

	return packer_flags(record) | lacks << JOURNAL_MARK_QUALITY | mono << JOURNAL_MARK_MONO;
}

/* A number rounded to 1/`scale`. */
static void pack_rounded(struct packer *to, double value, double scale)
{
	packer_integer_if(to, isfinite(value), isfinite(value) ? llround(value * scale) : 0);
}

/* Its name first, which may be new; then the minute. */
static void pack_minute(struct packer *to, const struct record *record,
			enum journal_statement statement)
{
	const struct meter_minute *minute = &record->meter.minute;

	packer_begin(to, STATEMENT_METER_NAME);
	packer_text(to, record->meter.meter.text);
	packer_end(to);
	packer_begin(to, statement);
	packer_text(to, record->meter.meter.text);
	packer_integer(to, minute->from.ms);
	packer_integer(to, meter_marks(record));
	pack_rounded(to, minute->mean_w, JOURNAL_SCALE_METER_W);
	pack_rounded(to, minute->min_w, JOURNAL_SCALE_METER_W);
	pack_rounded(to, minute->max_w, JOURNAL_SCALE_METER_W);
	pack_rounded(to, minute->last_w, JOURNAL_SCALE_METER_W);
	packer_integer(to, minute->count);
	packer_integer(to, MS_PER_MINUTE - minute->known_ms);
	pack_rounded(to, minute->exported_wh, JOURNAL_SCALE_METER_WH);
}

void pack_meter(struct packer *to, const struct record *record)
{
	pack_minute(to, record, STATEMENT_METER);
	packer_end(to);
}

void pack_meter_imported(struct packer *to, const struct record *record)
{
	struct record passive = *record;

	passive.mono.ms = -1; /* of another machine */
	pack_minute(to, &passive, STATEMENT_METER_IMPORTED);
	packer_integer(to, record->meter.copies);
	packer_end(to);
}
