/*
 * One answer of libmicrohttpd, made once and sent to whoever asks: what the
 * daemon's web listener is compared with.
 *
 *     bare_web BODY-FILE HEADERS-FILE
 *
 * HEADERS-FILE has a line `Name: value` for each header that the answer of ours
 * has besides those of the library, so that both send the same bytes. Runs as
 * the daemon's does: epoll, no thread of its own, the same limits. Says
 * `ready PORT`; ends with a signal.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BODY_MAX (1024 * 1024)
#define LINE_MAX 1024
#define CONNECTIONS_MAX 192
#define TIMEOUT_S 30
#define CONNECTION_MEMORY ((size_t)16 * 1024)
#define TURN_MS 1000

static enum MHD_Result on_request(void *response, struct MHD_Connection *connection,
				  const char *path, const char *method, const char *version,
				  const char *data, size_t *size, void **memory)
{
	static int is_begun;

	(void)path, (void)method, (void)version, (void)data, (void)size;
	/* The first call is for the head alone, as it is of ours. */
	if (!*memory) {
		*memory = &is_begun;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static struct MHD_Response *body_of(const char *path)
{
	char *body = malloc(BODY_MAX);
	FILE *file = fopen(path, "r");
	size_t length = file && body ? fread(body, 1, BODY_MAX, file) : 0;

	if (file)
		fclose(file);
	return body ? MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_FREE) : NULL;
}

static int add_headers(struct MHD_Response *response, const char *path)
{
	char line[LINE_MAX];
	FILE *file = fopen(path, "r");
	enum MHD_Result result = file ? MHD_YES : MHD_NO;

	while (result == MHD_YES && fgets(line, sizeof(line), file)) {
		char *colon = strstr(line, ": ");

		line[strcspn(line, "\n")] = '\0';
		if (!colon)
			continue;
		*colon = '\0';
		result = MHD_add_response_header(response, line, colon + 2);
	}
	if (file)
		fclose(file);
	return result == MHD_YES ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in any = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct MHD_Response *response;
	struct MHD_Daemon *daemon;

	if (argc != 3)
		return 2;
	response = body_of(argv[1]);
	if (!response || add_headers(response, argv[2]) < 0)
		return 1;
	daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
				  on_request, response, MHD_OPTION_SOCK_ADDR, &any,
				  MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)TIMEOUT_S,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
				  MHD_OPTION_END);
	if (!daemon)
		return 1;
	printf("ready %u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (MHD_run_wait(daemon, TURN_MS) == MHD_YES)
		;
	return 1;
}
