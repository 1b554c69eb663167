/*
 * What waits in the outlets, over a restart: a file beside the journal, written on
 * a worker whenever something has changed. A disk that hangs holds up nothing but
 * that file; a crash loses what changed since it was written last, which is told
 * twice or, where an alert began, told all the same: outlets_restored().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/whole_file.h"
#include "base/log.h"
#include "daemon/files.h"
#include "daemon/outlets_parts.h"
#include "wire/outlet_book.h"

#define SENTENCE_MAX 512

static struct outlet_now now_of(const struct outlets *outlets)
{
	/* Letters wait in the world's time, however fast ours runs. */
	const struct clock real = clock_real();

	return (struct outlet_now){.wall = clock_wall(&real),
				   .ms = (int64_t)uv_now(outlets->daemon->loop)};
}

void outlets_recall(struct outlets *outlets)
{
	const struct house *house = &outlets->daemon->house;
	struct outlets_file *file = &outlets->file;
	struct text path = text_in(file->path, sizeof file->path);
	char *bytes = malloc(OUTLET_BOOK_BYTES_MAX);
	char words[SENTENCE_MAX] = "it is not understood";
	struct text error = text_in(words, sizeof words);
	int result = bytes != NULL ? 0 : -ENOMEM;
	size_t length;

	text_add(&path, "%s.outlets", house->store.path);
	if (result == 0 && access(file->path, F_OK) == 0) {
		result = files_read(file->path, bytes, OUTLET_BOOK_BYTES_MAX, &length, &error);
		if (result == 0)
			result = outlet_book_read(house, outlets->outlet, &file->seen, bytes,
						  length, now_of(outlets));
	}
	if (result != 0)
		log_warning("what the outlets had yet to tell is forgotten: %s: %s", file->path,
			    words[0] != '\0' ? words : "it is not understood");
	free(bytes);
}

static char *text_now(struct outlets *outlets)
{
	const struct daemon *daemon = outlets->daemon;

	return outlet_book_write(&daemon->house, outlets->outlet, daemon->site.next_alert_id,
				 now_of(outlets));
}

static void note_written(struct outlets_file *file, int result)
{
	bool is_away = result != 0;

	if (is_away && !file->is_away)
		log_warning("%s cannot be written: %s; a restart forgets what the outlets have "
			    "yet to tell",
			    file->path, strerror(-result));
	file->is_changed = file->is_changed || is_away;
	file->is_away = is_away;
}

static void on_worker(uv_work_t *work)
{
	struct outlets_file *file = work->data;

	file->result = whole_file_write(file->path, file->text, strlen(file->text));
}

static void write_last(struct outlets *outlets)
{
	struct outlets_file *file = &outlets->file;
	char *text = file->is_ours && file->is_changed ? text_now(outlets) : NULL;

	if (text != NULL)
		note_written(file, whole_file_write(file->path, text, strlen(text)));
	free(text);
	free(outlets);
}

static void after_work(uv_work_t *work, int status)
{
	struct outlets_file *file = work->data;
	struct outlets *outlets = (struct outlets *)((char *)file - offsetof(struct outlets, file));

	free(file->text);
	file->text = NULL;
	file->is_written = false;
	note_written(file, status == 0 ? file->result : -ECANCELED);
	if (file->is_last)
		write_last(outlets);
}

void outlets_keep(struct outlets *outlets)
{
	struct outlets_file *file = &outlets->file;

	if (!file->is_ours || !file->is_changed || file->is_written)
		return;
	file->text = text_now(outlets);
	if (file->text == NULL)
		return;
	file->is_changed = false;
	file->is_written = true;
	file->work.data = file;
	/* Fails only for a NULL callback. */
	(void)uv_queue_work(outlets->daemon->loop, &file->work, on_worker, after_work);
}

void outlets_keep_and_free(struct outlets *outlets)
{
	outlets->file.is_last = true;
	if (!outlets->file.is_written)
		write_last(outlets);
}
