/*
 * Setup's last part: what was written is started and each part tried for real. A configuration's
 * word is no proof that a relay opens by itself; what the trial shows is written in its place.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/relay_trial.h"
#include "cli/setup_parts.h"
#include "cli/setup_try.h"
#include "cli/show.h"

#define HEAR_BATTERY_S 60
#define HEAR_RELAY_S 20

static int start(struct setup *setup)
{
	char log[PATH_MAX + 8];

	snprintf(log, sizeof(log), "%s.log", setup->output);
	return setup_start(setup->cli, setup->output, log);
}

/* With the file as the answers are now. */
static int start_again(struct setup *setup)
{
	char *words[] = {"shutdown", NULL};
	int rc = setup_write_file(setup, false);

	if (rc == EXIT_OK)
		printf("%s is written anew, and Amphora starts again with it:\n", setup->output);
	if (rc == EXIT_OK)
		rc = command_shutdown(setup->cli, 1, words);
	return rc == EXIT_OK ? start(setup) : rc;
}

static void leave_out(struct setup_answers *answers, size_t relay)
{
	memmove(&answers->relays[relay], &answers->relays[relay + 1],
		(--answers->relay_count - relay) * sizeof(answers->relays[0]));
}

/* It did not open by itself: the owner says whether it is used all the same. */
static int settle_without_lease(struct setup *setup, size_t index)
{
	struct setup_relay *relay = &setup->answers.relays[index];
	bool is_taken = false;

	if (setup_ask_leaseless(&is_taken, relay->id) == 0 && is_taken) {
		relay->is_leaseless = true;
	} else {
		printf("%s is left out.\n", relay->id);
		leave_out(&setup->answers, index);
	}
	return start_again(setup);
}

/* Where the person agrees, it proves that it opens by itself, or else that it follows. */
static enum relay_trial_result try_relay(struct setup *setup, const struct setup_relay *relay)
{
	enum relay_trial_result came;

	if (!setup_hear_relay(setup->cli, relay->id, HEAR_RELAY_S))
		return TRIAL_RESULT_COUNT;
	printf(relay->is_leaseless
		   ? "\nDoes %s close and open as it is told? That can be tried now.\n"
		   : "\nDoes %s open by itself when nothing more is said to it? That can be tried now.\n",
	       relay->id);
	came = relay_trial_ask(setup->cli, setup->output, relay->id);
	if (came == TRIAL_RESULT_COUNT)
		printf("%s is not proved. Before you let Amphora act: amphora relay trial %s\n", relay->id,
		       relay->id);
	else if (came != TRIAL_STAYS && !relay_trial_is_passed(came))
		printf("Do not let it charge before that is mended: docs/devices.md, \"When Amphora is "
		       "gone\".\n");
	return came;
}

static int try_relays(struct setup *setup)
{
	struct setup_answers *answers = &setup->answers;
	size_t i = 0;
	int rc = EXIT_OK;

	while (rc == EXIT_OK && i < answers->relay_count) {
		bool has_lease = !answers->relays[i].is_leaseless;

		/* The one that takes this place is tried: it without its lease, or the next. */
		if (try_relay(setup, &answers->relays[i]) == TRIAL_STAYS && has_lease)
			rc = settle_without_lease(setup, i);
		else
			i++;
	}
	return rc;
}

static void say_end(const struct setup_answers *answers)
{
	printf("\nAmphora runs, and only watches (monitor): it switches nothing.\n");
	if (answers->socket[0])
		printf("  export AMPHORA_SOCKET=%s\n", answers->socket);
	printf("  amphora status                what it sees\n"
	       "  amphora doctor                whether all is well\n"
	       "  amphora open                  the page for a browser\n"
	       "  amphora set logic threshold   lets it act, when you are content\n"
	       "  amphora shutdown              stops it\n"
	       "docs/run.md has it start with the machine.\n");
}

int setup_prove(struct setup *setup)
{
	const struct setup_answers *answers = &setup->answers;
	int rc;

	if (answers->socket[0])
		setup->cli->socket = answers->socket;
	rc = start(setup);
	if (rc == EXIT_OK) {
		setup_hear_battery(setup->cli, answers->battery, HEAR_BATTERY_S);
		rc = try_relays(setup);
	}
	if (rc == EXIT_OK)
		say_end(answers);
	setup->cli->socket = NULL;
	return rc;
}
