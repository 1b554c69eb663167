/*
 * GET /doctor: what doctor.h finds, as JSON. With `ask=broker` the broker is asked besides which
 * commands it keeps; who asks meanwhile gets the same answer.
 */
#include <stdio.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/doctor.h"
#include "adapt/retained_look.h"

struct findings {
	json_t *list;
	int faults, warnings;
};

static void add_finding(void *user, const struct doctor_finding *finding)
{
	struct findings *findings = user;

	findings->faults += finding->verdict == DOCTOR_FAULT;
	findings->warnings += finding->verdict == DOCTOR_WARNING;
	json_array_append_new(findings->list,
			      json_pack("{s:s, s:s?, s:s, s:s, s:s?}", "check", finding->check,
					"subject", finding->subject[0] ? finding->subject : NULL,
					"verdict", doctor_verdict_name(finding->verdict), "words",
					finding->words, "advice",
					finding->advice[0] ? finding->advice : NULL));
}

/* Of one source of prices: whether the present is known, and how old that is. */
static void add_price_source(struct findings *findings, const struct price_source_view *view,
			     const char *name)
{
	char buffer[PRICE_WORDS_MAX + 80];
	struct text words = text_in(buffer, sizeof(buffer));
	struct doctor_finding finding = {
	    .check = "prices", .subject = name, .words = buffer, .advice = ""};

	if (view->kind == NULL)
		return;
	text_add(&words, "%s", view->kind);
	if (view->has_age)
		text_add(&words, ", last of use %lld min ago", (long long)view->age_s / 60);
	if (view->words[0])
		text_add(&words, ": %s", view->words);
	if (!view->is_ok) {
		finding.verdict = DOCTOR_WARNING;
		finding.advice =
		    "what is known goes on to be used, then the day before is assumed; "
		    "`amphora prices` shows it, docs/prices.md how it is read";
	} else if (view->words[0]) {
		finding.verdict = DOCTOR_NOTE;
		finding.advice =
		    "look at `amphora prices`, and at unit and pointers in the configuration";
	}
	add_finding(findings, &finding);
}

static void add_prices(struct findings *findings, const struct api *api)
{
	struct price_source_view views[PRICE_SOURCES] = {0};

	if (api->host.price_sources != NULL)
		api->host.price_sources(api->host.user, views);
	add_price_source(findings, &views[PRICE_SOURCE_IMPORT], "import");
	add_price_source(findings, &views[PRICE_SOURCE_EXPORT], "export");
	add_price_source(findings, &views[PRICE_SOURCE_PV], "pv");
}

static void add_retained(struct findings *findings, const struct retained_found *found)
{
	char advice[RETAINED_TOPIC_MAX + 64];
	struct doctor_finding finding = {.check = "kept-commands",
					 .subject = "",
					 .verdict = DOCTOR_OK,
					 .words = "the broker keeps no command",
					 .advice = ""};

	if (found->trouble[0]) {
		finding.verdict = DOCTOR_NOTE;
		finding.words = "which commands the broker keeps is not known";
		finding.advice = found->trouble;
	}
	if (found->count == 0)
		add_finding(findings, &finding);
	for (size_t i = 0; i < found->count && i < RETAINED_TOPICS_MAX; i++) {
		snprintf(advice, sizeof(advice), "clear it: mosquitto_pub -r -n -t '%s'",
			 found->topics[i]);
		finding = (struct doctor_finding){
		    .check = "kept-commands",
		    .subject = found->topics[i],
		    .verdict = DOCTOR_WARNING,
		    .words =
			"the broker keeps a command there: its device obeys it at each connect",
		    .advice = advice};
		add_finding(findings, &finding);
	}
}

static void reply_findings(const struct api *api, const struct retained_found *found,
			   struct http_reply *reply)
{
	struct findings findings = {.list = json_array()};
	struct doctor_look look = {.house = api->host.house,
				   .site = api->host.site,
				   .clock = api->host.clock,
				   .status = api->host.status,
				   .now = api->host.now(api->host.user)};

	doctor_examine(&look, add_finding, &findings);
	add_prices(&findings, api);
	if (found)
		add_retained(&findings, found);
	api_reply(reply, 200,
		  json_pack("{s:o, s:i, s:i}", "findings", findings.list, "faults", findings.faults,
			    "warnings", findings.warnings));
}

/* To answer turns the server, which may bring the next who asks: that one waits for a new look. */
static void answer_all(struct api *api, const struct retained_found *found)
{
	struct http_exchange *asking[ARRAY_LENGTH(api->doctor.asking)];
	size_t count = api->doctor.count;

	memcpy(asking, api->doctor.asking, sizeof(asking));
	api->doctor.count = 0;
	retained_look_free(api->doctor.look);
	api->doctor.look = NULL;
	for (size_t i = 0; i < count; i++) {
		struct http_reply reply = {0};

		reply_findings(api, found, &reply);
		http_answer(asking[i], reply);
	}
}

static void on_done(void *user, const struct retained_found *found)
{
	struct retained_found told = *found; /* it ends with the look, and so do its words */
	char trouble[API_WORDS_MAX];

	snprintf(trouble, sizeof(trouble), "%s", found->trouble);
	told.trouble = trouble;
	answer_all(user, &told);
}

void api_doctor_end(struct api *api)
{
	answer_all(api, &(struct retained_found){.trouble = "the daemon is stopping"});
}

/* Whether there is a look under way now, and the request waits for it. */
static bool waits_for_broker(struct api *api, const struct http_request *request)
{
	const char *asked = http_argument(request, "ask");
	const struct broker_config *broker = &api->host.house->broker;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));

	if (!asked || strcmp(asked, "broker") != 0 || broker->host[0] == '\0' || api->is_closing)
		return false;
	if (!api->doctor.look && retained_look_new(&api->doctor.look, api->loop, broker, on_done,
						   api, &error) != 0)
		return false; /* what is wrong with the broker's password is told without it */
	/* Each holds a connection: there are no more of these than places. */
	api->doctor.asking[api->doctor.count++] = http_defer(request);
	return true;
}

void api_get_doctor(void *user, const struct http_request *request, struct http_reply *reply)
{
	if (!waits_for_broker(user, request))
		reply_findings(user, NULL, reply);
}
