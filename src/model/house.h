/*
 * The house as configured: broker, store, batteries, relays. Made by
 * wire/config from the file, or empty where there is none; never changed while
 * running, but for batteries and relays behind those of the file that a person
 * lets in or forgets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/alert.h"
#include "model/chemistry.h"
#include "model/ident.h"
#include "model/meter.h"
#include "model/meter_group.h"
#include "model/parameter.h"
#include "model/price.h"
#include "model/relay.h"

#define BATTERIES_MAX 32
#define RELAYS_MAX 64
#define ALLOWED_NODES_MAX 64
#define PATH_TEXT_MAX 256
#define IDENTITY_TEXT_MAX 64
#define MQTT_PORT 1883
#define MQTTS_PORT 8883 /* with TLS */
#define WEB_PORT 8642
#define WEB_PROXIES_MAX 8
#define WEB_HOSTS_MAX 16
#define HOST_TEXT_MAX 256
#define OUTLETS_MAX 8
#define ADDRESS_MAX 128
#define HOME_TOPIC_MAX 64
#define HOME_ENTITY_MAX 96
#define HOME_TAKES_MAX 16
#define PROFILE_PATHS_MAX 16

/* The meters of a kind that are waited for; without any, those that are heard. */
struct meters_config {
	size_t count;
	struct ident names[METER_MEMBERS_MAX];
};

/* Files in PEM form; empty ones are not configured. */
struct tls_config {
	bool is_required;
	char ca[PATH_TEXT_MAX]; /* certificates to trust; empty: the system's */
	char certificate[PATH_TEXT_MAX], key[PATH_TEXT_MAX]; /* our own, both or none */
};

struct broker_config {
	char host[PATH_TEXT_MAX]; /* empty: no broker */
	uint16_t port;
	struct ident client_id;
	char user[64]; /* empty: anonymous */
	char password_file[PATH_TEXT_MAX];
	bool unknown_nodes_are_stored;
	struct tls_config tls;
};

struct listen_config {
	char address[64]; /* empty: nobody listens */
	uint16_t port;
};

struct coap_config {
	struct listen_config listen, listen_secure; /* where nodes register; the latter with DTLS */
	bool pairing_is_open;                       /* accept registrations of any node */
	size_t allowed_count;
	struct ident allowed[ALLOWED_NODES_MAX];
};

enum store_sync { SYNC_FULL, SYNC_NORMAL };

/* Acknowledgements wait with the readings, and pings behind them: well below the keepalive. */
#define COMMIT_DELAY_MAX_S 60

struct server_config {
	bool is_configured;
	char host[PATH_TEXT_MAX];
	uint16_t port;
	char socket[PATH_TEXT_MAX];
	char user[64];
	char password_file[PATH_TEXT_MAX];
	char database[64];
	char tls_ca[PATH_TEXT_MAX];
	bool tls_is_required;
};

/* How long rows stay in the journal, and how large it may become. */
struct store_keep {
	int32_t readings_days; /* readings, relay states, decisions, refused messages */
	int32_t minutes_days;  /* rollups of a minute */
	int32_t quarters_days; /* rollups of 15 minutes; those of a day stay for ever */
	int32_t trace_days;    /* what `amphora replay` reads */
	int32_t max_mb;        /* of 1,000,000 bytes, without the write-ahead log */
};

struct store_config {
	char path[PATH_TEXT_MAX]; /* of the journal */
	enum store_sync sync;
	int32_t commit_delay_s; /* real time that readings gather before they are written */
	struct store_keep keep;
	int32_t drain_s; /* how long a shutdown may take to forward the rest */
	struct server_config server;
};

enum sensor_transport { SENSOR_MQTT, SENSOR_COAP, SENSOR_SOURCE, SENSOR_HOME };

struct battery_config {
	struct ident id;
	enum chemistry chemistry;
	int32_t capacity_wh; /* 0: not configured */
	int32_t power_w;     /* the most it charges or discharges with; 0: not configured */
	bool paths_are_independent;
	int32_t wear_micros_per_kwh;        /* that it gives, in millionths of the prices' currency */
	int32_t cycles_per_100_days; /* that the plan gives at most; 0: no cap */
	enum sensor_transport transport;
	struct ident node;            /* as the sensor calls itself; default: id */
	char topic[PATH_TEXT_MAX];    /* default amphora/<node>/battery; SENSOR_HOME: for people */
	struct ident source; /* of another make's device, in place of topic and uri; or empty */
	bool source_is_coap; /* that device speaks CoAP; else it is on the broker */
	char uri[PATH_TEXT_MAX];      /* of a CoAP sensor */
	char key_file[PATH_TEXT_MAX]; /* of a CoAP sensor; empty: its readings are not encrypted */
	char identity[IDENTITY_TEXT_MAX]; /* that goes with the key; default: node */
	struct parameter_layer layer;     /* what the file sets for this battery */
	bool is_admitted; /* it is in no file: a person let it in (model/admission) */
};

struct relay_config {
	struct ident id;
	size_t battery; /* index */
	enum relay_role role;
	char uri[PATH_TEXT_MAX]; /* coap[s]://host[:port]/relay; empty: comes by registration */
	struct ident source;     /* of another make's device, in place of uri; or empty */
	char key_file[PATH_TEXT_MAX];     /* empty: commands are not encrypted */
	char entity[HOME_ENTITY_MAX]; /* a switch told to Home Assistant, likewise; or empty */
	char identity[IDENTITY_TEXT_MAX]; /* that goes with the key; default: id */
	bool has_lease;                   /* false: `lease: none`, shown everywhere */
	bool source_is_coap;  /* that device speaks CoAP; else it is on the broker */
	bool timer_is_untold; /* its device has a timer that opens it and tells nothing of it */
	bool is_admitted; /* it is in no file: a person let it in (model/relay_admission) */
};

struct api_config {
	char socket[PATH_TEXT_MAX];
	char group[64]; /* whose members may connect; empty: that of the process */
};

struct path_text {
	char text[PATH_TEXT_MAX];
};

struct host_text {
	char text[HOST_TEXT_MAX];
};

/* Where browsers and programs reach us over TCP, and by which rules. */
struct web_config {
	struct listen_config listen; /* port 0: any that is free; no address: nobody listens */
	char certificate[PATH_TEXT_MAX], key[PATH_TEXT_MAX]; /* for TLS, both or none */
	size_t proxy_count;
	struct host_text proxies[WEB_PROXIES_MAX]; /* addresses whose X-Forwarded-… is believed */
	size_t host_count;
	struct host_text hosts[WEB_HOSTS_MAX]; /* further names by which we may be called */
	bool is_insecure;                      /* beyond this machine without TLS, knowingly */
	char users[PATH_TEXT_MAX];             /* empty: users.json beside the journal */
};

enum outlet_kind { OUTLET_WEBHOOK, OUTLET_NTFY, OUTLET_EMAIL, OUTLET_MQTT };

/* BY_PLACE is off on this machine, else required; a house that was read has it no more. */
enum outlet_tls { OUTLET_TLS_BY_PLACE, OUTLET_TLS_OFF, OUTLET_TLS_REQUIRED };

/* One way by which alerts leave the house. */
struct outlet_config {
	struct ident name;
	enum outlet_kind kind;
	enum alert_level minimum;   /* of what is told */
	char url[PATH_TEXT_MAX];    /* where it is taken; none with OUTLET_MQTT */
	enum outlet_tls tls;        /* of what does not begin with it anyway */
	char tls_ca[PATH_TEXT_MAX]; /* certificates to trust; empty: the system's */
	char user[64];              /* empty: what is in password_file is a bearer token */
	char password_file[PATH_TEXT_MAX];
	char secret_file[PATH_TEXT_MAX]; /* OUTLET_WEBHOOK: signs what is sent; empty: nothing does
					  */
	char from[ADDRESS_MAX], to[ADDRESS_MAX]; /* OUTLET_EMAIL */
	char topic[PATH_TEXT_MAX];               /* OUTLET_MQTT */
	char page[PATH_TEXT_MAX]; /* of ours, as a person reaches it, to be opened from there */
};

enum home_positive { HOME_POSITIVE_UNSAID, HOME_POSITIVE_CHARGE, HOME_POSITIVE_DISCHARGE };

/* Entities that others announced to Home Assistant, by their unique ids, as a battery's sensor. */
struct home_take_config {
	size_t battery; /* index */
	char soc[HOME_ENTITY_MAX], temp[HOME_ENTITY_MAX];
	char temp_max[HOME_ENTITY_MAX], voltage[HOME_ENTITY_MAX]; /* these may be empty */
	char current[HOME_ENTITY_MAX], power[HOME_ENTITY_MAX];
	enum home_positive positive; /* what current and power mean while they are positive */
};

/* What Home Assistant is told over the broker, and may ask for there. */
struct home_assistant_config {
	bool is_on;
	bool is_announced; /* false: only what it takes over from there */
	bool commands_are_taken;
	bool is_metered[METER_COUNT]; /* has been heard, and is told since */
	struct ident planned; /* the battery of which there may be a plan; empty: none */
	bool plan_is_told;    /* since there was the first */
	char prefix[HOME_TOPIC_MAX]; /* of its discovery topics */
	char topic[HOME_TOPIC_MAX];  /* what ours begin with */
	struct ident id;             /* names us there; default: collector */
	size_t take_count;
	struct home_take_config takes[HOME_TAKES_MAX];
};

/* Only where all nodes are simulated and on this machine. */
struct demo_config {
	char house_socket[108]; /* of amphora-house; empty: these are real batteries */
};

/* What others foresee. */
struct forecast_config {
	bool has_pv;
	struct feed_config pv; /* W of the roof */
};

#define COAP_SOURCES_MAX (BATTERIES_MAX + RELAYS_MAX)

/* Where a CoAP node of another make is, of which a battery, relay or meter has its values. */
struct coap_source_config {
	struct ident id;
	char uri[PATH_TEXT_MAX]; /* empty: it registers itself */
	char key_file[PATH_TEXT_MAX];
};

struct house {
	struct ident collector; /* names this daemon in topics and in the server's rows */
	char zone[64];          /* IANA name, "UTC" by default */
	size_t profile_path_count;
	struct path_text profile_paths[PROFILE_PATHS_MAX]; /* files and directories of one's own */
	struct api_config api;
	struct web_config web;
	struct demo_config demo;
	struct broker_config broker;
	struct coap_config coap;
	struct store_config store;
	struct parameter_layer layer; /* what the file sets for all batteries */
	size_t battery_count;
	struct battery_config batteries[BATTERIES_MAX];
	size_t relay_count;
	struct relay_config relays[RELAYS_MAX];
	size_t outlet_count;
	struct outlet_config outlets[OUTLETS_MAX];
	struct home_assistant_config home_assistant;
	struct meters_config meters[METER_COUNT];
	size_t coap_source_count; /* those that are in use, first of batteries and relays */
	struct coap_source_config coap_sources[COAP_SOURCES_MAX];
	struct prices_config prices;
	struct forecast_config forecast;
};

/* The house of a daemon without a file: watches a broker on this machine. */
void house_init(struct house *house);

/* Whether enough is configured for the battery to be commanded: chemistry, capacity and power. */
bool battery_is_commanded(const struct battery_config *battery);

/* Whether anybody listens for nodes that register themselves. */
bool coap_is_listening(const struct coap_config *coap);

/* Whether a node of that name, without a key, may register itself. */
bool coap_admits(const struct coap_config *coap, const struct ident *node);

/* Index of the battery with that id or of that sensor node, or -1. */
int house_find_battery(const struct house *house, const char *id);
int house_find_sensor(const struct house *house, const struct ident *node);
int house_find_relay(const struct house *house, const char *id);

/* Where it speaks, for people: a topic, a uri, or the id of a source. May be empty. */
const char *battery_address(const struct battery_config *battery);
const char *relay_address(const struct relay_config *relay);

/* Whether it is commanded over MQTT: another make's device, or Home Assistant's switch. */
bool relay_is_over_mqtt(const struct relay_config *relay);

/* "mqtt" or "coap": how its readings come, and how it is commanded. */
const char *battery_transport(const struct battery_config *battery);
const char *relay_transport(const struct relay_config *relay);

/* "webhook", "ntfy", "email", "mqtt" */
const char *outlet_kind_name(enum outlet_kind kind);
