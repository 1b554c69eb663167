/*
 * The files of the dashboard (src/web), which scripts/embed-web put into this
 * program. What /assets/ holds bears a hash of its content in its name and may
 * be kept for ever; the page itself, its service worker and its manifest are
 * asked for again each time, and answered with 304 where nothing changed.
 */
#pragma once

#include <stddef.h>

#include "adapt/http.h"

struct web_asset {
	const char *path; /* "/", "/sw.js", "/assets/app.1b2c3d4e5f.js" */
	const char *type;
	const char *tag; /* quoted, as in ETag */
	const unsigned char *plain;
	size_t plain_length;
	const unsigned char *packed; /* by gzip; NULL where that is hardly smaller */
	size_t packed_length;
	const char *packed_tag;
};

/* In the order of their paths. */
extern const struct web_asset web_assets[];
extern const size_t web_asset_count;

/* docs/openapi.json, which is no file of the page: scripts/embed-file has put it here. */
extern const struct web_asset api_description;

/* Handlers; `user` is not looked at. */
void web_get_page(void *user, const struct http_request *request, struct http_reply *reply);
void web_get_worker(void *user, const struct http_request *request, struct http_reply *reply);
void web_get_manifest(void *user, const struct http_request *request, struct http_reply *reply);
void web_get_asset(void *user, const struct http_request *request, struct http_reply *reply);
void web_get_description(void *user, const struct http_request *request, struct http_reply *reply);
