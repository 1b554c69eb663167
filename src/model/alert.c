/*
 * The words of alerts: one row a code. When one is raised or cleared is
 * core/alerts' affair, what surrounds the daemon its own.
 */
#include "model/alert.h"

#include <stddef.h>
#include <string.h>

#include "model/amount.h"

enum unit { UNIT_NONE, UNIT_SOC, UNIT_TEMP, UNIT_DURATION, UNIT_WATTS, UNIT_VOLTS, UNIT_COUNT };

/* A number as it is kept is `scale` times that of `label`; words show steps of 1 / `shown`. */
static const struct {
	int32_t scale, shown;
	const char *label;
} units[] = {
    [UNIT_NONE] = {1, 1, ""},       [UNIT_SOC] = {100, 100, "%"},
    [UNIT_TEMP] = {1000, 10, "°C"}, [UNIT_DURATION] = {1000, 10, "s"},
    [UNIT_WATTS] = {1000, 1, "W"},  [UNIT_VOLTS] = {1000, 100, "V"},
    [UNIT_COUNT] = {1, 1, ""},
};

/*
 * In the texts, %S is the subject, %V the value, %L the limit, %D the detail.
 * `text` says what is wrong and what can be done, `over` that it is not so any more.
 */
struct words {
	const char *name;
	enum alert_level level;
	enum unit unit;
	const char *text, *over;
};

#define GOOD_AGAIN "%S: good readings come again"

static const struct words table[ALERT_COUNT] = {
    [ALERT_NONE] = {"none", ALERT_NOTICE, UNIT_NONE, "nothing is wrong", "nothing was wrong"},
    [ALERT_SENSOR_STALE] = {"sensor-stale", ALERT_ALARM, UNIT_DURATION,
			    "%S: no good reading for %V, %L allowed; see whether the sensor runs",
			    GOOD_AGAIN},
    [ALERT_READING_OUT_OF_RANGE] = {"reading-out-of-range", ALERT_ALARM, UNIT_NONE,
				    "%S: the sensor sent a value out of range (%D); check the "
				    "sensor",
				    GOOD_AGAIN},
    [ALERT_READING_CONTRADICTORY] = {"reading-contradictory", ALERT_ALARM, UNIT_NONE,
				     "%S: the sensor's message contradicts itself (%D); check the "
				     "sensor",
				     GOOD_AGAIN},
    [ALERT_SOC_IMPLAUSIBLE] = {"soc-implausible", ALERT_ALARM, UNIT_SOC,
			       "%S: the state of charge moved by %V where at most %L is possible; "
			       "check the sensor, or acknowledge this alert if it is right",
			       "%S: the state of charge is believed again"},
    [ALERT_TEMP_IMPLAUSIBLE] = {"temp-implausible", ALERT_ALARM, UNIT_TEMP,
				"%S: the temperature moved by %V where at most %L is possible; "
				"check the sensor, or acknowledge this alert if it is right",
				"%S: the temperature is believed again"},
    [ALERT_POWER_CONTRADICTION] = {"power-contradiction", ALERT_ALARM, UNIT_WATTS,
				   "%S: voltage times current is %V, but the sensor says %L; "
				   "check the sensor",
				   "%S: voltage, current and power agree again"},
    [ALERT_CELLS_CONTRADICTION] = {"cells-contradiction", ALERT_ALARM, UNIT_VOLTS,
				   "%S: the cells add up to %V, but the pack says %L; "
				   "check the sensor",
				   "%S: the cells and the pack agree again"},
    [ALERT_SIGN_CONTRADICTION] = {"sign-contradiction", ALERT_ALARM, UNIT_SOC,
				  "%S: the state of charge moved by %V against the direction of "
				  "the current; check the current's sign, then acknowledge this "
				  "alert",
				  "%S: the state of charge and the current agree again"},
    [ALERT_SENSOR_FROZEN] = {"sensor-frozen", ALERT_ALARM, UNIT_DURATION,
			     "%S: the sensor's values have stood still for %V although the state "
			     "of charge should have moved by %D; restart the sensor",
			     "%S: the sensor's values move again"},
    [ALERT_SENSOR_CLOCK] = {"sensor-clock", ALERT_WARNING, UNIT_DURATION,
			    "%S: the sensor's clock is off by %V; set it",
			    "%S: the sensor's clock is right again"},
    [ALERT_SEQUENCE_GAP] = {"sequence-gap", ALERT_NOTICE, UNIT_COUNT,
			    "%S: readings that were lost on the way: %V (%D)",
			    "%S: no reading has been lost on the way since, or they came late"},
    [ALERT_INTERVAL_IGNORED] = {"interval-ignored", ALERT_WARNING, UNIT_NONE,
				"%S: the node does not send as it was set to (%D)",
				"%S: the node sends as it was set to"},
    [ALERT_RELAY_TIMEOUT] = {"relay-timeout", ALERT_ALARM, UNIT_NONE,
			     "%S: the relay does not answer (%D); see whether it runs and can "
			     "be reached",
			     "%S: the relay answers again"},
    [ALERT_RELAY_MISMATCH] = {"relay-mismatch", ALERT_ALARM, UNIT_NONE,
			      "%S: the relay does not do what it was told (%D); check its contact",
			      "%S: the relay does what it is told again"},
    [ALERT_RELAY_FOREIGN] = {"relay-foreign", ALERT_NOTICE, UNIT_NONE,
			     "%S: someone else switched the relay %D",
			     "%S: nobody else has switched the relay since"},
    [ALERT_RELAY_REBOOTED] = {"relay-rebooted", ALERT_NOTICE, UNIT_NONE,
			      "%S: the relay rebooted and opened",
			      "%S: the relay has not rebooted since"},
    [ALERT_RELAY_CLOCK] = {"relay-clock", ALERT_ALARM, UNIT_COUNT,
			   "%S: the relay's clock runs at factor %V, ours at %L; "
			   "start both alike",
			   "%S: the relay's clock runs as fast as ours"},
    [ALERT_RELAY_IMPOSTOR] = {"relay-impostor", ALERT_ALARM, UNIT_NONE,
			      "%S: the node at its address calls itself %D; check the address",
			      "%S: the right relay answers at its address"},
    [ALERT_RELAY_NO_LEASE] = {"relay-no-lease", ALERT_NOTICE, UNIT_NONE,
			      "%S: the relay has no lease and stays closed when we fall silent",
			      "%S: the relay has a lease"},
    [ALERT_RELAY_WELDED] = {"relay-welded", ALERT_ALARM, UNIT_WATTS,
			    "%S: the relay is reported open but %V flow through it, %L allowed; "
			    "switch its circuit off by hand",
			    "%S: the relay is believed again"},
    [ALERT_STILL_CHARGING] = {"still-charging", ALERT_ALARM, UNIT_SOC,
			      "%S: the source relay is reported open but the battery is still "
			      "charging (%V more, %L allowed); switch the source off by hand",
			      "%S: the source relay is believed again"},
    [ALERT_NO_EFFECT] = {"no-effect", ALERT_WARNING, UNIT_SOC,
			 "%S: charging brought %V where %L was to be expected; "
			 "check the source and its wiring",
			 "%S: charging brings what is to be expected"},
    [ALERT_LIMIT_TRIPPED] = {"limit-tripped", ALERT_WARNING, UNIT_NONE,
			     "%S: a limit opened the relay: %D",
			     "%S: the limit that opened the relay has released it"},
    [ALERT_LOCKED_OUT] = {"locked-out", ALERT_ALARM, UNIT_NONE,
			  "%S: locked out (%D); find the cause, then acknowledge this alert",
			  "%S: the lockout is over"},
    [ALERT_BROKER_AWAY] = {"broker-away", ALERT_ALARM, UNIT_NONE,
			   "no connection to the broker: %D; it is tried again and again",
			   "the broker is connected again"},
    [ALERT_BROKER_TAKEN_OVER] = {"broker-taken-over", ALERT_ALARM, UNIT_NONE,
				 "client id taken over by another client: %D; it is tried again "
				 "after 10 s, later every 5 min; give each client its own "
				 "(mqtt.client_id)",
				 "nobody else uses our client id any more"},
    [ALERT_BROKER_SESSION_LOST] = {"broker-session-lost", ALERT_WARNING, UNIT_NONE,
				   "the broker forgot our session; what queued there is lost",
				   "the broker keeps our session again"},
    [ALERT_MARKER_SILENT] = {"marker-silent", ALERT_ALARM, UNIT_NONE,
			     "the broker does not give us what we publish or ask for (%D); check "
			     "its access rules",
			     "the broker gives us what we publish and ask for"},
    [ALERT_STORE_FAILED] = {"store-failed", ALERT_ALARM, UNIT_NONE,
			    "the journal cannot be written (%D); control goes on, and the broker "
			    "keeps the readings",
			    "the journal is written again"},
    [ALERT_JOURNAL_SET_ASIDE] = {"journal-set-aside", ALERT_ALARM, UNIT_NONE,
				 "a damaged journal was set aside as %D, and a new one begun; "
				 "acknowledge this alert when you have seen it",
				 "that a journal was set aside has been seen"},
    [ALERT_SERVER_AWAY] = {"server-away", ALERT_WARNING, UNIT_NONE,
			   "no connection to the database server (%D); rows wait in the journal",
			   "the database server is connected again"},
    [ALERT_SERVER_REFUSED] = {"server-refused", ALERT_ALARM, UNIT_NONE,
			      "the database server refused a row (%D); it is in the journal and "
			      "among the server's dead letters; acknowledge this alert when you "
			      "have seen it",
			      "that the database server refused a row has been seen"},
    [ALERT_CLOCK_UNTRUSTED] = {"clock-untrusted", ALERT_WARNING, UNIT_NONE,
			       "the time of day is not trusted yet: no schedule runs, and rows "
			       "are marked",
			       "the time of day is trusted"},
    [ALERT_STORE_NEARLY_FULL] = {"store-nearly-full", ALERT_WARNING, UNIT_NONE,
				 "the journal or its disk is nearly full (%D); raise store.max_mb, "
				 "shorten store.keep_d or free space",
				 "the journal and its disk have room again"},
    [ALERT_CONTROL_AWAY] = {"control-away", ALERT_WARNING, UNIT_NONE,
			    "no second connection to the broker, for what we send (%D); sensors "
			    "are not told their interval, and readings would not arrive while the "
			    "journal cannot be written; its client id begins with "
			    "mqtt.client_id and -control",
			    "the second connection to the broker stands again"},
    [ALERT_WEB_AWAY] = {"web-away", ALERT_WARNING, UNIT_NONE,
			"browsers cannot reach amphorad (%D); it is tried again and again, and "
			"control goes on",
			"browsers can reach amphorad again"},
    [ALERT_METER_WRONG] = {"meter-wrong", ALERT_WARNING, UNIT_NONE,
			   "a meter cannot be right (%D); its values are marked, and nothing is "
			   "done by them; turn it round, mend what it sends or start it again",
			   "the meters agree again"},
    [ALERT_PRICES_OLD] = {"prices-old", ALERT_WARNING, UNIT_NONE,
			  "what energy costs now is not known (%D); the price at this hour of a day "
			  "before is assumed, where there is one",
			  "what energy costs is known again"},
    [ALERT_OUTLET_FAILING] = {"outlet-failing", ALERT_WARNING, UNIT_COUNT,
			      "alerts do not arrive by outlet %S: %V tries in a row have failed, the "
			      "last one: %D; they wait for a day, and amphora alerts test tries again",
			      "alerts arrive by outlet %S again"},
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

/* `value` beside the other number of the sentence. */
static void add_quantity(struct text *out, enum unit unit, int64_t value, int64_t beside)
{
	if (unit == UNIT_DURATION) {
		duration_add(out, value < 0 ? -value : value, beside);
		return;
	}
	rounded_add(out, value, beside, units[unit].scale, units[unit].shown);
	text_add(out, units[unit].label[0] ? " %s" : "%s", units[unit].label);
}

static void add_field(struct text *out, char field, const struct alert *alert)
{
	enum unit unit = table[alert->code].unit;

	switch (field) {
	case 'S':
		text_add(out, "%s", alert->subject.text);
		break;
	case 'V':
		add_quantity(out, unit, alert->value, alert->limit);
		break;
	case 'L':
		add_quantity(out, unit, alert->limit, alert->value);
		break;
	default:
		text_add(out, "%s",
			 alert->detail[0] != '\0' ? alert->detail : "no reason is known");
		break;
	}
}

static void add_template(struct text *out, const char *template, const struct alert *alert)
{
	for (const char *at = template; *at != '\0'; at++) {
		if (*at == '%')
			add_field(out, *++at, alert);
		else
			text_add(out, "%c", *at);
	}
}

/* A trip's detail is its reason in words: they say whether charge or temperature tripped. */
static enum unit unit_of(const struct alert *alert)
{
	if (alert->code != ALERT_LIMIT_TRIPPED)
		return table[alert->code].unit;
	return strstr(alert->detail, units[UNIT_TEMP].label) ? UNIT_TEMP : UNIT_SOC;
}

struct alert_values alert_values(const struct alert *alert)
{
	bool is_trip = alert->code == ALERT_LIMIT_TRIPPED;
	const char *sentence = table[alert->code].text;
	enum unit unit = unit_of(alert);

	return (struct alert_values){
	    .has_value = is_trip || strstr(sentence, "%V") != NULL,
	    .has_limit = is_trip || strstr(sentence, "%L") != NULL,
	    .value = (double)alert->value / units[unit].scale,
	    .limit = (double)alert->limit / units[unit].scale,
	    .unit = units[unit].label,
	};
}

void alert_format(const struct alert *alert, struct text *out)
{
	add_template(out, table[alert->code].text, alert);
}

void alert_format_over(const struct alert *alert, struct text *out)
{
	add_template(out, table[alert->code].over, alert);
}
