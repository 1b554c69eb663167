/*
 * Preloaded into the daemon, it makes the time of day wrong: CLOCK_REALTIME is
 * off by as many ms as the file $WALL_CLOCK_OFFSET says, which may change at
 * any time, and no time service vouches for it. The monotonic clock is let be.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000L
#define NS_PER_S 1000000000L

static long long offset_ms(void)
{
	const char *path = getenv("WALL_CLOCK_OFFSET");
	char text[32] = "";
	int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (file < 0)
		return 0;
	if (read(file, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(file);
	return strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	static int (*next)(clockid_t, struct timespec *);
	long long ms;
	int result;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	result = next(id, out);
	if (result != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return result;
	ms = offset_ms();
	out->tv_sec += ms / MS_PER_S;
	out->tv_nsec += ms % MS_PER_S * NS_PER_MS;
	if (out->tv_nsec < 0) {
		out->tv_sec--;
		out->tv_nsec += NS_PER_S;
	} else if (out->tv_nsec >= NS_PER_S) {
		out->tv_sec++;
		out->tv_nsec -= NS_PER_S;
	}
	return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	*out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

int adjtimex(struct timex *state)
{
	state->status = STA_UNSYNC;
	return TIME_ERROR;
}
