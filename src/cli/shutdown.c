/*
 * `amphora shutdown`: asks the daemon to stop and waits until it is gone, so that
 * what is told afterwards is true.
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
	json_decref(answer);
	if (!wait_until_gone(cli)) {
		complain("amphorad is stopping, but has not ended within %d s",
			 WAIT_MS / MS_PER_SECOND);
		return EXIT_NOT_CONFIRMED;
	}
	if (cli->format == FORMAT_JSON)
		puts("{\"stopped\": true}");
	else
		puts("amphorad has stopped");
	return EXIT_OK;
}
