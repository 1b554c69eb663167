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
	api_reply(reply, 200,
		  json_pack("{s:o, s:i, s:i}", "findings", findings.list, "faults",
			    findings.faults, "warnings", findings.warnings));
}
