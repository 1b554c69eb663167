/*
 * Browsers' way to us: opened after everything else, and again and again where
 * that fails. A port that is taken or a certificate that is gone must not keep
 * a house from being run.
 */
#include "daemon/daemon.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define RETRY_MS 10000
#define SENTENCE_MAX 512

static bool is_wanted(const struct daemon *daemon)
{
	return daemon->house.web.listen.address[0] != '\0' && daemon->status.web.port == 0;
}

static void tell_opened(struct daemon *daemon)
{
	const struct web_config *web = &daemon->house.web;
	bool is_v6 = strchr(web->listen.address, ':') != NULL;

	log_info("browsers: %s://%s%s%s:%u/", web->certificate[0] != '\0' ? "https" : "http",
		 is_v6 ? "[" : "", web->listen.address, is_v6 ? "]" : "", daemon->status.web.port);
	if (api_first_code(daemon->api) != NULL)
		log_info("no user yet: amphora open, or the code %s in a browser, makes the first",
			 api_first_code(daemon->api));
}

void web_open(struct daemon *daemon)
{
	struct web_status *status = &daemon->status.web;
	bool had_failed = status->detail[0] != '\0';
	char words[SENTENCE_MAX] = "";
	struct text error = text_in(words, sizeof words);
	int result;

	if (!is_wanted(daemon))
		return;
	result = api_open_web(daemon->api, &error);
	daemon->web_tried_at = uv_now(daemon->loop);
	if (result > 0) {
		status->port = (uint16_t)result;
		status->detail[0] = '\0';
		tell_opened(daemon);
		if (had_failed)
			daemon_condition(daemon, ALERT_WEB_AWAY, false, "");
		return;
	}
	snprintf(status->detail, sizeof status->detail, "%.*s", (int)sizeof status->detail - 1,
		 words[0] != '\0' ? words : strerror(-result));
	if (had_failed)
		return;
	log_warning("browsers cannot reach us, and control goes on: %s", status->detail);
	daemon_condition(daemon, ALERT_WEB_AWAY, true, status->detail);
}

void web_second(struct daemon *daemon)
{
	if (is_wanted(daemon) && daemon->phase == DAEMON_RUNS &&
	    uv_now(daemon->loop) - daemon->web_tried_at >= RETRY_MS)
		web_open(daemon);
}
