/*
 * Alerts as what leaves the house: JSON for programs, a title and a sentence for
 * a phone, a mail (RFC 5322). docs/notify.md has them for people.
 */
#pragma once

#include "base/text.h"
#include "base/time.h"
#include "model/house.h"
#include "model/outlet.h"

#define LETTER_TEXT_MAX 4096 /* enough for each of these */
#define LETTER_TITLE_MAX 192

/* "begin", "end", "test" */
const char *letter_kind_name(enum letter_kind kind);

/* One line in ASCII: "Amphora home: alarm, sensor-stale of b1". */
void letter_title(const struct letter *letter, const char *collector, struct text *out);

/* The alert's sentence in valid UTF-8, without control characters. */
void letter_words(const struct letter *letter, struct text *out);

/* Adds `words` likewise. */
void letter_add_clean(struct text *out, const char *words);

void letter_json(const struct letter *letter, const char *collector, struct text *out);

/*
 * The whole mail with its headers, sent at `now`. However often it is sent, its
 * Message-ID is the same, and an end refers to its beginning.
 */
void letter_mail(const struct letter *letter, const struct outlet_config *outlet,
		 const char *collector, struct wall_time now, struct text *out);

/* How loud a phone is to be, as ntfy counts: 1 to 5; and the picture beside it. */
int letter_priority(const struct letter *letter);
const char *letter_tag(const struct letter *letter);
