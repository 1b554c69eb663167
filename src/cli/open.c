/*
 * `amphora open`: where the page is, with a code that logs in whoever may use the Unix
 * socket. On a desktop it is shown in the browser as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/show.h"

#define URL_MAX 512

static bool is_desktop(const struct cli *cli)
{
	return cli->is_terminal && (getenv("DISPLAY") || getenv("WAYLAND_DISPLAY"));
}

/* Everybody's address is not one that a browser can go to: this machine's is. */
static const char *reachable(const char *address)
{
	if (strcmp(address, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(address, "::") == 0 ? "::1" : address;
}

static void write_url(struct text *out, const json_t *web, const char *code)
{
	const char *address = reachable(member_text(web, "address"));
	bool is_v6 = strchr(address, ':') != NULL;

	text_add(out, "%s://%s%s%s:%d/#/login/%s",
		 json_is_true(json_object_get(web, "tls")) ? "https" : "http", is_v6 ? "[" : "",
		 address, is_v6 ? "]" : "", (int)json_integer_value(json_object_get(web, "port")),
		 code);
}

/* Does not wait for the browser; what it says is nobody's concern. */
static void show_in_browser(const char *url)
{
	pid_t child = fork();

	if (child == 0) {
		if (fork() == 0) {
			if (!freopen("/dev/null", "w", stdout) ||
			    !freopen("/dev/null", "w", stderr))
				_exit(1);
			execlp("xdg-open", "xdg-open", url, (char *)NULL);
		}
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void tell(const struct cli *cli, const char *url, const json_t *code)
{
	if (cli->format == FORMAT_JSON) {
		json_t *out =
		    json_pack("{s:s, s:O, s:O}", "url", url, "code", json_object_get(code, "code"),
			      "expires_s", json_object_get(code, "expires_s"));

		json_show(stdout, out);
		json_decref(out);
		return;
	}
	puts(url);
	if (is_desktop(cli))
		show_in_browser(url);
}

/* `web` is what the state says of the page: NULL or null where there is none. */
static int open_page(struct cli *cli, const json_t *web)
{
	char url[URL_MAX];
	struct text text = text_in(url, sizeof(url));
	json_t *code = NULL;
	int rc;

	if (!json_is_object(web) || !json_is_integer(json_object_get(web, "port"))) {
		complain("amphorad serves no page: see web.listen in its configuration");
		return EXIT_FAILED;
	}
	rc = client_call(cli, "POST", "login-codes", NULL, &code);
	if (rc != EXIT_OK)
		return rc;
	write_url(&text, web, member_text(code, "code"));
	tell(cli, url, code);
	json_decref(code);
	return EXIT_OK;
}

int command_open(struct cli *cli, int argc, char **argv)
{
	json_t *state = NULL;
	int rc;

	if (!words_fit(argc, argv, 0, 0))
		return usage(cli);
	rc = client_get_state(cli, &state);
	if (rc == EXIT_OK)
		rc = open_page(cli, json_object_get(state, "web"));
	json_decref(state);
	return rc;
}
