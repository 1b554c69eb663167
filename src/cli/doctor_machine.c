#include "cli/doctor_machine.h"

#include <errno.h>
#include <libgen.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "adapt/key_file.h"
#include "base/text.h"

#define WORDS_MAX 512
#define MEGABYTE INT64_C(1000000)
#define DISK_LOW_MB 200
#define CONNECT_S 5

static void say(json_t *findings, const char *check, const char *subject, const char *verdict,
		const char *words, const char *advice)
{
	json_array_append_new(findings, json_pack("{s:s, s:s?, s:s, s:s, s:s?}", "check", check,
						  "subject", subject, "verdict", verdict, "words",
						  words, "advice", advice));
}

static void look_at_disk(json_t *findings, const char *directory)
{
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	struct statvfs disk;
	int64_t free_mb;

	if (statvfs(directory, &disk) != 0) {
		text_add(&words, "cannot be looked at: %s", strerror(errno));
		say(findings, "disk", directory, "fault", buffer, "does the directory exist?");
		return;
	}
	free_mb = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize / MEGABYTE;
	text_add(&words, "%lld MB are free", (long long)free_mb);
	if (disk.f_flag & ST_RDONLY)
		say(findings, "disk", directory, "fault", "is mounted read-only",
		    "a worn SD card does that: save what is on it, and replace it");
	else if (free_mb < DISK_LOW_MB)
		say(findings, "disk", directory, "warning", buffer,
		    "make room, or give `store: max_mb` a smaller value");
	else
		say(findings, "disk", directory, "ok", buffer, NULL);
}

static void look_at_rights(json_t *findings, const char *path)
{
	struct stat about;

	if (stat(path, &about) != 0) {
		if (errno == EACCES)
			say(findings, "permissions", path, "note",
			    "you may not look into its directory", "as root it would be looked at");
		return;
	}
	if (about.st_mode & S_IWOTH)
		say(findings, "permissions", path, "warning", "everybody may change it",
		    "chmod o-w, or nothing that is in it can be believed");
	else
		say(findings, "permissions", path, "ok", "only its owner and group may change it",
		    NULL);
}

void doctor_machine(json_t *findings, const char *path)
{
	char copy[PATH_TEXT_MAX] = "";
	struct text text = text_in(copy, sizeof(copy));

	text_add(&text, "%s", path);
	look_at_rights(findings, path);
	look_at_disk(findings, dirname(copy));
}

/* Secrets that the configuration names: one rule for all (key_file.h). */
static void look_at_secret(json_t *findings, const char *path)
{
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	int fd;

	if (path[0] == '\0')
		return;
	fd = key_file_open(path, &words);
	if (fd >= 0) {
		close(fd);
		say(findings, "permissions", path, "ok", "nobody else may read it", NULL);
	} else {
		say(findings, "permissions", path, "fault", buffer, "the daemon refuses it as it is");
	}
}

/* Returns 0 where somebody listens there, or an errno. */
static int try_port(const struct addrinfo *at)
{
	struct timeval patience = {.tv_sec = CONNECT_S};
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
	int result;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	result = connect(fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
	close(fd);
	return result == EINPROGRESS ? ETIMEDOUT : result;
}

static void look_at_broker(json_t *findings, const struct broker_config *broker)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	char buffer[WORDS_MAX], port[8];
	struct text words = text_in(buffer, sizeof(buffer));
	int result;

	if (broker->host[0] == '\0')
		return;
	snprintf(port, sizeof(port), "%d", (int)broker->port);
	result = getaddrinfo(broker->host, port, &hints, &list);
	if (result != 0) {
		text_add(&words, "has no address: %s", gai_strerror(result));
	} else {
		result = try_port(list);
		freeaddrinfo(list);
		text_add(&words, "port %s: %s", port, result == 0 ? "answers" : strerror(result));
	}
	say(findings, "broker", broker->host, result == 0 ? "ok" : "fault", buffer,
	    result == 0 ? NULL : "is a broker running there, and is `mqtt: port` its port?");
}

void doctor_configured(json_t *findings, const struct house *house)
{
	look_at_broker(findings, &house->broker);
	look_at_secret(findings, house->broker.password_file);
	look_at_secret(findings, house->store.server.password_file);
	for (size_t i = 0; i < house->battery_count; i++)
		look_at_secret(findings, house->batteries[i].key_file);
	for (size_t i = 0; i < house->relay_count; i++)
		look_at_secret(findings, house->relays[i].key_file);
	for (size_t i = 0; i < house->outlet_count; i++)
		look_at_secret(findings, house->outlets[i].password_file);
	doctor_machine(findings, house->store.path);
}
