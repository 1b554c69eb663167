/*
 * The null subscriber: counts readings and drops them. Whatever listens cannot
 * be faster than this, with the same library and the same broker.
 *
 *     bare_count PORT QOS COUNT
 *
 * Says `ready`, then after COUNT readings `done NANOSECONDS` (CLOCK_MONOTONIC,
 * when the last arrived), then waits for SIGTERM.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bare_subscriber.h"
#include "samples.h"

struct count {
	uint64_t seen, wanted;
};

static void on_message(void *user, const struct mosquitto_message *message)
{
	struct count *count = user;

	(void)message;
	if (++count->seen == count->wanted)
		printf("done %lld\n", (long long)now_ns());
}

int main(int argc, char **argv)
{
	struct count count = {0};
	struct bare_events events = {.user = &count, .on_message = on_message};
	struct bare_subscriber subscriber;
	int result;

	if (argc != 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	bare_catch_signals();
	count.wanted = strtoull(argv[3], NULL, 10);
	result = bare_subscriber_open(&subscriber, (uint16_t)atoi(argv[1]), "bare-count",
				      atoi(argv[2]), &events);
	if (result < 0)
		return 1;
	puts("ready");
	while (!bare_is_stopped() && result >= 0)
		result = bare_subscriber_turn(&subscriber, -1);
	bare_subscriber_close(&subscriber);
	return result < 0;
}
