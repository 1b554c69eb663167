/*
 * Plays simulated homes and says what came of it; scripts/simulate builds and
 * runs it. Home number i has the seed S + i, so that any one of them can be had
 * again alone; jobs share out the homes and change nothing else.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sim/simulate.h"

#define JOBS_MAX 64
#define DAYS_MAX 100000000
#define HOMES_PER_SHARE 8 /* each job takes its turn at so many homes */
#define LOOK_S 1
#define LOG_LOOKS 60 /* between two lines of a log */

static const char usage[] =
    "Usage: simulate [--days N] [--seed S] [--jobs N] [--stop] [--log]\n"
    "                [--json] [--trace] [--break NAME]\n"
    "Plays random homes for N days in all, each for 10 days at the most, with random\n"
    "faults, on a virtual clock, and checks them against docs/design.md, section 4.\n"
    "\n"
    "  --days N      days in all, default 10\n"
    "  --seed S      the first home's seed, default 1; the next ones count on from it\n"
    "  --jobs N      homes at a time, default one per processor\n"
    "  --stop        ends with the first homes that were unsafe\n"
    "  --log         how far it is, on standard error, each minute, and what was unsafe\n"
    "                as soon as its home has ended\n"
    "  --json        what was counted, by fault and by rule, before the last line\n"
    "  --trace       tells on standard error what happens in each home\n"
    "  --break NAME  breaks what is under test, so that it must be found out:\n"
    "               ";

struct options {
	int64_t days;
	uint64_t seed;
	int jobs;
	bool wants_json, wants_trace, wants_log, stops;
	enum sim_break broken;
};

/* What the jobs share: one place for each. */
struct board {
	atomic_bool is_over; /* no home is begun any more */
	uint64_t days_done[JOBS_MAX];
	struct sim_tally tallies[JOBS_MAX];
};

static void print_usage(FILE *file)
{
	fputs(usage, file);
	for (int i = 1; i < SIM_BREAK_COUNT; i++)
		fprintf(file, " %s", sim_break_name((enum sim_break)i));
	fputs("\n\nExit code 0 only where nothing was unsafe and all days were played. SIGINT or\n"
	      "SIGTERM end it after the homes that are under way.\n",
	      file);
}

static int bad(const char *option, const char *text, const char *allowed)
{
	fprintf(stderr, "simulate: %s \"%s\" is not allowed: %s\n", option, text, allowed);
	return -EINVAL;
}

static int parse_count(int64_t *out, const char *option, const char *text, int64_t most)
{
	char *end;
	char allowed[64];

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *out >= 1 && *out <= most)
		return 0;
	snprintf(allowed, sizeof(allowed), "a whole number from 1 to %" PRId64, most);
	return bad(option, text, allowed);
}

static int parse_seed(uint64_t *out, const char *text)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && text[0] != '-')
		return 0;
	return bad("--seed", text, "a whole number of up to 64 bits");
}

static int take_option(struct options *options, int option, const char *text)
{
	int64_t jobs = 0;
	int result = 0;

	switch (option) {
	case 'd':
		return parse_count(&options->days, "--days", text, DAYS_MAX);
	case 's':
		return parse_seed(&options->seed, text);
	case 'j':
		result = parse_count(&jobs, "--jobs", text, JOBS_MAX);
		options->jobs = (int)jobs;
		return result;
	case 'J':
		options->wants_json = true;
		return 0;
	case 't':
		options->wants_trace = true;
		return 0;
	case 'S':
		options->stops = true;
		return 0;
	case 'l':
		options->wants_log = true;
		return 0;
	case 'b':
		if (sim_break_find(&options->broken, text) == 0)
			return 0;
		return bad("--break", text, "simulate --help names them");
	default:
		fputs("simulate: try simulate --help\n", stderr);
		return -EINVAL;
	}
}

/* Returns 0, 1 where only help was wanted, or -EINVAL. */
static int parse_options(struct options *out, int argc, char **argv)
{
	static const struct option names[] = {
	    {"days", required_argument, NULL, 'd'}, {"seed", required_argument, NULL, 's'},
	    {"jobs", required_argument, NULL, 'j'}, {"json", no_argument, NULL, 'J'},
	    {"trace", no_argument, NULL, 't'},      {"break", required_argument, NULL, 'b'},
	    {"stop", no_argument, NULL, 'S'},       {"log", no_argument, NULL, 'l'},
	    {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
	};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int option, result;

	*out = (struct options){
	    .days = SIM_HOME_DAYS,
	    .seed = 1,
	    .jobs = processors < 1          ? 1
		    : processors > JOBS_MAX ? JOBS_MAX
					    : (int)processors,
	};
	while ((option = getopt_long(argc, argv, "h", names, NULL)) != -1) {
		if (option == 'h') {
			print_usage(stdout);
			return 1;
		}
		result = take_option(out, option, optarg);
		if (result != 0)
			return result;
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "simulate: \"%s\" is not understood; try simulate --help\n", argv[optind]);
	return -EINVAL;
}

/* The days of home number `index`; 0 beyond the last home. */
static int32_t days_of(const struct options *options, int64_t index)
{
	int64_t left = options->days - index * SIM_HOME_DAYS;

	return left > SIM_HOME_DAYS ? SIM_HOME_DAYS : left > 0 ? (int32_t)left : 0;
}

static void print_finding(FILE *file, const struct sim_finding *finding)
{
	fprintf(file, "UNSAFE %s: %s\n  again: scripts/simulate --seed %" PRIu64 " --days %d\n",
		sim_rule_name(finding->rule), finding->words, finding->seed, finding->day);
}

static void play_share(struct board *board, const struct options *options, int job)
{
	struct sim_home *home = sim_home_new();
	struct sim_tally *tally = &board->tallies[job];
	uint32_t told = 0;

	if (home == NULL) {
		fputs("simulate: no memory\n", stderr);
		_exit(EXIT_FAILURE);
	}
	if (options->wants_trace)
		sim_home_trace(home);
	for (int64_t i = 0; days_of(options, i) > 0 && !atomic_load(&board->is_over); i++) {
		if (i / HOMES_PER_SHARE % options->jobs != job)
			continue;
		sim_home_play(home, options->seed + (uint64_t)i, days_of(options, i),
			      options->broken, tally);
		board->days_done[job] = tally->days;
		for (; options->wants_log && told < tally->finding_count; told++)
			print_finding(stderr, &tally->findings[told]);
		if (options->stops && tally->unsafe > 0)
			atomic_store(&board->is_over, true);
	}
	sim_home_free(home);
}

static void show_progress(const struct board *board, const struct options *options)
{
	uint64_t done = 0;

	for (int i = 0; i < options->jobs; i++)
		done += board->days_done[i];
	fprintf(stderr,
		options->wants_log ? "%" PRIu64 " of %" PRId64 " days\n"
				   : "\r%" PRIu64 " of %" PRId64 " days ",
		done, options->days);
}

/* What ends a job, or all of them; blocked, and asked for. */
static sigset_t signals_of_interest(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	return signals;
}

/* Waits a moment for a job's end, or a person's wish for it. */
static void wait_a_moment(struct board *board)
{
	sigset_t signals = signals_of_interest();
	struct timespec moment = {.tv_sec = LOOK_S};
	int signal = sigtimedwait(&signals, NULL, &moment);

	if (signal == SIGINT || signal == SIGTERM)
		atomic_store(&board->is_over, true);
}

/* Waits for all jobs. Returns 0, or -ECHILD where one did not end well. */
static int wait_for_jobs(struct board *board, const struct options *options)
{
	bool is_watched = isatty(STDERR_FILENO) != 0 || options->wants_log;
	int left = options->jobs, result = 0, looks = 0, status;

	while (left > 0) {
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended == 0) {
			if (is_watched && looks++ % (options->wants_log ? LOG_LOOKS : 1) == 0)
				show_progress(board, options);
			wait_a_moment(board);
			continue;
		}
		if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			result = -ECHILD;
		left--;
	}
	if (is_watched && !options->wants_log)
		fputs("\r\033[K", stderr);
	return result;
}

static int play(struct board *board, const struct options *options)
{
	sigset_t signals = signals_of_interest();

	sigprocmask(SIG_BLOCK, &signals, NULL);
	for (int job = 0; job < options->jobs; job++) {
		pid_t child = fork();

		if (child < 0)
			return -errno;
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			play_share(board, options, job);
			_exit(EXIT_SUCCESS);
		}
	}
	return wait_for_jobs(board, options);
}

static int by_seed(const void *a, const void *b)
{
	const struct sim_finding *one = a, *two = b;

	return one->seed != two->seed ? (one->seed < two->seed ? -1 : 1) : 0;
}

/* The first findings by home, however the homes were shared out. */
static void add_up(struct sim_tally *sum, const struct board *board, const struct options *options)
{
	static struct sim_finding all[JOBS_MAX * SIM_FINDINGS_MAX];
	size_t count = 0;

	sim_tally_init(sum);
	for (int i = 0; i < options->jobs; i++) {
		const struct sim_tally *tally = &board->tallies[i];

		sim_tally_add(sum, tally);
		memcpy(&all[count], tally->findings, tally->finding_count * sizeof(all[0]));
		count += tally->finding_count;
	}
	qsort(all, count, sizeof(all[0]), by_seed);
	memcpy(sum->findings, all, sum->finding_count * sizeof(all[0]));
}

static void print_findings(const struct sim_tally *sum)
{
	for (uint32_t i = 0; i < sum->finding_count; i++)
		print_finding(stdout, &sum->findings[i]);
	if (sum->unsafe > sum->finding_count)
		printf("and %" PRIu64 " more\n", sum->unsafe - sum->finding_count);
}

static void print_json(const struct sim_tally *sum)
{
	printf("{\"days\": %" PRIu64 ", \"homes\": %" PRIu64 ", \"readings\": %" PRIu64
	       ", \"faults\": %" PRIu64 ", \"switches\": %" PRIu64 ", \"unsafe\": %" PRIu64
	       ", \"unavoidable\": %" PRIu64 ",\n \"by_fault\": {",
	       sum->days, sum->homes, sum->readings, sum->faults, sum->switches, sum->unsafe,
	       sum->unavoidable);
	for (int i = 0; i < SIM_FAULT_COUNT; i++)
		printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", sim_fault_name((enum sim_fault)i),
		       sum->by_fault[i]);
	printf("},\n \"unsafe_by_rule\": {");
	for (int i = 0; i < SIM_RULE_COUNT; i++)
		printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", sim_rule_name((enum sim_rule)i),
		       sum->by_rule[i]);
	printf("}}\n");
}

static void print_sum(const struct sim_tally *sum, const struct options *options)
{
	print_findings(sum);
	if (options->wants_json)
		print_json(sum);
	printf("simulate: days=%" PRIu64 " homes=%" PRIu64 " readings=%" PRIu64 " faults=%" PRIu64
	       " switches=%" PRIu64 " unsafe=%" PRIu64 " unavoidable=%" PRIu64 "\n",
	       sum->days, sum->homes, sum->readings, sum->faults, sum->switches, sum->unsafe,
	       sum->unavoidable);
}

int main(int argc, char **argv)
{
	struct options options;
	struct sim_tally sum;
	struct board *board;
	int result = parse_options(&options, argc, argv);

	if (result != 0)
		return result > 0 ? EXIT_SUCCESS : 2;
	board =
	    mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		perror("simulate");
		return EXIT_FAILURE;
	}
	result = play(board, &options);
	if (result != 0) {
		fprintf(stderr, "simulate: a job failed: %s\n", strerror(-result));
		return EXIT_FAILURE;
	}
	add_up(&sum, board, &options);
	print_sum(&sum, &options);
	munmap(board, sizeof(*board));
	return sum.unsafe == 0 && sum.days == (uint64_t)options.days ? EXIT_SUCCESS : EXIT_FAILURE;
}
