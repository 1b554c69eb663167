/* Files of JSON that only we may read and write, see access_file.h. */
#include "adapt/access_file.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/key_file.h"
#include "adapt/whole_file.h"

int access_file_read(json_t **out, const char *path, struct text *error)
{
	int fd;

	*out = NULL;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	fd = key_file_open(path, error);
	if (fd < 0)
		return fd;
	*out = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
	close(fd);
	if (!*out)
		*out = json_null();
	return 0;
}

int access_file_write(json_t *object, const char *path, struct text *error)
{
	char *text = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
	int rc = text ? 0 : -ENOMEM;

	json_decref(object);
	if (rc == 0)
		rc = whole_file_write(path, text, strlen(text));
	if (rc < 0)
		text_add(error, "%s cannot be written: %s", path, strerror(-rc));
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
	return rc;
}
