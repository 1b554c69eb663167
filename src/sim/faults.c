/*
 * The book of what is broken. It changes nothing itself: sensors, relays and
 * the world ask it (sim/house.c, sim/world.c).
 */
#include "sim/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum fault_subject { SUBJECT_BATTERY, SUBJECT_RELAY, SUBJECT_HOUSE };

static const struct {
	const char *name;
	enum fault_subject subject;
} FAULTS[FAULT_COUNT] = {
    [FAULT_SENSOR_SILENT] = {"sensor-silent", SUBJECT_BATTERY},
    [FAULT_SENSOR_FROZEN] = {"sensor-frozen", SUBJECT_BATTERY},
    [FAULT_RELAY_STUCK] = {"relay-stuck", SUBJECT_RELAY},
    [FAULT_RELAY_LYING] = {"relay-lying", SUBJECT_RELAY},
    [FAULT_RELAY_WELDED] = {"relay-welded", SUBJECT_RELAY},
    [FAULT_BATTERY_HOT] = {"battery-hot", SUBJECT_BATTERY},
    [FAULT_BROKER_GONE] = {"broker-gone", SUBJECT_HOUSE},
    [FAULT_CLOUD] = {"cloud", SUBJECT_HOUSE},
    [FAULT_METERS_SILENT] = {"meters-silent", SUBJECT_HOUSE},
};

static size_t relay_bit(size_t battery, enum relay_role role)
{
	return 2 * battery + (role == RELAY_LOAD);
}

const char *fault_name(enum fault fault)
{
	return FAULTS[fault].name;
}

static bool fault_find(enum fault *out, const char *name, size_t length)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (strlen(FAULTS[i].name) == length && !memcmp(FAULTS[i].name, name, length)) {
			*out = (enum fault)i;
			return true;
		}
	}
	return false;
}

int subject_parse(const char *text, size_t battery_count, size_t *battery, bool *is_relay,
		  enum relay_role *role)
{
	char *end;

	if ((text[0] != 'b' && text[0] != 'r') || text[1] < '1' || text[1] > '9')
		return -EINVAL;
	bool is_a_relay = text[0] == 'r';
	unsigned long number = strtoul(text + 1, &end, 10);
	size_t index = is_a_relay ? (number - 1) / 2 : number - 1;

	if (*end || index >= battery_count)
		return -EINVAL;
	*battery = index;
	*is_relay = is_a_relay;
	*role = number % 2 ? RELAY_SOURCE : RELAY_LOAD;
	return 0;
}

/* The bits of `target`, or 0 where the fault cannot befall it. */
static uint64_t target_bits(enum fault_subject subject, const char *target, size_t battery_count)
{
	size_t battery = 0;
	bool is_relay = false;
	enum relay_role role;

	if (subject == SUBJECT_HOUSE)
		return *target ? 0 : 1;
	if (*target && subject_parse(target, battery_count, &battery, &is_relay, &role))
		return 0;
	if (subject == SUBJECT_BATTERY)
		return is_relay ? 0 : UINT64_C(1) << battery;
	if (is_relay)
		return UINT64_C(1) << relay_bit(battery, role);
	return UINT64_C(3) << relay_bit(battery, RELAY_SOURCE);
}

/* What `text` names: a fault, and the bits of what it befalls. */
static int fault_read(enum fault *out, uint64_t *bits, const char *text, size_t battery_count,
		      struct text *error)
{
	size_t length = strcspn(text, " ");
	const char *target = text + length + strspn(text + length, " ");
	enum fault fault = FAULT_COUNT;

	if (!fault_find(&fault, text, length)) {
		text_add(error, "no such fault: %s; there are", text);
		for (size_t i = 0; i < FAULT_COUNT; i++)
			text_add(error, " %s", FAULTS[i].name);
		return -EINVAL;
	}
	*bits = target_bits(FAULTS[fault].subject, target, battery_count);
	if (!*bits) {
		text_add(error, "%s cannot befall %s", FAULTS[fault].name, target);
		return -EINVAL;
	}
	*out = fault;
	return 0;
}

int faults_set(struct faults *faults, const char *text, size_t battery_count, struct text *error)
{
	enum fault fault;
	uint64_t bits;
	int result = fault_read(&fault, &bits, text, battery_count, error);

	if (!result)
		faults->subjects[fault] |= bits;
	return result;
}

int faults_mend(struct faults *faults, const char *text, size_t battery_count, struct text *error)
{
	enum fault fault;
	uint64_t bits;
	int result = fault_read(&fault, &bits, text, battery_count, error);

	if (!result)
		faults->subjects[fault] &= ~bits;
	return result;
}

void faults_clear(struct faults *faults)
{
	*faults = (struct faults){0};
}

bool fault_is_anywhere(const struct faults *faults, enum fault fault)
{
	return faults->subjects[fault] != 0;
}

bool fault_is_active(const struct faults *faults, enum fault fault, size_t battery)
{
	uint64_t subjects = faults->subjects[fault];

	switch (FAULTS[fault].subject) {
	case SUBJECT_BATTERY:
		return subjects >> battery & 1;
	case SUBJECT_RELAY:
		return subjects >> relay_bit(battery, RELAY_SOURCE) & 3;
	case SUBJECT_HOUSE:
		break;
	}
	return subjects & 1;
}

bool fault_is_on_relay(const struct faults *faults, enum fault fault, size_t battery,
		       enum relay_role role)
{
	return faults->subjects[fault] >> relay_bit(battery, role) & 1;
}

int fault_plan_parse(struct fault_plan *out, const char *text, size_t battery_count,
		     struct text *error)
{
	struct fault_plan plan = {0};
	struct faults trial = {0};
	const char *at = strchr(text, '@');
	size_t length = at ? (size_t)(at - text) : strlen(text);
	double seconds = -1;

	if (!at || number_parse(&seconds, at + 1, strlen(at + 1)) || seconds < 0 || seconds > 1e9 ||
	    length >= sizeof(plan.text)) {
		text_add(error, "%s: must be NAME@SECONDS or NAME:TARGET@SECONDS", text);
		return -EINVAL;
	}
	memcpy(plan.text, text, length);
	char *colon = strchr(plan.text, ':');

	if (colon)
		*colon = ' ';
	if (strcmp(plan.text, "clear") && faults_set(&trial, plan.text, battery_count, error))
		return -EINVAL;
	plan.at_ms = (int64_t)(seconds * 1000);
	*out = plan;
	return 0;
}
