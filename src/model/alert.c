/*
 * The words of alerts: one row a code. When one is raised or cleared is
 * core/alerts' affair, what surrounds the daemon its own.
 */
#include "model/alert.h"

#include <stddef.h>

enum unit { UNIT_NONE, UNIT_SOC, UNIT_TEMP, UNIT_SECONDS, UNIT_WATTS, UNIT_VOLTS, UNIT_COUNT };

/* In `text`, %S is the subject, %V the value, %L the limit, %D the detail. */
struct words {
	const char *name;
	enum alert_level level;
	enum unit unit;
	const char *text;
};

static const struct words table[ALERT_COUNT] = {
    [ALERT_NONE] = {"none", ALERT_NOTICE, UNIT_NONE, "nothing is wrong"},
    [ALERT_SENSOR_STALE] = {"sensor-stale", ALERT_ALARM, UNIT_SECONDS,
			    "%S: no good reading for %V, %L allowed; see whether the sensor runs"},
    [ALERT_READING_OUT_OF_RANGE] = {"reading-out-of-range", ALERT_ALARM, UNIT_NONE,
				    "%S: the sensor sent a value out of range (%D); check it"},
    [ALERT_READING_CONTRADICTORY] = {"reading-contradictory", ALERT_ALARM, UNIT_NONE,
				     "%S: the sensor's message contradicts itself (%D); check it"},
    [ALERT_SOC_IMPLAUSIBLE] = {"soc-implausible", ALERT_ALARM, UNIT_SOC,
			       "%S: state of charge moved by %V where %L is possible; "
			       "check the sensor, acknowledge if it is right"},
    [ALERT_TEMP_IMPLAUSIBLE] = {"temp-implausible", ALERT_ALARM, UNIT_TEMP,
				"%S: temperature moved by %V where %L is possible; "
				"check the sensor"},
    [ALERT_POWER_CONTRADICTION] = {"power-contradiction", ALERT_ALARM, UNIT_WATTS,
				   "%S: voltage times current is %V, the power says %L; "
				   "check the sensor"},
    [ALERT_CELLS_CONTRADICTION] = {"cells-contradiction", ALERT_ALARM, UNIT_VOLTS,
				   "%S: the cells add up to %V, the pack says %L; "
				   "check the sensor"},
    [ALERT_SIGN_CONTRADICTION] = {"sign-contradiction", ALERT_ALARM, UNIT_SOC,
				  "%S: state of charge moved by %V against the current's sign "
				  "(%L expected); check the sign, then acknowledge"},
    [ALERT_SENSOR_FROZEN] = {"sensor-frozen", ALERT_ALARM, UNIT_SECONDS,
			     "%S: the values stand still for %V in use, %L allowed; "
			     "restart the sensor"},
    [ALERT_SENSOR_CLOCK] = {"sensor-clock", ALERT_WARNING, UNIT_SECONDS,
			    "%S: the sensor's clock is off by %V; set it"},
    [ALERT_SEQUENCE_GAP] = {"sequence-gap", ALERT_NOTICE, UNIT_COUNT,
			    "%S: %V readings were lost on the way"},
    [ALERT_INTERVAL_IGNORED] = {"interval-ignored", ALERT_WARNING, UNIT_SECONDS,
				"%S: the node does not send as it was set to (%D)"},
    [ALERT_RELAY_TIMEOUT] = {"relay-timeout", ALERT_ALARM, UNIT_COUNT,
			     "%S: the relay does not answer; see whether it runs and is reached"},
    [ALERT_RELAY_MISMATCH] = {"relay-mismatch", ALERT_ALARM, UNIT_COUNT,
			      "%S: the relay does not do what it was told (%D); check its contact"},
    [ALERT_RELAY_FOREIGN] = {"relay-foreign", ALERT_NOTICE, UNIT_NONE,
			     "%S: someone else switched the relay %D"},
    [ALERT_RELAY_REBOOTED] = {"relay-rebooted", ALERT_NOTICE, UNIT_NONE,
			      "%S: the relay rebooted and opened"},
    [ALERT_RELAY_CLOCK] = {"relay-clock", ALERT_ALARM, UNIT_COUNT,
			   "%S: the relay's clock runs at factor %V, ours at %L; "
			   "start both alike"},
    [ALERT_RELAY_IMPOSTOR] = {"relay-impostor", ALERT_ALARM, UNIT_NONE,
			      "%S: the node at its address calls itself %D; check the address"},
    [ALERT_RELAY_NO_LEASE] = {"relay-no-lease", ALERT_NOTICE, UNIT_NONE,
			      "%S: the relay has no lease and stays closed if we fall silent"},
    [ALERT_RELAY_WELDED] = {"relay-welded", ALERT_ALARM, UNIT_WATTS,
			    "%S: the relay is reported open but %V flow through it, %L allowed; "
			    "switch its circuit off by hand"},
    [ALERT_STILL_CHARGING] = {"still-charging", ALERT_ALARM, UNIT_SOC,
			      "%S: the source relay is reported open but the battery is still "
			      "charging (%V more, %L allowed); switch the source off by hand"},
    [ALERT_NO_EFFECT] = {"no-effect", ALERT_WARNING, UNIT_SOC,
			 "%S: charging brought %V where %L was to be expected; "
			 "check the source and its wiring"},
    [ALERT_LIMIT_TRIPPED] = {"limit-tripped", ALERT_WARNING, UNIT_NONE,
			     "%S: a limit opened the relay: %D"},
    [ALERT_LOCKED_OUT] = {"locked-out", ALERT_ALARM, UNIT_NONE,
			  "%S: locked out (%D); find the cause, then acknowledge this alert"},
    [ALERT_BROKER_AWAY] = {"broker-away", ALERT_ALARM, UNIT_NONE,
			   "the broker is out of reach (%D); it is tried again and again"},
    [ALERT_BROKER_TAKEN_OVER] = {"broker-taken-over", ALERT_ALARM, UNIT_NONE,
				 "client id taken over: someone else uses %D; give each daemon "
				 "its own"},
    [ALERT_BROKER_SESSION_LOST] = {"broker-session-lost", ALERT_WARNING, UNIT_NONE,
				   "the broker forgot our session; what queued there is lost"},
    [ALERT_MARKER_SILENT] = {"marker-silent", ALERT_ALARM, UNIT_SECONDS,
			     "the broker does not return our marker for %V; check its ACL"},
    [ALERT_STORE_FAILED] = {"store-failed", ALERT_ALARM, UNIT_NONE,
			    "the journal cannot be written (%D); control goes on, "
			    "the broker keeps the readings"},
    [ALERT_JOURNAL_SET_ASIDE] = {"journal-set-aside", ALERT_ALARM, UNIT_NONE,
				 "a damaged journal was set aside as %D and a new one begun"},
    [ALERT_SERVER_AWAY] = {"server-away", ALERT_WARNING, UNIT_NONE,
			   "the database server is out of reach (%D); rows wait here"},
    [ALERT_SERVER_REFUSED] = {"server-refused", ALERT_ALARM, UNIT_NONE,
			      "the database server refused (%D); see its dead letters"},
    [ALERT_CLOCK_UNTRUSTED] = {"clock-untrusted", ALERT_WARNING, UNIT_NONE,
			       "the time of day is not trusted yet: no schedule, rows are marked"},
};

const char *alert_name(enum alert_code code)
{
	return table[code].name;
}

enum alert_level alert_level(enum alert_code code)
{
	return table[code].level;
}

const char *alert_level_name(enum alert_level level)
{
	static const char *const names[] = {"notice", "warning", "alarm"};

	return names[level];
}

static void add_quantity(struct text *out, enum unit unit, int64_t value)
{
	static const struct {
		int32_t scale;
		const char *label;
	} units[] = {
	    [UNIT_NONE] = {1, ""},         [UNIT_SOC] = {100, " %"},    [UNIT_TEMP] = {1000, " °C"},
	    [UNIT_SECONDS] = {1000, " s"}, [UNIT_WATTS] = {1000, " W"}, [UNIT_VOLTS] = {1000, " V"},
	    [UNIT_COUNT] = {1, ""},
	};

	text_add_scaled(out, value, units[unit].scale);
	text_add(out, "%s", units[unit].label);
}

static void add_field(struct text *out, char field, const struct alert *alert)
{
	const struct words *words = &table[alert->code];

	switch (field) {
	case 'S':
		text_add(out, "%s", alert->subject.text);
		break;
	case 'V':
		add_quantity(out, words->unit, alert->value);
		break;
	case 'L':
		add_quantity(out, words->unit, alert->limit);
		break;
	default:
		text_add(out, "%s", alert->detail[0] != '\0' ? alert->detail : "no detail");
		break;
	}
}

void alert_format(const struct alert *alert, struct text *out)
{
	for (const char *at = table[alert->code].text; *at != '\0'; at++) {
		if (*at == '%')
			add_field(out, *++at, alert);
		else
			text_add(out, "%c", *at);
	}
}
