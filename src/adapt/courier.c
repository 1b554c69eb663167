/*
 * The thread that carries letters. A way goes from free to ordered (on the loop),
 * to busy and done (on the thread), and back to free (on the loop). The mutex guards
 * the states; all else of a way is the thread's while it is ordered or busy, and the
 * loop's at other times.
 */
#include "adapt/courier.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 60000 /* what there is to do ends it sooner */
#define BEARER "Authorization: Bearer "
#define BEARER_MAX 320

enum way_state { WAY_IS_FREE, WAY_IS_ORDERED, WAY_IS_BUSY, WAY_IS_DONE };

struct way {
	CURL *easy;
	struct curl_slist *headers, *recipients;
	char *body;
	size_t length, read;
	bool is_mail, has_arrived;
	bool is_question;
	char *answer; /* of a question */
	size_t answer_length, answer_max;
	char error[CURL_ERROR_SIZE];
	char detail[COURIER_DETAIL_MAX];
};

struct courier {
	uv_async_t async;
	uv_thread_t thread;
	uv_mutex_t mutex;
	CURLM *multi;
	bool is_ending;
	courier_answer *answer;
	void *user;
	char *answered; /* to the question whose answer is being told */
	size_t answered_length;
	enum way_state states[COURIER_WAYS_MAX];
	struct way ways[COURIER_WAYS_MAX];
};

static void set_state(struct courier *courier, size_t way, enum way_state state)
{
	uv_mutex_lock(&courier->mutex);
	courier->states[way] = state;
	uv_mutex_unlock(&courier->mutex);
}

static enum way_state state_of(struct courier *courier, size_t way)
{
	enum way_state state;

	uv_mutex_lock(&courier->mutex);
	state = courier->states[way];
	uv_mutex_unlock(&courier->mutex);
	return state;
}

/* ---- an order becomes a transfer, on the loop ---- */

/* Less than was given ends the transfer with an error. */
static size_t keep_answer(char *data, size_t unit, size_t count, void *user)
{
	struct way *way = user;
	size_t length = unit * count;
	char *longer;

	if (length > way->answer_max - way->answer_length)
		return 0;
	longer = realloc(way->answer, way->answer_length + length + 1);
	if (longer == NULL)
		return 0;
	way->answer = longer;
	memcpy(way->answer + way->answer_length, data, length);
	way->answer_length += length;
	return length;
}

/* What a server answers to a letter is of no interest, whatever its length. */
static size_t drop_answer(char *data, size_t unit, size_t count, void *user)
{
	(void)data;
	(void)user;
	return unit * count;
}

static size_t give_body(char *data, size_t unit, size_t count, void *user)
{
	struct way *way = user;
	size_t rest = way->length - way->read;
	size_t length = rest < unit * count ? rest : unit * count;

	memcpy(data, way->body + way->read, length);
	way->read += length;
	return length;
}

static void clear_way(struct way *way)
{
	curl_easy_cleanup(way->easy);
	curl_slist_free_all(way->headers);
	curl_slist_free_all(way->recipients);
	free(way->body);
	free(way->answer);
	*way = (struct way){0};
}

static bool add_header(struct way *way, const char *header)
{
	struct curl_slist *longer = curl_slist_append(way->headers, header);

	if (longer != NULL)
		way->headers = longer;
	return longer != NULL;
}

static bool has(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool set_login(struct way *way, const struct courier_order *order)
{
	char room[BEARER_MAX];
	struct text bearer = text_in(room, sizeof room);
	bool is_set = true;

	if (!has(order->password))
		return true;
	if (has(order->user)) {
		is_set = curl_easy_setopt(way->easy, CURLOPT_USERNAME, order->user) == CURLE_OK &&
			 curl_easy_setopt(way->easy, CURLOPT_PASSWORD, order->password) == CURLE_OK;
	} else {
		text_add(&bearer, BEARER "%s", order->password);
		is_set = add_header(way, room);
		explicit_bzero(room, sizeof room);
	}
	return is_set;
}

static bool set_post(struct way *way, const struct courier_order *order)
{
	for (size_t i = 0; i < COURIER_HEADERS_MAX && has(order->headers[i]); i++)
		if (!add_header(way, order->headers[i]))
			return false;
	if (!add_header(way, "Expect:")) /* a hundred bytes need no permission */
		return false;
	curl_easy_setopt(way->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(way->easy, CURLOPT_POSTFIELDS, way->body);
	curl_easy_setopt(way->easy, CURLOPT_POSTFIELDSIZE, (long)way->length);
	return true;
}

/* A service may have moved, but not to where anybody can read the token. */
static bool set_question(struct way *way, const struct courier_order *order)
{
	bool is_secret = strncmp(order->url, "https", 5) == 0;

	way->is_question = true;
	way->answer_max = order->answer_max;
	curl_easy_setopt(way->easy, CURLOPT_WRITEFUNCTION, keep_answer);
	curl_easy_setopt(way->easy, CURLOPT_WRITEDATA, way);
	curl_easy_setopt(way->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(way->easy, CURLOPT_MAXREDIRS, (long)COURIER_REDIRECTS_MAX);
	curl_easy_setopt(way->easy, CURLOPT_REDIR_PROTOCOLS_STR, is_secret ? "https" : "http,https");
	curl_easy_setopt(way->easy, CURLOPT_ACCEPT_ENCODING, "");
	if (order->length > 0)
		return set_post(way, order);
	for (size_t i = 0; i < COURIER_HEADERS_MAX && has(order->headers[i]); i++)
		if (!add_header(way, order->headers[i]))
			return false;
	return true;
}

static bool set_mail(struct way *way, const struct courier_order *order)
{
	way->is_mail = true;
	way->recipients = curl_slist_append(NULL, order->to);
	curl_easy_setopt(way->easy, CURLOPT_MAIL_FROM, order->from);
	curl_easy_setopt(way->easy, CURLOPT_MAIL_RCPT, way->recipients);
	curl_easy_setopt(way->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(way->easy, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(way->easy, CURLOPT_READDATA, way);
	return way->recipients != NULL;
}

static void set_common(struct way *way, const struct courier_order *order)
{
	curl_easy_setopt(way->easy, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
	curl_easy_setopt(way->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(way->easy, CURLOPT_NOSIGNAL, 1L);
	/* A name that is not resolved in time must not hold up the others. */
	curl_easy_setopt(way->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(way->easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(way->easy, CURLOPT_CONNECTTIMEOUT, (long)COURIER_CONNECT_S);
	curl_easy_setopt(way->easy, CURLOPT_TIMEOUT, (long)COURIER_TIMEOUT_S);
	curl_easy_setopt(way->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)COURIER_TIMEOUT_S);
	curl_easy_setopt(way->easy, CURLOPT_WRITEFUNCTION, drop_answer);
	curl_easy_setopt(way->easy, CURLOPT_ERRORBUFFER, way->error);
	curl_easy_setopt(way->easy, CURLOPT_PRIVATE, way);
	curl_easy_setopt(way->easy, CURLOPT_USE_SSL,
			 (long)(order->tls_is_required ? CURLUSESSL_ALL : CURLUSESSL_NONE));
}

static bool prepare(struct way *way, const struct courier_order *order)
{
	bool is_mail = strncmp(order->url, "smtp", 4) == 0;

	way->easy = curl_easy_init();
	way->body = malloc(order->length > 0 ? order->length : 1);
	if (way->easy == NULL || way->body == NULL)
		return false;
	memcpy(way->body, order->body, order->length);
	way->length = order->length;
	set_common(way, order);
	return curl_easy_setopt(way->easy, CURLOPT_URL, order->url) == CURLE_OK &&
	       (!has(order->tls_ca) ||
		curl_easy_setopt(way->easy, CURLOPT_CAINFO, order->tls_ca) == CURLE_OK) &&
	       set_login(way, order) &&
	       (is_mail		     ? set_mail(way, order)
		: order->is_question ? set_question(way, order)
				     : set_post(way, order)) &&
	       (way->headers == NULL ||
		curl_easy_setopt(way->easy, CURLOPT_HTTPHEADER, way->headers) == CURLE_OK);
}

int courier_send(struct courier *courier, size_t way, const struct courier_order *order)
{
	struct way *at = &courier->ways[way];

	if (!prepare(at, order)) {
		clear_way(at);
		return -ENOMEM;
	}
	set_state(courier, way, WAY_IS_ORDERED);
	curl_multi_wakeup(courier->multi);
	return 0;
}

/* ---- the thread ---- */

/* Hands the way back to the loop. */
static void end_way(struct courier *courier, size_t way)
{
	set_state(courier, way, WAY_IS_DONE);
	uv_async_send(&courier->async);
}

static void begin_ordered(struct courier *courier)
{
	for (size_t i = 0; i < COURIER_WAYS_MAX; i++) {
		struct way *way = &courier->ways[i];

		if (state_of(courier, i) != WAY_IS_ORDERED)
			continue;
		set_state(courier, i, WAY_IS_BUSY);
		if (curl_multi_add_handle(courier->multi, way->easy) != CURLM_OK)
			end_way(courier, i);
	}
}

/* Any 2xx is taken for the receiver's word; a mail's server has said so by now. */
static void judge(struct way *way, CURLcode code)
{
	struct text detail = text_in(way->detail, sizeof way->detail);
	long status = 0;

	curl_easy_getinfo(way->easy, CURLINFO_RESPONSE_CODE, &status);
	way->has_arrived = code == CURLE_OK && (way->is_mail || (status >= 200 && status <= 299));
	if (way->has_arrived)
		return;
	if (code == CURLE_OK)
		text_add(&detail, "HTTP status %ld", status);
	else if (code == CURLE_WRITE_ERROR && way->is_question)
		text_add(&detail, "the answer is larger than %zu bytes", way->answer_max);
	else
		text_add(&detail, "%s", has(way->error) ? way->error : curl_easy_strerror(code));
}

static void end_one(struct courier *courier, CURL *easy, CURLcode code)
{
	char *private = NULL;
	struct way *way;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
	way = (struct way *)(void *)private;
	judge(way, code);
	curl_multi_remove_handle(courier->multi, easy);
	end_way(courier, (size_t)(way - courier->ways));
}

static void end_finished(struct courier *courier)
{
	const CURLMsg *message;
	int rest;

	while ((message = curl_multi_info_read(courier->multi, &rest)) != NULL)
		if (message->msg == CURLMSG_DONE)
			end_one(courier, message->easy_handle, message->data.result);
}

static bool is_ending(struct courier *courier)
{
	bool is;

	uv_mutex_lock(&courier->mutex);
	is = courier->is_ending;
	uv_mutex_unlock(&courier->mutex);
	return is;
}

static void run(void *argument)
{
	struct courier *courier = argument;
	sigset_t all;
	int running;

	sigfillset(&all); /* SIGPIPE above all: a server that goes away is an error of the call */
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!is_ending(courier)) {
		begin_ordered(courier);
		curl_multi_perform(courier->multi, &running);
		end_finished(courier);
		curl_multi_poll(courier->multi, NULL, 0, POLL_MS, NULL);
	}
	for (size_t i = 0; i < COURIER_WAYS_MAX; i++)
		if (state_of(courier, i) == WAY_IS_BUSY)
			curl_multi_remove_handle(courier->multi, courier->ways[i].easy);
}

/* ---- the loop's side ---- */

static void on_async(uv_async_t *async)
{
	struct courier *courier = async->data;

	for (size_t i = 0; i < COURIER_WAYS_MAX; i++) {
		char detail[COURIER_DETAIL_MAX];
		bool has_arrived;

		if (state_of(courier, i) != WAY_IS_DONE)
			continue;
		memcpy(detail, courier->ways[i].detail, sizeof detail);
		has_arrived = courier->ways[i].has_arrived;
		courier->answered = courier->ways[i].answer;
		courier->answered_length = courier->ways[i].answer_length;
		courier->ways[i].answer = NULL;
		clear_way(&courier->ways[i]);
		set_state(courier, i, WAY_IS_FREE);
		courier->answer(courier->user, i, has_arrived, detail);
		free(courier->answered);
		courier->answered = NULL;
	}
}

static void free_courier(struct courier *courier)
{
	for (size_t i = 0; i < COURIER_WAYS_MAX; i++)
		clear_way(&courier->ways[i]);
	curl_multi_cleanup(courier->multi);
	uv_mutex_destroy(&courier->mutex);
	curl_global_cleanup();
	free(courier);
}

static void on_closed(uv_handle_t *handle)
{
	free_courier(handle->data);
}

const char *courier_answer_of(const struct courier *courier, size_t *length)
{
	*length = courier->answered_length;
	return courier->answered;
}

int courier_check_ca(const char *path, struct text *error)
{
	int result = path[0] == '\0' || access(path, R_OK) == 0 ? 0 : -errno;

	if (result != 0)
		text_add(error, "tls_ca %s: %s", path, strerror(-result));
	return result;
}

int courier_new(struct courier **out, uv_loop_t *loop, courier_answer *answer, void *user)
{
	struct courier *courier = calloc(1, sizeof *courier);
	int result;

	if (courier == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(courier);
		return -ENOMEM;
	}
	courier->answer = answer;
	courier->user = user;
	courier->async.data = courier;
	courier->multi = curl_multi_init();
	uv_mutex_init(&courier->mutex);
	if (courier->multi == NULL) {
		free_courier(courier);
		return -ENOMEM;
	}
	result = uv_async_init(loop, &courier->async, on_async);
	if (result != 0) {
		free_courier(courier);
		return result;
	}
	result = uv_thread_create(&courier->thread, run, courier);
	if (result != 0) {
		uv_close((uv_handle_t *)&courier->async, on_closed);
		return result;
	}
	*out = courier;
	return 0;
}

void courier_free(struct courier *courier)
{
	if (courier == NULL)
		return;
	uv_mutex_lock(&courier->mutex);
	courier->is_ending = true;
	uv_mutex_unlock(&courier->mutex);
	curl_multi_wakeup(courier->multi);
	uv_thread_join(&courier->thread);
	uv_close((uv_handle_t *)&courier->async, on_closed);
}
