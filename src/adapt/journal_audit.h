/* What the journal's file needs for rows of who asked for what; part of journal. */
#pragma once

#include <sqlite3.h>

#include "base/result.h"

/*
 * Gives `db` the function login_name(uid): the name of a user of this machine, NULL where there
 * is none or it has an odd one. It reads /etc/passwd alone, on the journal's thread: a directory
 * server that does not answer must keep nobody waiting. Returns an SQLite result.
 */
int journal_audit_functions(sqlite3 *db) MUST_CHECK;
