#include "cli/detect_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "adapt/detect_json.h"
#include "adapt/detect_session.h"
#include "adapt/password.h"
#include "cli/show.h"

#define PASSWORD_TEXT_MAX 128
#define TROUBLE_MAX 256

struct run {
	const struct detect_wish *wish;
	uv_loop_t loop;
	uv_timer_t progress;
	struct detect_session *session;
	json_t *found;
	char trouble[TROUBLE_MAX];
};

static void on_done(void *user, struct detect *detect, const char *trouble)
{
	struct run *run = user;
	struct text text = text_in(run->trouble, sizeof(run->trouble));

	text_add(&text, "%s", trouble);
	run->found = trouble[0] ? NULL : detect_json(detect);
	if (!trouble[0] && !run->found)
		text_add(&text, "out of memory");
	detect_session_free(run->session);
	if (run->wish->shows_progress)
		uv_close((uv_handle_t *)&run->progress, NULL);
}

static void on_progress(uv_timer_t *timer)
{
	(void)timer;
	fputc('.', stderr);
}

/* A dot a second where somebody waits. */
static void begin_progress(struct run *run)
{
	fprintf(stderr, "listening to %s:%d for %u s ", run->wish->broker.host,
		(int)run->wish->broker.port, (unsigned)run->wish->seconds);
	uv_timer_init(&run->loop, &run->progress);
	uv_timer_start(&run->progress, on_progress, MS_PER_SECOND, MS_PER_SECOND);
}

static int listen_to(struct run *run, const char *password)
{
	struct detect_session_options options = {.broker = &run->wish->broker,
						 .password = password,
						 .seconds = run->wish->seconds,
						 .only_listens = run->wish->only_listens};
	struct detect_session_events events = {.user = run, .on_done = on_done};
	int result;

	uv_loop_init(&run->loop);
	result = detect_session_new(&run->session, &run->loop, &options, &events);
	if (result == 0) {
		if (run->wish->shows_progress)
			begin_progress(run);
		uv_run(&run->loop, UV_RUN_DEFAULT);
		if (run->wish->shows_progress)
			fputc('\n', stderr);
	}
	uv_loop_close(&run->loop);
	return result;
}

int detect_run(const struct detect_wish *wish, json_t **out, struct text *error)
{
	struct run run = {.wish = wish};
	char password[PASSWORD_TEXT_MAX] = "";
	int result = wish->password ? 0
				    : password_read(password, sizeof(password),
						    wish->broker.password_file, error);

	if (result != 0)
		return result;
	result = listen_to(&run, wish->password ? wish->password : password);
	explicit_bzero(password, sizeof(password));
	if (result != 0)
		text_add(error, "%s", strerror(-result));
	else if (run.trouble[0])
		text_add(error, "%s", run.trouble);
	if (result != 0 || !run.found)
		return result != 0 ? result : -ENOTCONN;
	json_object_set_new(run.found, "broker", json_string(wish->broker.host));
	json_object_set_new(run.found, "port", json_integer(wish->broker.port));
	*out = run.found;
	return 0;
}

static void add_value(struct text *words, const json_t *values, const char *name, const char *before,
		      const char *unit)
{
	const json_t *value = json_object_get(values, name);

	if (json_is_number(value))
		text_add(words, ", %s%.1f %s", before, json_number_value(value), unit);
	else if (json_is_boolean(value))
		text_add(words, ", %s%s", before, json_is_true(value) ? "on" : "off");
}

/* Of what make it is: its profile, or what stands for one. */
static const char *make_words(const char *profile)
{
	static const char *const OWN[][2] = {{"amphora", "Amphora's own"},
					     {"generic", "JSON of no known maker"},
					     {"home-assistant", "announced to Home Assistant"}};

	for (size_t i = 0; i < ARRAY_LENGTH(OWN); i++)
		if (strcmp(profile, OWN[i][0]) == 0)
			return OWN[i][1];
	return profile;
}

void detect_words(struct text *out, const json_t *device)
{
	const json_t *values = json_object_get(device, "values");

	text_add(out, "%s (%s)", member_text(device, "kind"),
		 make_words(member_text(device, "profile")));
	add_value(out, values, "soc_pct", "", "%");
	add_value(out, values, "temp_c", "", "°C");
	add_value(out, values, "state", "", "");
	add_value(out, values, "power_w", "", "W");
	add_value(out, values, "grid_w", "grid ", "W");
	add_value(out, values, "pv_w", "panels ", "W");
	add_value(out, values, "load_w", "house ", "W");
}
