/* `amphora version`: of the client, and of the daemon where one answers. */
#include <stdio.h>

#include "base/version.h"
#include "cli/client.h"
#include "cli/show.h"

int command_version(struct cli *cli, int argc, char **argv)
{
	json_t *answer = NULL;
	int rc = EXIT_OK;

	if (!words_fit(argc, argv, 0, 0))
		return usage(cli);
	if (client_is_answered(cli))
		rc = client_get(cli, "version", &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON) {
		json_t *out = json_pack("{s:s, s:o?}", "client", AMPHORA_VERSION, "daemon",
					json_incref(json_object_get(answer, "version")));

		json_show(stdout, out);
		json_decref(out);
	} else if (cli->format == FORMAT_CSV) {
		/* Empty where no daemon answers, as what is missing always is. */
		printf("client,daemon\r\n%s,%s\r\n", AMPHORA_VERSION,
		       answer ? member_text(answer, "version") : "");
	} else {
		printf("amphora %s\n", AMPHORA_VERSION);
		if (answer)
			printf("amphorad %s\n", member_text(answer, "version"));
		else
			printf("amphorad does not answer on %s\n", cli->socket);
	}
	json_decref(answer);
	return EXIT_OK;
}
