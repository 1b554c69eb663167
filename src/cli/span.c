#include "cli/span.h"

#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/duration.h"
#include "cli/show.h"

int span_now(struct cli *cli, struct wall_time *now)
{
	json_t *state;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (wall_parse(now, member_text(state, "time"), strlen(member_text(state, "time"))) < 0)
		now->ms = (int64_t)time(NULL) * MS_PER_SECOND;
	if (cli->format == FORMAT_PEOPLE)
		warnings_show(cli, stderr, state);
	json_decref(state);
	return EXIT_OK;
}

int span_add(const struct cli *cli, struct text *path, const char *name, const char *words,
	     struct wall_time now)
{
	struct wall_time at;
	char iso[WALL_TEXT_MAX];

	if (!words)
		return EXIT_OK;
	if (moment_parse(&at, words, now, house_offset_s, cli) < 0) {
		complain("--%s: %s is no time (2026-11-25T18:00:00Z, -2h, today, now)", name,
			 words);
		return EXIT_USAGE;
	}
	client_argument(path, name, wall_format(iso, at, 0));
	return EXIT_OK;
}
