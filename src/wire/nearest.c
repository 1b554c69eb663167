/*
 * Edit distance (Levenshtein) between short words. Two changes are near, but
 * not more than a third of the word, or `id` would be near to everything.
 */
#include "wire/nearest.h"

#include <string.h>

#define WORD_MAX 32
#define CHANGES_MAX 2

struct nearest nearest_to(const char *word)
{
	return (struct nearest){.word = word, .distance = CHANGES_MAX + 1};
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[WORD_MAX + 1];

	for (size_t k = 0; k <= b_length; k++)
		row[k] = k;
	for (size_t i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b_length; k++) {
			size_t changed = diagonal + (a[i - 1] != b[k - 1]);

			diagonal = row[k];
			row[k] = least(changed, least(row[k], row[k - 1]) + 1);
		}
	}
	return row[b_length];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->word), candidate_length = strlen(candidate), changes;

	if (length > WORD_MAX || candidate_length > WORD_MAX)
		return;
	changes = distance(nearest->word, length, candidate, candidate_length);
	if (changes >= nearest->distance || changes * 3 > candidate_length)
		return;
	nearest->distance = changes;
	nearest->best = candidate;
}
