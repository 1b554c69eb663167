/*
 * What was published, over a restart: a file beside the journal, written on a
 * worker when something has come that was not known.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/whole_file.h"
#include "base/log.h"
#include "daemon/files.h"
#include "daemon/prices_parts.h"
#include "wire/feed_book.h"

void feeds_recall(struct feed_state *state, struct feed_news *news)
{
	struct text path = text_in(state->file.path, sizeof state->file.path);
	char *bytes = malloc(FEED_BOOK_BYTES_MAX);
	char words[FEED_WORDS_MAX * 2];
	struct text error = text_in(words, sizeof words);
	int64_t good_s;
	size_t length;

	text_add(&path, "%s.%s", state->daemon->house.store.path, state->name);
	if (bytes == NULL || access(state->file.path, F_OK) != 0 ||
	    files_read(state->file.path, bytes, FEED_BOOK_BYTES_MAX, &length, &error) != 0) {
		free(bytes);
		return;
	}
	if (feed_book_read(news, &good_s, state->config, bytes, length) == 0) {
		int64_t now_s = clock_wall(&state->daemon->clock).ms / MS_PER_SECOND;

		feed_take(&state->feed, news->slots, news->count, now_s);
		state->has_good = true;
		state->good_s = good_s;
	} else {
		log_info("%s is of another configuration, and is not used", state->file.path);
	}
	free(bytes);
}

static void on_worker(uv_work_t *work)
{
	struct feed_file *file = work->data;

	file->result = whole_file_write(file->path, file->text, strlen(file->text));
}

static void after_work(uv_work_t *work, int status)
{
	struct feed_file *file = work->data;
	bool is_away = status != 0 || file->result != 0;

	if (is_away && !file->is_away)
		log_warning("%s cannot be written: %s; a restart forgets what is known", file->path,
			    strerror(status == 0 ? -file->result : ECANCELED));
	file->is_away = is_away;
	file->is_written = false;
	free(file->text);
	file->text = NULL;
}

void feeds_keep(struct feed_state *state)
{
	struct feed_file *file = &state->file;
	struct text text;

	if (state->config == NULL || !file->is_changed || file->is_written)
		return;
	file->text = malloc(FEED_BOOK_BYTES_MAX);
	if (file->text == NULL)
		return;
	text = text_in(file->text, FEED_BOOK_BYTES_MAX);
	feed_book_write(&text, &state->feed, state->config, state->good_s);
	file->is_changed = false;
	file->is_written = true;
	file->work.data = file;
	/* Fails only for a NULL callback. */
	(void)uv_queue_work(state->daemon->loop, &file->work, on_worker, after_work);
}
