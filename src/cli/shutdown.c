/*
 * `amphora shutdown`: asks the daemon to stop and waits until it is gone, so that
 * what is told afterwards is true. A relay that is not known to be open is named,
 * with what opens it.
 */
#include <stdio.h>
#include <time.h>

#include "base/time.h"
#include "cli/client.h"
#include "cli/show.h"

#define WAIT_MS (120 * MS_PER_SECOND) /* a daemon may drain to its server first */
#define POLL_MS 100

static bool wait_until_gone(struct cli *cli)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += POLL_MS) {
		if (!client_is_answered(cli))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static void show_not_open(const json_t *not_open)
{
	const json_t *relay;
	size_t index;

	json_array_foreach(not_open, index, relay) complain("%s", member_text(relay, "words"));
}

/* Says how it ended; `answer` is what the daemon said before. */
static int report(const struct cli *cli, const json_t *answer)
{
	json_t *not_open = json_object_get(answer, "not_open");
	json_t *out;

	if (cli->format == FORMAT_JSON) {
		out = json_pack("{s:b, s:O}", "stopped", true, "not_open", not_open);
		json_show(stdout, out);
		json_decref(out);
	} else {
		puts("amphorad has stopped");
	}
	return json_array_size(not_open) == 0 ? EXIT_OK : EXIT_NOT_CONFIRMED;
}

int command_shutdown(struct cli *cli, int argc, char **argv)
{
	json_t *answer;
	int rc;

	take_flag(&argc, argv, "--yes"); /* for scripts that are careful; nothing is asked */
	if (!words_fit(argc, argv, 0, 0))
		return usage(cli);
	rc = client_call(cli, "POST", "shutdown", NULL, &answer);
	if (rc != EXIT_OK)
		return rc;
	show_not_open(json_object_get(answer, "not_open"));
	if (wait_until_gone(cli)) {
		rc = report(cli, answer);
	} else {
		complain("amphorad is stopping, but has not ended within %d s",
			 WAIT_MS / MS_PER_SECOND);
		rc = EXIT_NOT_CONFIRMED;
	}
	json_decref(answer);
	return rc;
}
