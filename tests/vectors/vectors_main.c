/*
 * Runs test vectors through the product and says which agree.
 *
 *     vectors [--tap] FILE.jsonl…
 *
 * A line for each that fails or is skipped, then `vectors: passed=N failed=N
 * skipped=N`. The exit status is 1 where one failed. With --tap each has its line
 * in TAP.
 */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1024 * 1024)

struct counts {
	bool is_tap;
	size_t passed, failed, skipped;
};

static vector_run *run_of(const char *dialect)
{
	for (const struct vector_dialect *row = vector_dialects; row->name != NULL; row++) {
		if (strcmp(row->name, dialect) == 0)
			return row->run;
	}
	return NULL;
}

static void judge(const struct vector *vector, const struct vector_result *result,
		  struct counts *counts)
{
	const char *id = json_string_value(json_object_get(vector->json, "id"));
	size_t number = counts->passed + counts->failed + counts->skipped + 1;
	char why[4096] = "";
	bool is_good = result->skipped == NULL && vector_agrees(vector, result, why, sizeof why);

	counts->skipped += result->skipped != NULL;
	counts->passed += is_good;
	counts->failed += result->skipped == NULL && !is_good;
	if (result->skipped != NULL && counts->is_tap)
		printf("ok %zu - %s # SKIP %s\n", number, id, result->skipped);
	else if (result->skipped != NULL)
		printf("%s: skipped: %s\n", id, result->skipped);
	else if (!is_good)
		printf("%s%s: FAILED: %s\n", counts->is_tap ? "# " : "", id, why);
	if (result->skipped == NULL && counts->is_tap)
		printf("%s %zu - %s\n", is_good ? "ok" : "not ok", number, id);
}

static void run(const json_t *json, struct counts *counts)
{
	const char *dialect = json_string_value(json_object_get(json, "dialect"));
	const char *dir = json_string_value(json_object_get(json, "dir"));
	struct vector vector = {
	    .json = json,
	    .in = json_object_get(json, "in"),
	    .config = json_object_get(json, "config"),
	    .dir = dir != NULL ? dir : "decode",
	};
	struct vector_result result = {.got = json_object()};
	vector_run *runs = run_of(dialect != NULL ? dialect : "");

	if (runs != NULL)
		runs(&vector, &result);
	else
		result.skipped = "its dialect is not built yet";
	judge(&vector, &result, counts);
	if (result.done != NULL)
		result.done(result.user);
	json_decref(result.got);
}

static int run_file(const char *path, struct counts *counts)
{
	char *line = malloc(LINE_MAX_BYTES);
	FILE *file = fopen(path, "re");
	json_error_t error;
	size_t number = 0;

	if (file == NULL || line == NULL) {
		fprintf(stderr, "vectors: %s cannot be read\n", path);
		free(line);
		return -1;
	}
	while (fgets(line, LINE_MAX_BYTES, file) != NULL) {
		json_t *json = json_loads(line, JSON_ALLOW_NUL, &error);

		number++;
		if (json == NULL) {
			printf("%s:%zu: FAILED: is no JSON: %s\n", path, number, error.text);
			counts->failed++;
			continue;
		}
		run(json, counts);
		json_decref(json);
	}
	fclose(file);
	free(line);
	return 0;
}

int main(int argc, char **argv)
{
	struct counts counts = {0};
	int result = 0;

	counts.is_tap = argc > 1 && strcmp(argv[1], "--tap") == 0;
	for (int i = counts.is_tap ? 2 : 1; i < argc; i++) {
		if (run_file(argv[i], &counts) != 0)
			result = 1;
	}
	if (counts.is_tap) {
		printf("1..%zu\n", counts.passed + counts.failed + counts.skipped);
		return counts.failed > 0 ? 1 : result;
	}
	printf("vectors: passed=%zu failed=%zu skipped=%zu\n", counts.passed, counts.failed,
	       counts.skipped);
	return counts.failed > 0 ? 1 : result;
}
