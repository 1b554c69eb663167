/*
 * The configuration's bytes to a struct house, or the list of what is wrong:
 * load (config_file.c), read by the table (config_read.c), check as a whole
 * (config_check.c). Files, hosts and zones are looked for by the daemon.
 */
#include "wire/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/config_check.h"
#include "wire/config_file.h"
#include "wire/config_check_source.h"
#include "wire/config_read.h"
#include "wire/profile_paths.h"

#define SERVER_PORT 3306
#define SERVER_NAME "amphora"

/* What is worked on: large, so that it is made once and not on the stack. */
struct draft {
	struct house house;
	struct config_errors errors;
	struct config_reader reader;
	struct sources sources;
};

static void begin(struct draft *draft)
{
	struct server_config *server = &draft->house.store.server;

	house_init(&draft->house);
	draft->house.broker.port = 0; /* until config_check() knows whether there is TLS */
	/* What holds for a server that is configured; config_check() takes it back where none is.
	 */
	server->port = SERVER_PORT;
	server->tls_is_required = true;
	memcpy(server->user, SERVER_NAME, sizeof SERVER_NAME);
	memcpy(server->database, SERVER_NAME, sizeof SERVER_NAME);
}

static int read_draft(struct draft *draft, const void *bytes, size_t len,
		      const struct source_shelf *shelf)
{
	yaml_document_t document;
	int result = config_file_load(&document, bytes, len, &draft->errors);

	if (result != 0)
		return result;
	draft->reader = (struct config_reader){
	    .document = &document,
	    .errors = &draft->errors,
	    .house = &draft->house,
	    .sources = &draft->sources,
	    .shelf = shelf,
	    .settings_line = 1,
	};
	config_read(&draft->reader);
	config_check(&draft->reader);
	config_check_sources(&draft->reader);
	yaml_document_delete(&document);
	if (draft->reader.is_without_memory)
		return -ENOMEM;
	return draft->errors.count == 0 ? 0 : -EINVAL;
}

int config_parse_with_sources(struct house *out, struct sources *sources, const char *file_name,
			      const void *bytes, size_t len, struct text *errors)
{
	return config_parse_with_shelf(out, sources, file_name, bytes, len, &source_shelf_built_in,
				       errors);
}

int config_parse_with_shelf(struct house *out, struct sources *sources, const char *file_name,
			    const void *bytes, size_t len, const struct source_shelf *shelf,
			    struct text *errors)
{
	struct draft *draft = calloc(1, sizeof *draft);
	int result;

	if (draft == NULL)
		return -ENOMEM;
	begin(draft);
	result = read_draft(draft, bytes, len, shelf);
	if (result == 0) {
		*out = draft->house;
		*sources = draft->sources;
	} else {
		sources_deinit(&draft->sources);
	}
	config_errors_write(&draft->errors, file_name, errors);
	free(draft);
	return result;
}

int config_parse(struct house *out, const char *file_name, const void *bytes, size_t len,
		 struct text *errors)
{
	struct sources sources;
	int result = config_parse_with_sources(out, &sources, file_name, bytes, len, errors);

	if (result == 0)
		sources_deinit(&sources);
	return result;
}
