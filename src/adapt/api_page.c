#include "adapt/api_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_TEXT_MAX 2048
#define PAGE_STEP (64 * 1024)

int api_page_init(struct api_page *page, uint32_t limit)
{
	*page = (struct api_page){.limit = limit};
	page->starts = malloc(limit * sizeof(*page->starts));
	return page->starts ? 0 : -ENOMEM;
}

void api_page_deinit(struct api_page *page)
{
	free(page->text);
	free(page->starts);
}

static bool grow(struct api_page *page, size_t more)
{
	char *text;

	if (page->length + more <= page->size)
		return true;
	text = realloc(page->text, page->size + PAGE_STEP);
	if (!text)
		return false;
	page->text = text;
	page->size += PAGE_STEP;
	return true;
}

struct text *api_page_begin(struct api_page *page)
{
	if (page->count == page->limit || !grow(page, ROW_TEXT_MAX)) {
		page->error = -ENOMEM;
		return NULL;
	}
	page->row = text_in(page->text + page->length, ROW_TEXT_MAX);
	return &page->row;
}

bool api_page_end(struct api_page *page)
{
	if (page->row.length == 0 || page->row.is_cut) {
		page->error = -ENOMEM;
		return false;
	}
	page->starts[page->count++] = page->length;
	page->length += page->row.length;
	return true;
}

static int add_bytes(const char *bytes, size_t length, void *text)
{
	text_add_bytes(text, bytes, length);
	return 0;
}

bool api_page_add(struct api_page *page, json_t *row)
{
	struct text *text = api_page_begin(page);

	if (text && row)
		(void)json_dump_callback(row, add_bytes, text,
					 JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(row);
	return text && api_page_end(page);
}

char *api_page_assemble(const struct api_page *page, const char *head, size_t *length)
{
	bool is_cut = page->count == page->limit;
	char *out = malloc(page->length + page->count + strlen(head) + 64);
	size_t at, end = page->length;

	if (!out)
		return NULL;
	at = (size_t)sprintf(out, "{%s\"cut\":%s,\"rows\":[", head, is_cut ? "true" : "false");
	for (size_t i = page->count; i-- > 0;) {
		size_t start = page->starts[i];

		memcpy(out + at, page->text + start, end - start);
		at += end - start;
		end = start;
		if (i > 0)
			out[at++] = ',';
	}
	at += (size_t)sprintf(out + at, "]}");
	*length = at;
	return out;
}
