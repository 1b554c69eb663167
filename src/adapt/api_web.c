/* Where the API is served besides the Unix socket, and by which rule: /state's `web`. */
#include "adapt/api_internal.h"
#include "adapt/web_files.h"
#include "wire/plain_channel.h"

static enum http_transport transport_of(const struct web_config *config)
{
	if (config->certificate[0])
		return HTTP_TLS;
	return host_is_loopback(config->listen.address) ? HTTP_LOOPBACK : HTTP_INSECURE;
}

int api_open_web(struct api *api, struct text *error)
{
	const struct web_config *config = &api->host.house->web;
	struct web_files files;
	int rc = web_files_read(&files, config, error);

	if (rc < 0)
		return rc;
	rc = http_open_tcp(api->http,
			   &(struct http_tcp){
			       .address = config->listen.address,
			       .port = config->listen.port,
			       .certificate = files.certificate,
			       .key = files.key,
			       .transport = transport_of(config),
			   },
			   error);
	web_files_free(&files);
	return rc;
}

json_t *api_web(const struct api *api)
{
	const struct web_config *config = &api->host.house->web;
	const struct web_status *status = &api->host.status->web;

	if (!config->listen.address[0])
		return json_null();
	return json_pack("{s:s, s:o, s:b, s:b, s:s?}", "address", config->listen.address, "port",
			 status->port > 0 ? json_integer(status->port) : json_null(), "tls",
			 config->certificate[0] != '\0', "insecure",
			 transport_of(config) == HTTP_INSECURE && config->is_insecure, "detail",
			 status->detail[0] ? status->detail : NULL);
}
