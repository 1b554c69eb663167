/*
 * `amphora replay`: makes every decision again from what the journal says that
 * the core was given, and compares it with the one that was stored. It needs no
 * daemon and changes nothing; one may be running. With --set it tells beside that what other
 * settings would have made of it (whatif.c).
 *
 * The trace is followed from the last start (or copy of the core's state) before
 * --from, since what was decided rests on all that was heard before.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapt/journal_read.h"
#include "base/version.h"
#include "cli/cli.h"
#include "cli/duration.h"
#include "cli/house.h"
#include "cli/replay_core.h"
#include "base/zone.h"
#include "cli/show.h"
#include "cli/whatif_show.h"

/* So few rows at a time that no reading holds back the write-ahead log for long. */
#define ROWS_AT_A_TIME 64
#define DECISIONS_AT_A_TIME 256
#define DIFFERENCES_SHOWN 20
#define SENTENCE_MAX 512

struct replaying {
	struct cli *cli;
	struct journal_reader *reader;
	struct wall_time from, to;
	struct replay *replay;
	struct whatif *whatif;              /* with --set; else NULL */
	const struct prices_config *prices; /* of the configuration, or NULL */
	int64_t row;                        /* the next */
	uint32_t visited;
	bool is_past; /* beyond `to` */
	int error;    /* of reading a stored decision */
	bool is_damaged;
	uint64_t stored;    /* decisions of that time in the journal */
	uint64_t identical; /* of them, those made again just so */
	uint64_t different;
	uint64_t unstored; /* made again, and not in the journal */
};

/* ---- comparing ---- */

static bool reasons_equal(const struct reason *one, const struct reason *other)
{
	return one->code == other->code && one->value == other->value && one->limit == other->limit;
}

/* Whether both wished the same; of what was not given the rest means nothing. */
static bool wishes_equal(const struct wish *one, const struct wish *other)
{
	return one->is_given == other->is_given &&
	       (!one->is_given ||
		(one->intent == other->intent && reasons_equal(&one->reason, &other->reason)));
}

static bool decisions_equal(const struct decision *one, const struct decision *other)
{
	for (int i = 0; i < DECIDER_COUNT; i++) {
		if (!wishes_equal(&one->wishes[i], &other->wishes[i]))
			return false;
	}
	return one->at.ms == other->at.ms && one->at_mono.ms == other->at_mono.ms &&
	       one->wall_is_trusted == other->wall_is_trusted && one->intent == other->intent &&
	       one->winner == other->winner && reasons_equal(&one->reason, &other->reason) &&
	       reasons_equal(&one->flip, &other->flip) && one->wanted == other->wanted &&
	       one->quality == other->quality && one->age_ms == other->age_ms &&
	       one->soc_bp == other->soc_bp && one->temp_min_mc == other->temp_min_mc &&
	       one->temp_max_mc == other->temp_max_mc;
}

/* The stored decision with that number. */
struct search {
	uint32_t id;
	bool is_found;
	struct decision decision;
};

static bool find_stored(void *user, int64_t row, const struct ident *battery,
			const struct decision *decision)
{
	struct search *search = user;

	(void)row;
	(void)battery;
	if (decision->id != search->id)
		return true;
	search->is_found = true;
	search->decision = *decision;
	return false;
}

static void show_difference(const struct replaying *replaying, const struct ident *battery,
			    const struct decision *stored, const struct decision *again)
{
	char one[SENTENCE_MAX], other[SENTENCE_MAX], at[WALL_TEXT_MAX];
	struct text one_text = text_in(one, sizeof(one)),
		    other_text = text_in(other, sizeof(other));

	if (replaying->different > DIFFERENCES_SHOWN)
		return;
	decision_format(stored, NULL, &one_text);
	decision_format(again, NULL, &other_text);
	fprintf(stderr, "decision %u of %s at %s\n  stored:   %s\n  replayed: %s\n", stored->id,
		battery->text, wall_format(at, stored->at, 0), one, other);
	if (strcmp(one, other) == 0)
		fprintf(stderr, "  the same words: a time, an age or a wish differs\n");
}

static void on_decision(void *user, const struct ident *battery, const struct decision *decision)
{
	struct replaying *replaying = user;
	struct search search = {.id = decision->id};
	struct journal_span span = {
	    decision->at, {decision->at.ms + 1}, DECISIONS_AT_A_TIME, false};

	if (decision->at.ms < replaying->from.ms || decision->at.ms >= replaying->to.ms ||
	    replaying->error != 0)
		return;
	replaying->error =
	    journal_read_decisions(replaying->reader, battery->text, span, find_stored, &search);
	if (!search.is_found) {
		replaying->unstored++;
	} else if (decisions_equal(&search.decision, decision)) {
		replaying->identical++;
	} else {
		replaying->different++;
		show_difference(replaying, battery, &search.decision, decision);
	}
}

/* ---- following ---- */

static bool take_row(void *user, const struct journal_trace *trace)
{
	struct replaying *replaying = user;

	replaying->visited++;
	replaying->row = trace->row + 1;
	/* Clocks may have stepped: only a start or a copy after the end ends it. */
	if (trace->begin != TRACE_GOES_ON && trace->wall.ms >= replaying->to.ms) {
		replaying->is_past = true;
		return false;
	}
	if (replay_row(replaying->replay, trace->data, trace->length) != 0)
		replaying->is_damaged = true;
	return true;
}

static void before_step(void *user)
{
	const struct replaying *replaying = user;
	const struct replay *replay = replaying->replay;

	if (replaying->whatif != NULL)
		whatif_before(replaying->whatif, &replay->house, &replay->site, replay->begins,
			      replay->entry.now);
}

static void after_step(void *user)
{
	const struct replaying *replaying = user;
	const struct replay *replay = replaying->replay;

	if (replaying->whatif != NULL)
		whatif_after(replaying->whatif, &replay->site, &replay->entry.event,
			     replay->entry.now);
}

static int follow(struct replaying *replaying)
{
	const struct replay_events events = {replaying, on_decision, before_step, after_step};
	int result = 0;

	replay_init(replaying->replay, &events);
	do {
		replaying->visited = 0;
		result = journal_read_trace(replaying->reader, replaying->row, ROWS_AT_A_TIME,
					    take_row, replaying);
	} while (result == 0 && replaying->error == 0 && !replaying->is_past &&
		 replaying->visited > 0);
	return result != 0 ? result : replaying->error;
}

/* From a copy where one of ours is nearer than the start. */
static int follow_from_nearest(struct replaying *replaying)
{
	int result = journal_find_trace(replaying->reader, replaying->from, false, &replaying->row);

	if (result == 0 && replaying->row > 0)
		result = follow(replaying);
	if (result != 0 || replaying->replay->copies_foreign == 0)
		return result;
	replaying->identical = replaying->different = replaying->unstored = 0;
	replaying->is_past = false;
	if (replaying->whatif != NULL)
		whatif_reset(replaying->whatif);
	result = journal_find_trace(replaying->reader, replaying->from, true, &replaying->row);
	return result == 0 && replaying->row > 0 ? follow(replaying) : result;
}

/* ---- telling ---- */

static bool count_stored(void *user, int64_t row, const struct ident *battery,
			 const struct decision *decision)
{
	(void)row;
	(void)battery;
	(void)decision;
	++*(uint64_t *)user;
	return true;
}

static int count_all_stored(struct replaying *replaying)
{
	struct journal_span span = {replaying->from, replaying->to, UINT32_MAX, false};

	return journal_read_decisions(replaying->reader, NULL, span, count_stored,
				      &replaying->stored);
}

/* Whether all that is stored was made again, and nothing else. */
static bool is_same(const struct replaying *replaying)
{
	return replaying->identical == replaying->stored && replaying->different == 0 &&
	       !replaying->is_damaged &&
	       replaying->replay->copies_identical == replaying->replay->copies_compared;
}

static void tell_doubts(const struct replaying *replaying)
{
	const struct replay *replay = replaying->replay;
	unsigned long long missed = replaying->stored - replaying->identical - replaying->different;

	if (replay->version[0] != '\0')
		complain("part of this was decided by version %s; this is " AMPHORA_VERSION,
			 replay->version);
	if (replay->gaps > 0)
		complain("%llu gaps in the trace, as the disk was away; after each the state was "
			 "taken from a copy",
			 (unsigned long long)replay->gaps);
	if (missed > 0)
		complain("%llu stored decisions lie where the trace has a gap or is of another "
			 "program, and were not made again",
			 missed);
	if (replaying->unstored > 0)
		complain("%llu decisions were made again that the journal does not hold",
			 (unsigned long long)replaying->unstored);
	if (replay->copies_identical != replay->copies_compared)
		complain("%llu copies of the state differ from the state that was reached here",
			 (unsigned long long)(replay->copies_compared - replay->copies_identical));
	if (replaying->is_damaged)
		complain("the trace is damaged: part of it could not be read");
}

static void tell(const struct replaying *replaying)
{
	const struct replay *replay = replaying->replay;

	if (replaying->cli->format == FORMAT_JSON) {
		json_t *out = json_pack(
		    "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "decisions", (json_int_t)replaying->stored,
		    "identical", (json_int_t)replaying->identical, "different",
		    (json_int_t)replaying->different, "unstored", (json_int_t)replaying->unstored,
		    "starts", (json_int_t)replay->starts, "steps", (json_int_t)replay->steps,
		    "gaps", (json_int_t)replay->gaps, "copies",
		    (json_int_t)replay->copies_compared);
		json_show(stdout, out);
		json_decref(out);
		return;
	}
	tell_doubts(replaying);
	if (replaying->cli->format == FORMAT_CSV)
		printf("decisions,identical\n%llu,%llu\n", (unsigned long long)replaying->stored,
		       (unsigned long long)replaying->identical);
	else
		printf("%llu decisions, %llu identical\n", (unsigned long long)replaying->stored,
		       (unsigned long long)replaying->identical);
}

/* What would have been: beside the record, which is told of only where it is in doubt. */
static int tell_whatif(struct replaying *replaying)
{
	struct whatif *whatif = replaying->whatif;
	struct whatif_cost cost;
	int result;

	if (whatif->is_refused) {
		complain("these settings cannot hold: %s", whatif->error);
		return EXIT_REFUSED;
	}
	if (whatif_is_empty(whatif)) {
		complain("the journal's trace has nothing of that time");
		return EXIT_NOT_FOUND;
	}
	if (!is_same(replaying))
		complain(
		    "not every stored decision could be made again just so: what follows rests "
		    "on a record with gaps");
	whatif_end(whatif);
	result = whatif_cost(&cost, whatif, replaying->prices, replaying->reader);
	if (result != 0) {
		complain("%s", journal_reader_error(replaying->reader));
		return EXIT_FAILED;
	}
	whatif_show(replaying->cli, whatif, &cost);
	return EXIT_OK;
}

/* ---- the command ---- */

static int run(struct replaying *replaying, const char *path)
{
	int result = journal_reader_new(&replaying->reader, path);

	if (result != 0) {
		complain("%s: %s; --journal or --config says where the journal is", path,
			 result == -EIO ? "this is no database that can be read"
					: strerror(-result));
		return result == -ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
	}
	result = journal_reader_check(replaying->reader);
	if (result == 0)
		result = count_all_stored(replaying);
	if (result == 0)
		result = follow_from_nearest(replaying);
	if (result != 0) {
		complain("%s: %s", path, journal_reader_error(replaying->reader));
		result = EXIT_FAILED;
	} else if (replaying->whatif != NULL) {
		result = tell_whatif(replaying);
	} else {
		tell(replaying);
		result = is_same(replaying) ? EXIT_OK : EXIT_FAILED;
	}
	journal_reader_free(replaying->reader);
	return result;
}

static int take_moment(struct wall_time *out, const char *name, const char *words)
{
	struct wall_time now = {(int64_t)time(NULL) * MS_PER_SECOND};

	if (words == NULL || moment_parse(out, words, now, NULL, NULL) == 0)
		return 0;
	complain("--%s: %s is no time (2026-11-25T18:00:00Z, -2h, today, now)", name, words);
	return -EINVAL;
}

/* Where the journal is: as told, as the configuration says, or where it is without one. */
static int read_house(struct house *house, const char *config)
{
	char words[128];
	struct text error = text_in(words, sizeof(words));
	int result = 0;

	house_init(house);
	if (config != NULL)
		result = house_read(house, config);
	if (result == 0 && house->zone[0] != '\0' && zone_take(house->zone, &error) < 0)
		complain("%s", words);
	return result;
}

/* The changes of --set, each `NAME=VALUE`. Returns an exit code. */
static int take_changes(struct whatif **out, int *argc, char **argv)
{
	const char *words;
	int found;

	*out = NULL;
	while ((found = take_option(argc, argv, "--set", &words)) > 0) {
		char said[WHATIF_WORDS_MAX];
		struct text error = text_in(said, sizeof(said));

		if (*out == NULL)
			*out = calloc(1, sizeof(**out));
		if (*out == NULL) {
			complain("no memory to replay");
			return EXIT_FAILED;
		}
		if (whatif_take(*out, words, &error) < 0) {
			complain("--set: %s", said);
			return EXIT_USAGE;
		}
	}
	return found < 0 ? EXIT_USAGE : EXIT_OK;
}

static int replay(struct cli *cli, struct replaying *replaying, const char *journal,
		  const char *config)
{
	struct house *house = malloc(sizeof(*house));
	int result = EXIT_FAILED;

	replaying->cli = cli;
	replaying->replay = malloc(sizeof(*replaying->replay));
	if (house == NULL || replaying->replay == NULL) {
		complain("no memory to replay");
	} else if (read_house(house, config) == 0) {
		replaying->prices = &house->prices;
		result = run(replaying, journal != NULL ? journal : house->store.path);
	}
	free(replaying->replay);
	free(house);
	return result;
}

int command_replay(struct cli *cli, int argc, char **argv)
{
	struct replaying replaying = {.from = {INT64_MIN}, .to = {INT64_MAX}};
	const char *from = NULL, *to = NULL, *journal = NULL, *config = NULL;
	int result = take_changes(&replaying.whatif, &argc, argv);

	if (result == EXIT_OK &&
	    (take_option(&argc, argv, "--from", &from) < 0 ||
	     take_option(&argc, argv, "--to", &to) < 0 ||
	     take_option(&argc, argv, "--journal", &journal) < 0 ||
	     take_option(&argc, argv, "--config", &config) < 0 || !words_fit(argc, argv, 0, 0)))
		result = usage(cli);
	if (result == EXIT_OK && (take_moment(&replaying.from, "from", from) < 0 ||
				  take_moment(&replaying.to, "to", to) < 0))
		result = EXIT_USAGE;
	if (result == EXIT_OK && replaying.whatif != NULL) {
		replaying.whatif->from = replaying.from;
		replaying.whatif->to = replaying.to;
	}
	if (result == EXIT_OK)
		result = replay(cli, &replaying, journal, config);
	if (replaying.whatif != NULL)
		whatif_deinit(replaying.whatif);
	free(replaying.whatif);
	return result;
}
