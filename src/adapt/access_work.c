/*
 * What takes long: passwords' hashes and writing the file, on libuv's workers.
 *
 * One job at a time, in the order of arrival: what a hash needs of memory is needed
 * once, and each writes the file that the one before it left.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/access_internal.h"

static void start_next(struct access *access);

static void work_on_worker(uv_work_t *work)
{
	struct access_job *job = work->data;
	struct text error = text_in(job->words, sizeof(job->words));

	job->result = job->change(job, &error);
	if (job->result != 0 || !job->writes)
		return;
	job->result = access_book_write(&job->book, job->access->path, &error);
	job->is_unwritten = job->result != 0;
}

static void answer(struct access_job *job)
{
	struct http_reply reply = {.status = 204};

	if (job->is_unwritten)
		http_problem(&reply, 503, job->words);
	else
		job->finish(job, &reply);
	if (job->exchange)
		http_answer(job->exchange, reply);
	else
		free(reply.body);
}

static void after_work(uv_work_t *work, int status)
{
	struct access_job *job = work->data;
	struct access *access = job->access;

	access->running = NULL;
	if (status == 0 && job->result == 0 && job->writes) {
		access->book = job->book;
		if (access->book.user_count > 0)
			explicit_bzero(access->first_code, sizeof(access->first_code));
	}
	if (!access->is_freed && status == 0 && job->finish)
		answer(job);
	access_job_free(job);
	if (access->is_freed)
		access_free(access);
	else
		start_next(access);
}

static void start_next(struct access *access)
{
	struct access_job *job = access->first_waiting;

	if (access->running || !job)
		return;
	access->first_waiting = job->next;
	access->waiting_count--;
	access->running = job;
	job->book = access->book;
	if (job->keeps_sessions) {
		job->sessions = access->sessions;
		job->clocks = access_clocks(access);
		access->is_keeping = access->is_keeping && job->exchange;
	}
	job->work.data = job;
	/* Fails only for a NULL callback. */
	(void)uv_queue_work(access->loop, &job->work, work_on_worker, after_work);
}

struct access_job *access_job_new(struct access *access, const struct http_request *request,
				  struct http_reply *reply)
{
	struct access_job *job = NULL;

	if (access->is_stopped)
		http_problem(reply, 503, "the daemon is stopping");
	else if (access->trouble[0])
		http_problem(reply, 503, access->trouble);
	else if (access->waiting_count == ACCESS_JOBS_MAX) {
		http_problem_of(reply, 429, "too-many-tries", "too many log in at once");
		http_reply_header(reply, "Retry-After", "%d", 1);
	} else {
		job = calloc(1, sizeof(*job));
		if (!job)
			http_problem(reply, 500, "out of memory");
	}
	if (!job)
		return NULL;
	job->access = access;
	job->transport = request->transport;
	job->is_secure = request->is_secure;
	memcpy(job->address, request->caller.address, sizeof(job->address));
	return job;
}

void access_job_free(struct access_job *job)
{
	explicit_bzero(job, sizeof(*job));
	free(job);
}

static void enqueue(struct access_job *job)
{
	struct access *access = job->access;

	if (access->first_waiting)
		access->last_waiting->next = job;
	else
		access->first_waiting = job;
	access->last_waiting = job;
	access->waiting_count++;
	start_next(access);
}

void access_job_begin(struct access_job *job, const struct http_request *request)
{
	job->exchange = http_defer(request);
	enqueue(job);
}

int access_write_sessions(struct access_job *job, struct text *error)
{
	return session_file_write(&job->sessions, &job->book, job->clocks,
				  job->access->sessions_path, error);
}

void access_keep_sessions(struct access *access)
{
	struct access_job *job;

	/* One that has not begun will write these too. */
	if (access->is_keeping || access->is_stopped)
		return;
	job = calloc(1, sizeof(*job));
	if (!job)
		return; /* it is written with the next */
	*job = (struct access_job){
	    .access = access, .keeps_sessions = true, .change = access_write_sessions};
	access->is_keeping = true;
	enqueue(job);
}

static void refuse(struct access_job *job)
{
	struct http_reply reply = {0};

	if (!job->exchange)
		return;
	http_problem(&reply, 503, "the daemon is stopping");
	http_answer(job->exchange, reply);
	job->exchange = NULL;
}

void access_stop(struct access *access)
{
	access->is_stopped = true;
	while (access->first_waiting) {
		struct access_job *job = access->first_waiting;

		access->first_waiting = job->next;
		refuse(job);
		access_job_free(job);
	}
	access->waiting_count = 0;
	if (access->running && access->running->exchange)
		refuse(access->running);
}
