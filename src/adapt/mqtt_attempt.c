/*
 * Connecting blocks, in name service and in the handshake, for as long as the
 * network likes: minutes where packets vanish. So each attempt has a detached
 * thread of its own that nobody has to wait for, neither the loop nor the end
 * of the program (libuv's pool joins its threads at exit).
 *
 * The job belongs to the thread until the loop takes it back; `lock` decides
 * who frees what when the loop lets go at the same moment.
 */
#include "adapt/mqtt_attempt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define ATTEMPT_STACK (256 * 1024)

struct mqtt_attempt {
	pthread_mutex_t lock;
	bool is_over, is_abandoned;
	int result;
	uv_async_t *wake;
	const struct mqtt_attempt_work *work;
	void *job;
};

static void attempt_free(struct mqtt_attempt *attempt)
{
	pthread_mutex_destroy(&attempt->lock);
	free(attempt);
}

static void *attempt_run(void *argument)
{
	struct mqtt_attempt *attempt = argument;
	int result = attempt->work->run(attempt->job);
	bool is_abandoned;

	pthread_mutex_lock(&attempt->lock);
	attempt->result = result;
	attempt->is_over = true;
	is_abandoned = attempt->is_abandoned;
	if (!is_abandoned)
		uv_async_send(attempt->wake);
	pthread_mutex_unlock(&attempt->lock);
	if (is_abandoned) {
		attempt->work->discard(attempt->job);
		attempt_free(attempt);
	}
	return NULL;
}

/* Signals are the loop's affair: the thread is born with all of them blocked. */
static int attempt_spawn(struct mqtt_attempt *attempt)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, ATTEMPT_STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, attempt_run, attempt);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

int mqtt_attempt_new(struct mqtt_attempt **out, const struct mqtt_attempt_work *work, void *job,
		     uv_async_t *wake)
{
	struct mqtt_attempt *attempt = calloc(1, sizeof(*attempt));
	int error;

	if (attempt == NULL)
		return -ENOMEM;
	pthread_mutex_init(&attempt->lock, NULL);
	attempt->work = work;
	attempt->job = job;
	attempt->wake = wake;
	error = attempt_spawn(attempt);
	if (error != 0) {
		attempt_free(attempt);
		return error;
	}
	*out = attempt;
	return 0;
}

bool mqtt_attempt_take(struct mqtt_attempt *attempt, int *result)
{
	bool is_over;

	pthread_mutex_lock(&attempt->lock);
	is_over = attempt->is_over;
	*result = attempt->result;
	pthread_mutex_unlock(&attempt->lock);
	if (is_over)
		attempt_free(attempt);
	return is_over;
}

void mqtt_attempt_abandon(struct mqtt_attempt *attempt)
{
	bool is_over;

	pthread_mutex_lock(&attempt->lock);
	is_over = attempt->is_over;
	attempt->is_abandoned = true;
	pthread_mutex_unlock(&attempt->lock);
	if (is_over) {
		attempt->work->discard(attempt->job);
		attempt_free(attempt);
	}
}
