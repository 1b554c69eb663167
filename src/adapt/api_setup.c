/*
 * The page's first run: GET /setup tells where the configuration is and what may be answered,
 * POST /setup makes one of the answers. Who is on the broker is api_detect.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/setup_body.h"
#include "model/chemistry.h"

static json_t *chemistries_json(void)
{
	json_t *list = json_array();

	for (int i = CHEMISTRY_NONE + 1; i < CHEMISTRY_COUNT; i++) {
		const struct chemistry_preset *preset = chemistry_preset((enum chemistry)i);
		const struct envelope *usual = &preset->usual;

		if (i == CHEMISTRY_CUSTOM)
			continue;
		json_array_append_new(
		    list,
		    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", preset->name,
			      "reserve_pct", api_scaled(usual->reserve_bp, 100), "ceiling_pct",
			      api_scaled(usual->ceiling_bp, 100), "charge_min_c",
			      api_scaled(usual->charge_min_mc, 1000), "charge_max_c",
			      api_scaled(usual->charge_max_mc, 1000), "discharge_min_c",
			      api_scaled(usual->discharge_min_mc, 1000), "discharge_max_c",
			      api_scaled(usual->discharge_max_mc, 1000)));
	}
	return list;
}

static json_t *kinds_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SETUP_KINDS; i++)
		json_array_append_new(list, json_pack("{s:s?, s:s, s:s?}", "kind",
						      setup_kinds[i].profile, "words",
						      setup_kinds[i].words, "value",
						      setup_kinds[i].otherwise));
	return list;
}

void api_get_setup(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	const struct broker_config *broker = &api->host.house->broker;
	struct api_setup_place place = {0};

	(void)request;
	api->host.setup_place(api->host.user, &place);
	api_reply(reply, 200,
		  json_pack("{s:s, s:b, s:b, s:s?, s:s, s:{s:s, s:i, s:s, s:b}, s:o, s:o}", "file",
			    place.file, "exists", place.is_there, "must_confirm", place.has_house,
			    "why", place.why[0] ? place.why : NULL, "zone", api->host.house->zone,
			    "broker", "host", broker->host, "port", (int)broker->port, "user",
			    broker->user, "has_password", broker->password_file[0] != '\0',
			    "chemistries", chemistries_json(), "kinds", kinds_json()));
}

static void refuse_answer(struct http_reply *reply, int rc, const char *pointer,
			  const struct text *error)
{
	if (rc == -EINVAL && !pointer[0])
		api_refuse(reply, rc, error);
	else
		http_trouble(reply, &(struct http_trouble){
					.status = rc == -EINVAL ? 400 : 422,
					.type = rc == -EINVAL  ? "malformed"
						: rc == -EPERM ? "owners-word-needed"
							       : "out-of-range",
					.detail = error->data,
					.pointer = pointer[0] ? pointer : NULL});
}

static void refuse(struct http_reply *reply, int rc, const struct text *error)
{
	if (rc == -EEXIST)
		http_problem_of(reply, 409, "exists-already", error->data);
	else if (rc == -ERANGE)
		http_problem_of(reply, 422, "refused-by-check", error->data);
	else if (rc == -EACCES)
		http_problem_of(reply, 503, "not-writable", error->data);
	else
		api_refuse(reply, rc, error);
}

static void note(const struct http_request *request, const struct setup_wish *wish)
{
	http_note(request, "%s: battery %s, %zu relays", wish->is_preview ? "preview" : "set up",
		  wish->answers.battery, wish->answers.relay_count);
}

static void take(struct api *api, const struct http_request *request, struct setup_wish *wish,
		 struct http_reply *reply)
{
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct api_setup_done done = {0};
	int rc;

	note(request, wish);
	rc = api->host.setup(api->host.user, wish, &done, &error);
	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	api_reply(reply, wish->is_preview ? 200 : 202,
		  json_pack("{s:b, s:s?, s:s}", "restarts", !wish->is_preview, "kept",
			    done.kept[0] ? done.kept : NULL, "text", done.text));
	free(done.text);
}

void api_post_setup(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX], pointer[SETUP_POINTER_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct setup_wish *wish = malloc(sizeof(*wish));
	int rc;

	if (!wish) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	rc = setup_wish_parse(wish, request->body, request->body_length,
			      json_object_get(api->detection.found, "devices"), pointer, &error);
	if (rc < 0)
		refuse_answer(reply, rc, pointer, &error);
	else
		take(api, request, wish, reply);
	explicit_bzero(wish, sizeof(*wish));
	free(wish);
}
