/*
 * Local time through the C library's own zone rules. The process is given the
 * house's zone at the start, and nothing else in it asks for local time, so
 * that there are never two zones to mix up.
 */
#include "base/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"

int zone_take(const char *name, struct text *error)
{
	char path[160];
	struct stat found;

	/* glibc takes an unknown name for UTC without a word. */
	if (name[0] == '/' || strstr(name, "..") != NULL ||
	    snprintf(path, sizeof path, ZONE_DIRECTORY "%s", name) >= (int)sizeof path ||
	    access(path, R_OK) != 0 || stat(path, &found) != 0 || !S_ISREG(found.st_mode)) {
		text_add(error,
			 "zone: \"%s\" is not known to this machine: use a name like Europe/Rome "
			 "and install Debian's tzdata",
			 name);
		return -ENOENT;
	}
	if (setenv("TZ", name, 1) != 0)
		return -errno;
	tzset();
	return 0;
}

void zone_of_machine(struct text *out)
{
	const char *name = getenv("TZ");
	char target[160];
	const char *found;
	ssize_t length;

	if (name != NULL) {
		text_add(out, "%s", name[0] == ':' ? name + 1 : name[0] == '\0' ? "UTC" : name);
		return;
	}
	length = readlink("/etc/localtime", target, sizeof target - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	found = strstr(target, "zoneinfo/");
	if (found == NULL)
		return;
	found += strlen("zoneinfo/");
	text_add(out, "%s", strcmp(found, "Etc/UTC") == 0 ? "UTC" : found);
}

int32_t zone_offset_s(struct wall_time wall)
{
	time_t seconds = (time_t)(wall.ms / 1000 - (wall.ms % 1000 < 0));
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL)
		return 0;
	return (int32_t)local.tm_gmtoff;
}
