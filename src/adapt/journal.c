/*
 * The journal's two sides: the loop, which fills a batch, and the thread, which
 * makes the other one durable.
 *
 * A batch that cannot be written is kept and tried again every second, for as
 * long as it takes: its messages are not acknowledged meanwhile, so that the
 * broker keeps what follows. `lock` guards what both sides touch; the batch
 * being filled belongs to the loop, the one in `job` to the thread. Nobody has
 * to wait for a thread that the disk does not let go: whoever of the two is last
 * frees all.
 */
#include "adapt/journal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapt/journal_batch.h"
#include "adapt/journal_file.h"
#include "adapt/journal_upkeep.h"
#include "base/log.h"

#define RETRY_MS 1000
#define UPKEEP_FIRST_MS 1000 /* after the start */
#define UPKEEP_PAUSE_MS 20 /* between two steps when there is more to do */
#define SENTENCE_MAX 384
#define THREAD_STACK (256 * 1024)

struct journal {
	uv_async_t news; /* from the thread; the first member */
	struct journal_events events;
	struct journal_batch batches[2];
	struct journal_batch *filling;
	bool is_committing;
	uint64_t imported;     /* as journal_imported() */
	uint64_t imported_now; /* by the batch that is with the thread */

	struct journal_file file;      /* the thread's, like these three: */
	struct journal_upkeep *upkeep; /* NULL: never */
	uint32_t upkeep_ms;
	struct timespec upkeep_at;

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t to_thread, to_loop;
	struct journal_batch *job; /* NULL: nothing to do */
	int owners;                /* the loop's handle, and the thread once there is one */
	bool is_stopping;
	bool has_ended; /* the thread has let go of the file */
	bool is_closed; /* nobody is to be told any more */
	bool is_done;   /* the job was done, the loop has not been told */
	bool has_news;
	int health;
	char sentence[SENTENCE_MAX];
	char set_aside[JOURNAL_NAME_MAX];
	uint64_t written_bytes;
	struct journal_circumstances circumstances;
	struct journal_size size;
};

/* --- the end of both ------------------------------------------------------ */

static void journal_free(struct journal *journal)
{
	pthread_cond_destroy(&journal->to_thread);
	pthread_cond_destroy(&journal->to_loop);
	pthread_mutex_destroy(&journal->lock);
	journal_batch_deinit(&journal->batches[0]);
	journal_batch_deinit(&journal->batches[1]);
	journal_upkeep_free(journal->upkeep);
	free(journal);
}

static void journal_release(struct journal *journal)
{
	bool is_last;

	pthread_mutex_lock(&journal->lock);
	is_last = --journal->owners == 0;
	pthread_mutex_unlock(&journal->lock);
	if (is_last)
		journal_free(journal);
}

/* --- the thread ----------------------------------------------------------- */

static struct timespec deadline_after(uint32_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* With the lock held: what the loop is to be told after one attempt. */
static void journal_note(struct journal *journal, int answer, const char *sentence,
			 const char *set_aside)
{
	journal->written_bytes = journal->file.vfs.written_bytes;
	if (set_aside[0] != '\0')
		memcpy(journal->set_aside, set_aside, JOURNAL_NAME_MAX);
	if (answer != journal->health) {
		struct text text = text_in(journal->sentence, sizeof(journal->sentence));

		text_add(&text, "%s", sentence);
		journal->health = answer;
		journal->has_news = true;
	}
	if (answer == 0) {
		journal->job = NULL;
		journal->is_done = true;
	}
	pthread_cond_signal(&journal->to_loop);
	if (!journal->is_closed)
		uv_async_send(&journal->news);
}

/* With the lock held: one attempt at the job, and a pause where it failed. */
static void journal_work(struct journal *journal)
{
	const struct journal_batch *batch = journal->job;
	char sentence[SENTENCE_MAX], set_aside[JOURNAL_NAME_MAX];
	struct text error = text_in(sentence, sizeof(sentence));
	struct timespec retry;
	int answer;

	pthread_mutex_unlock(&journal->lock);
	answer = journal_file_write(&journal->file, batch, set_aside, &error);
	pthread_mutex_lock(&journal->lock);
	journal_note(journal, answer, sentence, set_aside);
	if (answer == 0)
		return;
	retry = deadline_after(RETRY_MS);
	while (!journal->is_stopping &&
	       pthread_cond_timedwait(&journal->to_thread, &journal->lock, &retry) == 0)
		;
}

/* With the lock held: one step of the upkeep. What stops it, writing will meet and tell of. */
static void journal_tidy(struct journal *journal)
{
	struct journal_circumstances circumstances = journal->circumstances;
	struct journal_size size = journal->size;
	bool has_more = false;
	int result;

	pthread_mutex_unlock(&journal->lock);
	result =
	    journal_upkeep_step(journal->upkeep, journal->file.db, &circumstances, &size, &has_more);
	if (result != SQLITE_OK)
		log_warning("the journal could not be tidied up: %s", sqlite3_errstr(result));
	journal->upkeep_at = deadline_after(
	    result == SQLITE_OK && has_more ? UPKEEP_PAUSE_MS : journal->upkeep_ms);
	pthread_mutex_lock(&journal->lock);
	journal->size = size;
}

/* With the lock held: waits for a batch, and does the upkeep when it is time for that. */
static void journal_idle(struct journal *journal)
{
	if (journal->upkeep == NULL || journal->file.db == NULL)
		pthread_cond_wait(&journal->to_thread, &journal->lock);
	else if (pthread_cond_timedwait(&journal->to_thread, &journal->lock, &journal->upkeep_at) ==
		     ETIMEDOUT &&
		 journal->job == NULL && !journal->is_stopping)
		journal_tidy(journal);
}

static void *journal_run(void *argument)
{
	struct journal *journal = argument;

	pthread_mutex_lock(&journal->lock);
	while (!journal->is_stopping) {
		if (journal->job == NULL)
			journal_idle(journal);
		else
			journal_work(journal);
	}
	pthread_mutex_unlock(&journal->lock);
	journal_file_close(&journal->file);
	pthread_mutex_lock(&journal->lock);
	journal->has_ended = true;
	pthread_cond_signal(&journal->to_loop);
	pthread_mutex_unlock(&journal->lock);
	journal_release(journal);
	return NULL;
}

/* --- the loop is told ----------------------------------------------------- */

static void journal_on_news(uv_async_t *async)
{
	struct journal *journal = (struct journal *)async;
	char sentence[SENTENCE_MAX], set_aside[JOURNAL_NAME_MAX];
	bool has_news, is_done;
	int health;

	pthread_mutex_lock(&journal->lock);
	has_news = journal->has_news;
	is_done = journal->is_done;
	health = journal->health;
	memcpy(sentence, journal->sentence, sizeof(sentence));
	memcpy(set_aside, journal->set_aside, sizeof(set_aside));
	journal->has_news = journal->is_done = false;
	journal->set_aside[0] = '\0';
	pthread_mutex_unlock(&journal->lock);

	if (is_done) {
		journal->is_committing = false;
		journal->imported += journal->imported_now;
	}
	if (set_aside[0] != '\0')
		journal->events.on_set_aside(journal->events.user, set_aside);
	if (has_news)
		journal->events.on_health(journal->events.user, health, sentence);
	if (is_done)
		journal->events.on_committed(journal->events.user);
}

/* --- opening -------------------------------------------------------------- */

static struct journal *journal_new(const struct journal_events *events)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	pthread_condattr_t monotonic;

	if (journal == NULL)
		return NULL;
	pthread_mutex_init(&journal->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&journal->to_thread, &monotonic);
	pthread_cond_init(&journal->to_loop, &monotonic);
	pthread_condattr_destroy(&monotonic);
	journal->events = *events;
	journal->filling = &journal->batches[0];
	if (journal_batch_init(&journal->batches[0]) != 0 ||
	    journal_batch_init(&journal->batches[1]) != 0) {
		journal_free(journal);
		return NULL;
	}
	journal->batches[0].imported = journal->batches[1].imported = &journal->imported_now;
	return journal;
}

/* Signals are the loop's affair: the thread is born with all of them blocked. */
static int journal_spawn(struct journal *journal)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -error;
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	journal->owners++;
	error = pthread_create(&journal->thread, &attributes, journal_run, journal);
	journal->owners -= error != 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

static void journal_closed(uv_handle_t *handle)
{
	journal_release((struct journal *)handle);
}

int journal_open(struct journal **out, uv_loop_t *loop, const struct journal_options *options,
		 char set_aside[PATH_TEXT_MAX + 32], struct text *error)
{
	struct journal *journal = journal_new(&options->events);
	int answer;

	if (journal == NULL) {
		text_add(error, "not enough memory for the journal");
		return -ENOMEM;
	}
	if (options->upkeep_ms > 0 && journal_upkeep_new(&journal->upkeep, options->path, &options->keep,
							 options->offset_s) != 0) {
		text_add(error, "not enough memory for the journal");
		journal_free(journal);
		return -ENOMEM;
	}
	journal->upkeep_ms = options->upkeep_ms;
	journal->upkeep_at = deadline_after(UPKEEP_FIRST_MS);
	journal->file.max_bytes = options->keep.max_mb * INT64_C(1000000);
	answer = journal_file_open(&journal->file, options->path, options->sync, options->collector,
				   set_aside, error);
	if (answer != 0) {
		journal_free(journal);
		return answer;
	}
	journal->written_bytes = journal->file.vfs.written_bytes;
	uv_async_init(loop, &journal->news, journal_on_news);
	journal->owners = 1;
	answer = journal_spawn(journal);
	if (answer != 0) {
		text_add(error, "no thread for the journal: %s", strerror(-answer));
		journal_file_close(&journal->file);
		uv_close((uv_handle_t *)&journal->news, journal_closed);
		return answer;
	}
	*out = journal;
	return 0;
}

uint64_t journal_written_bytes(struct journal *journal)
{
	uint64_t written_bytes;

	pthread_mutex_lock(&journal->lock);
	written_bytes = journal->written_bytes;
	pthread_mutex_unlock(&journal->lock);
	return written_bytes;
}

/* --- writing -------------------------------------------------------------- */

int journal_append(struct journal *journal, const struct record *record)
{
	return journal_batch_add(journal->filling, record);
}

bool journal_is_full(const struct journal *journal)
{
	return journal_batch_is_full(journal->filling);
}

uint64_t journal_imported(const struct journal *journal)
{
	return journal->imported;
}

size_t journal_pending(const struct journal *journal)
{
	return journal->filling->records;
}

bool journal_is_committing(const struct journal *journal)
{
	return journal->is_committing;
}

bool journal_commit(struct journal *journal)
{
	struct journal_batch *batch = journal->filling;

	if (journal->is_committing || batch->records == 0)
		return false;
	journal->filling = &journal->batches[batch == &journal->batches[0]];
	journal_batch_clear(journal->filling);
	journal->is_committing = true;
	pthread_mutex_lock(&journal->lock);
	journal->job = batch;
	pthread_cond_signal(&journal->to_thread);
	pthread_mutex_unlock(&journal->lock);
	return true;
}

/* --- upkeep ---------------------------------------------------------------- */

void journal_tell(struct journal *journal, const struct journal_circumstances *circumstances)
{
	pthread_mutex_lock(&journal->lock);
	journal->circumstances = *circumstances;
	pthread_mutex_unlock(&journal->lock);
}

struct journal_size journal_read_size(struct journal *journal)
{
	struct journal_size size;

	pthread_mutex_lock(&journal->lock);
	size = journal->size;
	pthread_mutex_unlock(&journal->lock);
	return size;
}

/* --- closing -------------------------------------------------------------- */

/* Waits until the thread has nothing to do. Returns whether that came in time. */
static bool journal_settle(struct journal *journal, const struct timespec *deadline)
{
	int timed_out = 0;
	bool is_idle;

	pthread_mutex_lock(&journal->lock);
	while (journal->job != NULL && timed_out == 0)
		timed_out = pthread_cond_timedwait(&journal->to_loop, &journal->lock, deadline);
	is_idle = journal->job == NULL;
	pthread_mutex_unlock(&journal->lock);
	return is_idle;
}

/* Makes durable what is left. Returns how many records could not be. */
static size_t journal_drain(struct journal *journal, uint32_t timeout_ms)
{
	struct timespec deadline = deadline_after(timeout_ms);
	size_t pending;

	if (!journal_settle(journal, &deadline))
		return journal->batches[0].records + journal->batches[1].records;
	journal->is_committing = false;
	pending = journal->filling->records;
	if (journal_commit(journal) && !journal_settle(journal, &deadline))
		return pending;
	return 0;
}

/* Ends the thread, or leaves it to a stuck disk. Returns whether it came to its end in time. */
static bool journal_end(struct journal *journal)
{
	struct timespec deadline = deadline_after(JOURNAL_END_MS);
	int timed_out = 0;
	bool has_ended;

	pthread_mutex_lock(&journal->lock);
	journal->is_stopping = true;
	pthread_cond_signal(&journal->to_thread);
	while (!journal->has_ended && timed_out == 0)
		timed_out = pthread_cond_timedwait(&journal->to_loop, &journal->lock, &deadline);
	journal->is_closed = true;
	has_ended = journal->has_ended;
	pthread_mutex_unlock(&journal->lock);
	if (has_ended)
		pthread_join(journal->thread, NULL);
	else
		pthread_detach(journal->thread);
	return has_ended;
}

int journal_close(struct journal *journal, uint32_t timeout_ms, size_t *lost)
{
	bool has_ended;

	*lost = 0;
	if (journal == NULL)
		return 0;
	*lost = journal_drain(journal, timeout_ms);
	has_ended = journal_end(journal);
	uv_close((uv_handle_t *)&journal->news, journal_closed);
	if (*lost > 0)
		return -EIO;
	return has_ended ? 0 : -ETIMEDOUT;
}
