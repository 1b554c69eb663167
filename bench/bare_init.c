/*
 * Initialises the libraries that amphorad uses, each as far as one can before
 * there is anything to do with it, and waits: what amphorad's memory is compared
 * with.
 *
 *     bare_init DIRECTORY
 *
 * Says `ready`; ends with SIGTERM.
 */
#include <coap3/coap.h>
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <mosquitto.h>
#include <mysql.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>
#include <yaml.h>

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	(void)user, (void)connection, (void)url, (void)method, (void)version;
	(void)upload, (void)upload_size, (void)state;
	return MHD_NO;
}

static int listen_at(const char *directory)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/bare.sock", directory);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 16) < 0)
		return -errno;
	return fd;
}

static struct MHD_Daemon *open_http(const char *directory)
{
	int fd = listen_at(directory);

	if (fd < 0)
		return NULL;
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_NO_FLAG, 0, NULL, NULL, on_request, NULL,
				MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_END);
}

static sqlite3 *open_store(const char *directory)
{
	sqlite3 *database = NULL;
	char path[256];

	snprintf(path, sizeof(path), "%.200s/bare.db", directory);
	if (sqlite3_open(path, &database) != SQLITE_OK ||
	    sqlite3_exec(database,
			 "PRAGMA journal_mode = WAL; CREATE TABLE t (row INTEGER PRIMARY KEY, x);"
			 "INSERT INTO t VALUES (NULL, 1);",
			 NULL, NULL, NULL) != SQLITE_OK)
		return NULL;
	return database;
}

/* One small document each, so that what they set up at first use is there. */
static bool read_texts(void)
{
	yaml_parser_t parser;
	yaml_document_t document;
	json_t *json = json_loads("{\"SoC\":55.2}", 0, NULL);
	bool is_read = json != NULL && yaml_parser_initialize(&parser) == 1;

	if (is_read) {
		yaml_parser_set_input_string(&parser, (const unsigned char *)"a: 1\n", 5);
		is_read = yaml_parser_load(&parser, &document) == 1;
		if (is_read)
			yaml_document_delete(&document);
		yaml_parser_delete(&parser);
	}
	json_decref(json);
	return is_read;
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static void run_loop(void)
{
	uv_loop_t loop;
	uv_signal_t terminate;

	uv_loop_init(&loop);
	uv_signal_init(&loop, &terminate);
	uv_signal_start(&terminate, on_signal, SIGTERM);
	puts("ready");
	fflush(stdout);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&terminate, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

int main(int argc, char **argv)
{
	struct mosquitto *mqtt;
	coap_context_t *coap;
	struct MHD_Daemon *http;
	sqlite3 *store;
	MYSQL *server;

	if (argc != 2 || sodium_init() < 0)
		return 2;
	mosquitto_lib_init();
	coap_startup();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	mysql_library_init(0, NULL, NULL);
	mqtt = mosquitto_new("bare-init", true, NULL);
	coap = coap_new_context(NULL);
	http = open_http(argv[1]);
	store = open_store(argv[1]);
	server = mysql_init(NULL);
	if (!read_texts() || !mqtt || !coap || !http || !store || !server)
		return 1;
	run_loop();
	mysql_close(server);
	sqlite3_close(store);
	MHD_stop_daemon(http);
	coap_free_context(coap);
	mosquitto_destroy(mqtt);
	mysql_library_end();
	coap_cleanup();
	mosquitto_lib_cleanup();
	return 0;
}
