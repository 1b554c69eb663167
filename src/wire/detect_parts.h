/* What wire/detect*.c share. Nobody else looks in here. */
#pragma once

#include "wire/detect.h"
#include "wire/detect_pattern.h"
#include "wire/ha_book.h"

#define DETECT_SLOTS (DETECT_TOPICS_MAX * 2) /* of the table of topics */

struct detect_heard {
	char *topic; /* NULL: free */
	unsigned char *payload;
	size_t length;
	bool is_retained;
	bool is_known; /* some device was found on it */
};

/* A device that may be there: a profile and what its keys stand for. */
struct detect_candidate {
	const char *profile;
	struct detect_keys keys; /* required ones, and others that are not as preset */
	struct detect_keys chosen; /* of the device's own names, which is taken for what */
	size_t topic;              /* the first on which it was heard */
};

struct detect {
	struct detect_patterns patterns;
	size_t topic_count;
	uint64_t left_out;
	struct detect_heard topics[DETECT_TOPICS_MAX]; /* in the order of their first message */
	uint16_t slots[DETECT_SLOTS];                  /* index + 1 into `topics` */
	struct ha_book *home; /* what is announced to Home Assistant; NULL without memory */
	size_t candidate_count;
	struct detect_candidate candidates[DETECT_DEVICES_MAX];
};

/* Fills `candidates` from the topics that were heard. */
void detect_find_candidates(struct detect *detect);

/* What somebody asks of a device says nothing of it. */
bool detect_is_command(const char *topic);
