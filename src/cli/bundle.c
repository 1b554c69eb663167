/*
 * `amphora bundle`: what somebody who helps needs to see, in one archive, without
 * what would let them in or name a person. No reading of the past is in it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/bundle_secret.h"
#include "cli/client.h"
#include "cli/show.h"

/* What is asked of the daemon, and the file it goes into. */
static const struct part {
	const char *path, *file;
} PARTS[] = {
    {"version", "version.json"},   {"doctor", "doctor.json"},   {"state", "state.json"},
    {"nodes", "nodes.json"},       {"settings", "settings.json"}, {"explain", "explain.json"},
    {"alerts", "alerts.json"},     {"events", "events.json"},
};

static const char ABOUT[] =
    "Made by `amphora bundle`: how this daemon and its surroundings are now.\n"
    "version, doctor, state, nodes, settings, explain, alerts and events are the API's answers;\n"
    "machine.txt is the computer; amphorad.yaml is the configuration, where it was named.\n"
    "User names, web and mail addresses of outlets, keys and codes were replaced by "
    BUNDLE_REMOVED ";\n"
    "passwords and keys are in files of their own, of which none is here. Host names and network\n"
    "addresses are in it, since most trouble is there. No reading of the past is.\n";

struct bundle {
	char directory[PATH_MAX]; /* of our own; removed at the end */
	char name[64];            /* the one directory in the archive */
	char output[PATH_MAX];
};

static FILE *create(const struct bundle *bundle, const char *file)
{
	char path[PATH_MAX + 128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s/%s", bundle->directory, bundle->name, file);
	out = fopen(path, "wxe");
	if (!out)
		complain("%s: %s", path, strerror(errno));
	return out;
}

/* Returns an exit code; whatever was printed is on the disk. */
static int finish(FILE *file, const char *name)
{
	bool is_written = !ferror(file);

	if (fclose(file) == 0 && is_written)
		return EXIT_OK;
	complain("%s cannot be written: %s", name, strerror(errno));
	return EXIT_FAILED;
}

static int add_part(struct cli *cli, const struct bundle *bundle, const struct part *part)
{
	json_t *answer;
	FILE *file;
	int rc = client_get(cli, part->path, &answer);

	if (rc != EXIT_OK)
		return rc;
	bundle_secret_json(answer);
	file = create(bundle, part->file);
	if (file) {
		json_show(file, answer);
		rc = finish(file, part->file);
	} else {
		rc = EXIT_FAILED;
	}
	json_decref(answer);
	return rc;
}

static void copy_file(FILE *out, const char *path)
{
	char line[512];
	FILE *in = fopen(path, "re");

	fprintf(out, "== %s\n", path);
	while (in && fgets(line, sizeof(line), in))
		fputs(line, out);
	if (in)
		fclose(in);
}

static int add_machine(const struct bundle *bundle)
{
	struct utsname system;
	FILE *file = create(bundle, "machine.txt");

	if (!file)
		return EXIT_FAILED;
	if (uname(&system) == 0)
		fprintf(file, "%s %s %s %s\n", system.sysname, system.release, system.version,
			system.machine);
	copy_file(file, "/etc/os-release");
	copy_file(file, "/proc/loadavg");
	copy_file(file, "/proc/uptime");
	copy_file(file, "/proc/meminfo");
	copy_file(file, "/proc/mounts");
	return finish(file, "machine.txt");
}

static int add_about(const struct bundle *bundle)
{
	FILE *file = create(bundle, "README.txt");

	if (!file)
		return EXIT_FAILED;
	fputs(ABOUT, file);
	return finish(file, "README.txt");
}

static int add_config(const struct bundle *bundle, const char *path)
{
	FILE *in = fopen(path, "re"), *out;
	int rc;

	if (!in) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	out = create(bundle, "amphorad.yaml");
	if (out) {
		bundle_secret_config(in, out);
		rc = finish(out, "amphorad.yaml");
	} else {
		rc = EXIT_FAILED;
	}
	fclose(in);
	return rc;
}

static int run(char *const argv[])
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int pack(const struct bundle *bundle)
{
	char part[PATH_MAX + 8];
	char *tar[] = {"tar",  "--create", "--gzip",  "--file", part,
		       "--directory", (char *)bundle->directory, (char *)bundle->name, NULL};

	snprintf(part, sizeof(part), "%s.part", bundle->output);
	if (run(tar) == 0 && rename(part, bundle->output) == 0)
		return EXIT_OK;
	complain("%s cannot be made: tar failed", bundle->output);
	unlink(part);
	return EXIT_FAILED;
}

static int begin(struct bundle *bundle, const char *output)
{
	const char *temporary = getenv("TMPDIR");
	char inner[PATH_MAX + 128];
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(bundle->name, sizeof(bundle->name), "amphora-%Y-%m-%d-%H%M%S", &local);
	if (output)
		snprintf(bundle->output, sizeof(bundle->output), "%s", output);
	else
		snprintf(bundle->output, sizeof(bundle->output), "%s.tar.gz", bundle->name);
	if (access(bundle->output, F_OK) == 0) {
		complain("%s is there already", bundle->output);
		return EXIT_FAILED;
	}
	snprintf(bundle->directory, sizeof(bundle->directory), "%s/amphora-bundle-XXXXXX",
		 temporary && temporary[0] ? temporary : "/tmp");
	if (!mkdtemp(bundle->directory)) {
		complain("%s: %s", bundle->directory, strerror(errno));
		bundle->directory[0] = '\0';
		return EXIT_FAILED;
	}
	snprintf(inner, sizeof(inner), "%s/%s", bundle->directory, bundle->name);
	return mkdir(inner, 0700) == 0 ? EXIT_OK : EXIT_FAILED;
}

static int fill(struct cli *cli, const struct bundle *bundle, const char *config)
{
	int rc = add_about(bundle);

	for (size_t i = 0; rc == EXIT_OK && i < ARRAY_LENGTH(PARTS); i++)
		rc = add_part(cli, bundle, &PARTS[i]);
	if (rc == EXIT_OK)
		rc = add_machine(bundle);
	if (rc == EXIT_OK && config)
		rc = add_config(bundle, config);
	return rc;
}

static void show(const struct cli *cli, const struct bundle *bundle)
{
	json_t *done = json_pack("{s:s}", "file", bundle->output);

	if (cli->format == FORMAT_JSON)
		json_show(stdout, done);
	else
		printf("%s is written; look into it before you send it\n", bundle->output);
	json_decref(done);
}

int command_bundle(struct cli *cli, int argc, char **argv)
{
	const char *output = NULL, *config = NULL;
	struct bundle bundle = {0};
	int rc;

	if (take_option(&argc, argv, "--output", &output) < 0 ||
	    take_option(&argc, argv, "--config", &config) < 0 || !words_fit(argc, argv, 0, 0))
		return usage(cli);
	rc = begin(&bundle, output);
	if (rc == EXIT_OK)
		rc = fill(cli, &bundle, config);
	if (rc == EXIT_OK)
		rc = pack(&bundle);
	if (bundle.directory[0]) {
		char *remove[] = {"rm", "-rf", "--", bundle.directory, NULL};

		(void)!run(remove);
	}
	if (rc == EXIT_OK)
		show(cli, &bundle);
	return rc;
}
