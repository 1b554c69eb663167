/*
 * The client of the daemon's API: libcurl over a Unix socket.
 *
 * It decides how an answer becomes an exit code and says what went wrong; what
 * an answer means is the command's affair.
 */
#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/zone.h"
#include "cli/show.h"

#define ANSWER_MAX (32 * 1024 * 1024)
#define CALL_TIMEOUT_S 30
#define KEY_BYTES 16
#define ZONE_WORDS_MAX 256
#define URL_ROOT "http://amphora" PATH_ROOT

#define PATH_ROOT "/api/v1/"

struct client {
	CURL *curl;
	char *answer;
	size_t length, size;
	char next[CLIENT_PATH_MAX]; /* path of the next page, as the answer's Link says */
};

/* `Link: </api/v1/PATH>; rel="next"`; the daemon sends no other. */
static size_t take_header(char *data, size_t unit, size_t count, void *user)
{
	static const char LINK[] = "Link: <" PATH_ROOT;
	struct client *client = user;
	size_t length = unit * count, begin = strlen(LINK);
	const char *end = memchr(data, '>', length);

	if (length > begin && strncasecmp(data, LINK, begin) == 0 && end != NULL &&
	    (size_t)(end - data) - begin < sizeof(client->next)) {
		memcpy(client->next, data + begin, (size_t)(end - data) - begin);
		client->next[(size_t)(end - data) - begin] = '\0';
	}
	return length;
}

static size_t take_answer(char *data, size_t unit, size_t count, void *user)
{
	struct client *client = user;
	size_t more = unit * count;
	size_t size = client->size ? client->size : 16 * 1024;
	char *answer;

	if (client->length + more > ANSWER_MAX)
		return 0;
	while (size < client->length + more)
		size *= 2;
	if (size > client->size) {
		answer = realloc(client->answer, size);
		if (!answer)
			return 0;
		client->answer = answer;
		client->size = size;
	}
	memcpy(client->answer + client->length, data, more);
	client->length += more;
	return more;
}

static struct client *client_new(const char *socket)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->curl = curl_easy_init();
	if (!client->curl) {
		free(client);
		return NULL;
	}
	curl_easy_setopt(client->curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(client->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, (long)CALL_TIMEOUT_S);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, client);
	curl_easy_setopt(client->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(client->curl, CURLOPT_HEADERDATA, client);
	return client;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	free(client->answer);
	free(client);
}

static CURLcode perform(struct client *client, const char *method, const char *path,
			const struct client_body *body)
{
	char url[sizeof(URL_ROOT) + CLIENT_PATH_MAX];
	struct text text = text_in(url, sizeof(url));
	char type[64];
	struct text type_text = text_in(type, sizeof(type));
	char match[64] = "";
	struct text match_text = text_in(match, sizeof(match));
	char key[64 + 32] = "";
	struct text key_text = text_in(key, sizeof(key));
	struct curl_slist *headers = NULL;
	CURLcode code;

	text_add(&text, "%s%s", URL_ROOT, path);
	text_add(&type_text, "Content-Type: %s", body && body->type ? body->type : "");
	client->length = 0;
	client->next[0] = '\0';
	curl_easy_setopt(client->curl, CURLOPT_URL, url);
	curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
	if (body && body->type)
		headers = curl_slist_append(NULL, type);
	if (body && body->key) {
		text_add(&key_text, "Idempotency-Key: %s", body->key);
		headers = curl_slist_append(headers, key);
	}
	if (body && body->match) {
		text_add(&match_text, "If-Match: %s", body->match);
		headers = curl_slist_append(headers, match);
	}
	if ((body && body->data) || strcmp(method, "POST") == 0) {
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE,
				 body ? (long)body->length : 0L);
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS,
				 body && body->data ? body->data : "");
	}
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, method);
	code = curl_easy_perform(client->curl);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return code;
}

/* ---- what went wrong ---- */

/*
 * Whose group may use the socket; where even its directory is closed, that one's, which is
 * what the start made for the same group.
 */
static void say_denied(const char *path)
{
	char at[PATH_MAX];
	struct text place = text_in(at, sizeof(at));
	const struct group *group = NULL;
	struct stat found;
	char *slash;

	text_add(&place, "%s", path);
	while (stat(at, &found) != 0 && (slash = strrchr(at, '/')) != NULL && slash != at)
		*slash = '\0';
	if (stat(at, &found) == 0)
		group = getgrgid(found.st_gid);
	if (group)
		complain("%s: permission denied: it is for the group %s (sudo usermod -aG %s "
			 "YOUR-NAME, then log in again)",
			 path, group->gr_name, group->gr_name);
	else
		complain("%s: permission denied: it is for the group of its owner", path);
}

static int say_unreachable(const struct cli *cli, CURLcode code)
{
	long os_error = 0;

	curl_easy_getinfo(cli->client->curl, CURLINFO_OS_ERRNO, &os_error);
	if (os_error == EACCES || os_error == EPERM) {
		say_denied(cli->socket);
		return EXIT_DENIED;
	}
	if (code == CURLE_COULDNT_CONNECT)
		complain("amphorad cannot be reached: nobody answers on %s; see whether it runs, "
			 "or name its socket with --socket; where nothing is set up yet, "
			 "`amphora setup` does that",
			 cli->socket);
	else
		complain("amphorad cannot be reached on %s: %s", cli->socket,
			 curl_easy_strerror(code));
	return EXIT_UNREACHABLE;
}

static int exit_of_status(long status)
{
	switch (status) {
	case 400:
		return EXIT_USAGE;
	case 401:
	case 403:
		return EXIT_DENIED;
	case 404:
		return EXIT_NOT_FOUND;
	case 422:
		return EXIT_REFUSED;
	case 504:
		return EXIT_NOT_CONFIRMED;
	default:
		return EXIT_FAILED;
	}
}

static int say_problem(long status, const json_t *problem)
{
	const char *detail = json_string_value(json_object_get(problem, "detail"));

	if (detail)
		complain("%s", detail);
	else
		complain("amphorad answered with HTTP status %ld", status);
	return exit_of_status(status);
}

/* It may have been done, and the answer went away: as when the daemon is killed and started anew.
 */
static bool is_lost(CURLcode code)
{
	return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
	       code == CURLE_PARTIAL_FILE;
}

/* Makes the call. Returns EXIT_OK where there is an answer of HTTP, whatever it says. */
static int call(struct cli *cli, const char *method, const char *path,
		const struct client_body *body)
{
	CURLcode code;

	if (!cli->client)
		cli->client = client_new(cli->socket);
	if (!cli->client) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	code = perform(cli->client, method, path, body);
	if (body && body->key && is_lost(code))
		code = perform(cli->client, method, path, body);
	return code == CURLE_OK ? EXIT_OK : say_unreachable(cli, code);
}

/* Says what is wrong with the answer, where something is. */
static int check_status(const struct client *client, const json_t *document)
{
	long status = 0;

	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	return status < 200 || status > 299 ? say_problem(status, document) : EXIT_OK;
}

int client_send(struct cli *cli, const char *method, const char *path,
		const struct client_body *body, json_t **answer)
{
	json_t *document = NULL;
	int rc = call(cli, method, path, body);

	*answer = NULL;
	if (rc != EXIT_OK)
		return rc;
	if (cli->client->length > 0)
		document = json_loadb(cli->client->answer, cli->client->length, 0, NULL);
	rc = check_status(cli->client, document);
	if (rc == EXIT_OK && !document && cli->client->length > 0) {
		complain("amphorad's answer is not JSON");
		rc = EXIT_FAILED;
	}
	if (rc == EXIT_OK)
		*answer = document;
	else
		json_decref(document);
	return rc;
}

int client_call(struct cli *cli, const char *method, const char *path, const json_t *body,
		json_t **answer)
{
	return client_change(cli, method, path, body, NULL, answer);
}

/* As client_call() with the headers of `with`, whose body is `body`. */
static int send_json(struct cli *cli, const char *method, const char *path, const json_t *body,
		     struct client_body with, json_t **answer)
{
	char *text = body ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
	int rc;

	*answer = NULL;
	if (body && !text) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	with.type = text ? "application/json" : NULL;
	with.data = text;
	with.length = text ? strlen(text) : 0;
	rc = client_send(cli, method, path, text || with.key ? &with : NULL, answer);
	free(text);
	return rc;
}

int client_change(struct cli *cli, const char *method, const char *path, const json_t *body,
		  const char *match, json_t **answer)
{
	return send_json(cli, method, path, body, (struct client_body){.match = match}, answer);
}

int client_command(struct cli *cli, const char *method, const char *path, const json_t *body,
		   json_t **answer)
{
	char key[2 * KEY_BYTES + 1];
	struct text text = text_in(key, sizeof(key));
	unsigned char bytes[KEY_BYTES];

	*answer = NULL;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
		complain("no number of chance can be had: %s", strerror(errno));
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		text_add(&text, "%02x", bytes[i]);
	return send_json(cli, method, path, body, (struct client_body){.key = key}, answer);
}

int client_get_page(struct cli *cli, const char *path, struct client_page *out)
{
	json_t *problem;
	int rc = call(cli, "GET", path, NULL);

	if (rc != EXIT_OK)
		return rc;
	problem = json_loadb(cli->client->answer, cli->client->length, 0, NULL);
	rc = check_status(cli->client, problem);
	json_decref(problem);
	if (rc != EXIT_OK)
		return rc;
	out->text = cli->client->answer;
	out->length = cli->client->length;
	memcpy(out->next, cli->client->next, sizeof(out->next));
	return EXIT_OK;
}

int client_get(struct cli *cli, const char *path, json_t **answer)
{
	return client_call(cli, "GET", path, NULL, answer);
}

int client_get_state(struct cli *cli, json_t **state)
{
	int rc = client_get(cli, "state", state);

	if (rc == EXIT_OK) {
		char words[ZONE_WORDS_MAX];
		struct text error = text_in(words, sizeof(words));

		cli->utc_offset_s = (int32_t)member_number(*state, "utc_offset_s");
		cli->has_zone = zone_take(member_text(*state, "zone"), &error) == 0;
	}
	return rc;
}

int32_t house_offset_s(const void *cli, struct wall_time at)
{
	const struct cli *own = cli;

	return own->has_zone ? zone_offset_s(at) : own->utc_offset_s;
}

int client_introduce(struct cli *cli)
{
	json_t *state;
	int rc;

	if (cli->format != FORMAT_PEOPLE)
		return EXIT_OK;
	rc = client_get_state(cli, &state);
	if (rc == EXIT_OK)
		warnings_show(cli, stderr, state);
	json_decref(state);
	return rc;
}

bool client_is_answered(struct cli *cli)
{
	if (!cli->client)
		cli->client = client_new(cli->socket);
	return cli->client && perform(cli->client, "GET", "healthz", NULL) == CURLE_OK;
}

/* ---- paths ---- */

void client_segment(struct text *path, const char *segment)
{
	char *encoded = curl_easy_escape(NULL, segment, 0);

	text_add(path, "%s", encoded ? encoded : "");
	curl_free(encoded);
}

void client_argument(struct text *path, const char *name, const char *value)
{
	if (!value)
		return;
	text_add(path, "%c%s=", strchr(path->data, '?') ? '&' : '?', name);
	client_segment(path, value);
}
