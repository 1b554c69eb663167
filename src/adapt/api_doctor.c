/* GET /doctor: what doctor.h finds, as JSON. */
#include "adapt/api_internal.h"
#include "adapt/doctor.h"

struct findings {
	json_t *list;
	int faults, warnings;
};

static void add_finding(void *user, const struct doctor_finding *finding)
{
	struct findings *findings = user;

	findings->faults += finding->verdict == DOCTOR_FAULT;
	findings->warnings += finding->verdict == DOCTOR_WARNING;
	json_array_append_new(
	    findings->list,
	    json_pack("{s:s, s:s?, s:s, s:s, s:s?}", "check", finding->check, "subject",
		      finding->subject[0] ? finding->subject : NULL, "verdict",
		      doctor_verdict_name(finding->verdict), "words", finding->words, "advice",
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
		finding.advice = "what is known goes on to be used, then the day before is assumed; "
				 "`amphora prices` shows it, docs/prices.md how it is read";
	} else if (view->words[0]) {
		finding.verdict = DOCTOR_NOTE;
		finding.advice = "look at `amphora prices`, and at unit and pointers in the configuration";
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
}

void api_get_doctor(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	struct findings findings = {.list = json_array()};
	struct doctor_look look = {.house = api->host.house,
				   .site = api->host.site,
				   .clock = api->host.clock,
				   .status = api->host.status,
				   .now = api->host.now(api->host.user)};

	(void)request;
	doctor_examine(&look, add_finding, &findings);
	add_prices(&findings, api);
	api_reply(reply, 200,
		  json_pack("{s:o, s:i, s:i}", "findings", findings.list, "faults",
			    findings.faults, "warnings", findings.warnings));
}
