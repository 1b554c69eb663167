/*
 * Answers requests for the dashboard's files. It decides which of a file's two
 * forms is sent and how long it may be kept; the bytes are web_assets_data.c,
 * which the build makes.
 */
#include "adapt/web_assets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOR_EVER "public, max-age=31536000, immutable"
#define ASK_AGAIN "no-cache"

static int compare_paths(const void *path, const void *asset)
{
	return strcmp(path, ((const struct web_asset *)asset)->path);
}

/* Whether an Accept-Encoding takes gzip; "gzip;q=0" is how one says that it does not. */
static bool takes_gzip(const char *accepted)
{
	const char *gzip = accepted ? strstr(accepted, "gzip") : NULL;

	return gzip && strncmp(gzip + 4, ";q=0", 4) != 0 && strncmp(gzip + 4, "; q=0", 5) != 0;
}

/* Whether an If-None-Match has the tag; a proxy that packs again makes it weak, W/"…". */
static bool is_known(const char *tags, const char *tag)
{
	return tags && strstr(tags, tag);
}

static void serve_asset(const struct web_asset *asset, const struct http_request *request,
			struct http_reply *reply)
{
	bool is_packed = asset->packed && takes_gzip(http_header(request, "Accept-Encoding"));

	reply->fixed = (struct http_fixed){
	    .bytes = is_packed ? asset->packed : asset->plain,
	    .length = is_packed ? asset->packed_length : asset->plain_length,
	    .encoding = is_packed ? "gzip" : NULL,
	    .tag = is_packed ? asset->packed_tag : asset->tag,
	    .cache = strncmp(asset->path, "/assets/", 8) == 0 ? FOR_EVER : ASK_AGAIN,
	};
	reply->content_type = asset->type;
	reply->status = 200;
	if (is_known(http_header(request, "If-None-Match"), reply->fixed.tag)) {
		reply->status = 304;
		reply->fixed.length = 0;
	}
}

static void serve(const char *path, const struct http_request *request, struct http_reply *reply)
{
	const struct web_asset *asset =
	    bsearch(path, web_assets, web_asset_count, sizeof(*web_assets), compare_paths);

	if (asset)
		serve_asset(asset, request, reply);
	else
		http_problem(reply, 404, "no such path");
}

void web_get_page(void *user, const struct http_request *request, struct http_reply *reply)
{
	(void)user;
	serve("/", request, reply);
}

void web_get_worker(void *user, const struct http_request *request, struct http_reply *reply)
{
	(void)user;
	serve("/sw.js", request, reply);
}

void web_get_manifest(void *user, const struct http_request *request, struct http_reply *reply)
{
	(void)user;
	serve("/manifest.webmanifest", request, reply);
}

void web_get_asset(void *user, const struct http_request *request, struct http_reply *reply)
{
	char path[sizeof("/assets/") + HTTP_SEGMENT_MAX];

	(void)user;
	snprintf(path, sizeof(path), "/assets/%s", request->segment);
	serve(path, request, reply);
}

void web_get_description(void *user, const struct http_request *request, struct http_reply *reply)
{
	(void)user;
	serve_asset(&api_description, request, reply);
}
