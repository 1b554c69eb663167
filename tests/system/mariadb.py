"""Forwarding to a real MariaDB: the tables, the rows, and a server that comes and goes."""

import re

from harness import Amphorad, MariaDb, Mosquitto, Suite, equal, free_port, wait_until
from server_scene import (TABLES, Middle, assert_stores_are_equal, await_subscription, config,
                          count_of, forwarded, migrate, publish, ready_database, server_state,
                          store_config, stored, wait_for_rows)

suite = Suite("mariadb")

@suite.test
def migrate_makes_the_tables_and_doing_it_again_changes_nothing(env):
    env.program("amphora")
    database = MariaDb(env)
    code, out, _ = migrate(env, database, "--grant-to", "amphora")
    equal(code, 0)
    assert "made battery_data and rele_data" in out, out
    before = database.sql("SELECT table_name, create_time FROM information_schema.tables "
                          "WHERE table_schema = 'amphora' ORDER BY 1")
    code, out, _ = migrate(env, database)
    equal((code, out.splitlines()[0]), (0, "the tables are up to date"))
    equal(database.sql("SELECT table_name, create_time FROM information_schema.tables "
                       "WHERE table_schema = 'amphora' ORDER BY 1"), before)


@suite.test
def migrate_takes_the_server_and_the_daemons_user_from_the_configuration(env):
    env.program("amphora")
    database = MariaDb(env)
    daemon = Amphorad(env, {"store": store_config(database)}, is_started=False)
    code, out, error = env.run("amphora", "db", "migrate", "--config", daemon.config,
                               "--user", "admin", "--password-file", database.admin_password_file)
    equal(code, 0, error)
    grants = " ".join(row[0] for row in database.sql("SHOW GRANTS FOR amphora@localhost"))
    assert "SELECT, INSERT ON `amphora`.`battery_data`" in grants, grants
    for right in ("ALL", "UPDATE", "DELETE", "CREATE", "DROP"):
        assert right not in grants, grants


@suite.test
def migrate_says_what_is_wrong_with_how_it_is_called(env):
    env.program("amphora")
    database = MariaDb(env)
    wrong = env.write("wrong.password", "wrong", 0o600)
    for arguments, expected, words in (
            (["--password-file", wrong], 1, "Access denied"),
            (["--password-file", env.path("nothing")], 1, "nothing"),
            (["--grant-to", "nobody"], 1, "'nobody'@'localhost'"),
            (["--port", "99999"], 2, "--port"),
            (["--host", "localhost"], 2, "not both"),
            (["--config", env.path("nothing.yaml")], 1, "nothing.yaml"),
            (["--frobnicate"], 2, "--frobnicate")):
        code, _, error = env.run("amphora", "db", "migrate", *arguments, "--db-socket",
                                 database.socket, "--database", "amphora", "--user", "admin",
                                 *([] if "--password-file" in arguments else
                                   ["--password-file", database.admin_password_file]))
        equal(code, expected, f"{arguments}: {error}")
        assert words in error, f"{arguments}: {error}"


@suite.test
def migrate_refuses_tables_of_a_newer_version(env):
    env.program("amphora")
    database = ready_database(env)
    database.sql("INSERT INTO amphora.schema_version VALUES (999, NOW())")
    code, _, error = migrate(env, database)
    equal(code, 1)
    assert "999" in error, error


@suite.test
def rows_are_in_both_stores_and_equal(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 500)
    broker.publish("amphora/b1/battery", {
        "node": "b1", "SoC": 55.2, "Temp": 24.1, "TempMax": 24.30000000000001, "V": 52.1, "A": -3.3,
        "W": -171.93, "SoH": 97.5, "cells": [3.301, 3.302], "interval": 5, "seq": 500,
        "ts": "2026-03-29T02:10:00.123Z"})
    wait_for_rows(daemon, database, 501)
    equal(daemon.stop(), 0)
    assert_stores_are_equal(daemon, database)


@suite.test
def an_hour_that_the_servers_zone_skips_is_stored_as_it_is(env):
    broker = Mosquitto(env)
    database = ready_database(env, environment={"TZ": "Europe/Rome"})
    zones = {"TZ": "America/Los_Angeles"}
    daemon = Amphorad(env, config(broker, store_config(database)), environment=zones)
    await_subscription(broker)
    broker.publish("amphora/b1/battery",
                   {"node": "b1", "SoC": 55, "Temp": 24, "ts": "2026-03-29T02:10:00Z"})
    wait_for_rows(daemon, database, 1)
    equal(database.sql("SELECT measured FROM battery_data"), [["2026-03-29 02:10:00.000"]])
    assert_stores_are_equal(daemon, database)


@suite.test
def rows_of_the_time_before_the_server_came_are_forwarded(env):
    broker, database = Mosquitto(env), ready_database(env)
    database.stop()
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 300)
    wait_until(lambda: stored(daemon) == 300, "the rows in the journal")
    wait_until(lambda: server_state(daemon)["connected"] is False
               and server_state(daemon)["unsent_rows"] >= 300, "the backlog in the state")
    database.start()
    wait_for_rows(daemon, database, 300)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_server_that_is_killed_and_comes_back_has_each_row_once(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 400)
    database.kill()
    publish(broker, 400, first=400)
    database.start()
    publish(broker, 400, first=800)
    wait_for_rows(daemon, database, 1200)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_daemon_that_is_killed_goes_on_where_the_server_is(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    for turn in range(3):
        publish(broker, 300, first=300 * turn)
        daemon.kill()
        daemon.start()
    wait_until(lambda: stored(daemon) >= 900, "the rows in the journal")
    wait_for_rows(daemon, database, 900)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_shutdown_says_what_is_still_unsent(env):
    broker, database = Mosquitto(env), ready_database(env)
    database.stop()
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 50)
    wait_until(lambda: stored(daemon) == 50, "the rows in the journal")
    equal(daemon.stop(), 0)
    unsent = re.search(r"(\d+) rows are not at the server", daemon.said())
    assert unsent and int(unsent[1]) == sum(count_of(daemon, table) for table in TABLES), \
        daemon.said()


class Liar(Middle):
    """Changes words of the same length on the way."""

    def __init__(self, env, database, word, replacement):
        assert len(word) == len(replacement)
        self.word, self.replacement = word, replacement
        super().__init__(env, database)

    def pass_on(self, data, is_from_daemon, connection):
        return data.replace(self.word, self.replacement)


def assert_refused_by_name(env, word, replacement, name):
    """The daemon must not send a row through a server (or proxy) that keeps another session."""
    broker, database = Mosquitto(env), ready_database(env)
    liar = Liar(env, database, word, replacement)
    store = store_config(database, socket=str(liar.path))
    daemon = Amphorad(env, config(broker, store))
    publish(broker, 5)
    wait_until(lambda: name in (server_state(daemon)["detail"] or ""), f"{name} in the state")
    wait_until(lambda: stored(daemon) == 5, "the rows in the journal")
    equal(server_state(daemon)["connected"], False)
    equal(forwarded(database), 0)


@suite.test
def a_server_without_strict_mode_is_refused_by_name(env):
    assert_refused_by_name(env, b"STRICT_ALL_TABLES", b"IGNORE_SPACE,ANSI", "sql_mode")


@suite.test
def a_server_that_keeps_another_time_zone_is_refused_by_name(env):
    assert_refused_by_name(env, b"time_zone = '+00:00'", b"time_zone = '+01:00'", "time_zone")


def certificates(env):
    """A certificate authority and a server's certificate for localhost."""
    def openssl(*arguments):
        code, _, error = env.run("openssl", *arguments)
        equal(code, 0, error)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", "/CN=test CA",
            "-keyout", env.path("ca.key"), "-out", env.path("ca.pem"))
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
            "-keyout", env.path("server.key"), "-out", env.path("server.csr"))
    names = env.write("names", "subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", env.path("server.csr"), "-CA", env.path("ca.pem"),
            "-CAkey", env.path("ca.key"), "-CAcreateserial", "-days", 2, "-extfile", names,
            "-out", env.path("server.pem"))


def over_tcp(env, *options):
    """A server that also listens on a loopback port."""
    port = free_port()
    database = ready_database(env, extra=["--skip-networking=0", "--bind-address=127.0.0.1",
                                          f"--port={port}", *options])
    return database, port


def tcp_store(database, port, **more):
    return {"server": {"host": "localhost", "port": port, "user": "amphora",
                       "password_file": str(database.password_file), **more}}


@suite.test
def a_server_is_reached_over_tls_when_its_certificate_is_trusted(env):
    certificates(env)
    database, port = over_tcp(env, f"--ssl-cert={env.path('server.pem')}",
                              f"--ssl-key={env.path('server.key')}", "--require-secure-transport")
    broker = Mosquitto(env)
    daemon = Amphorad(env, config(broker, tcp_store(database, port, tls="required",
                                                    tls_ca=str(env.path("ca.pem")))))
    publish(broker, 20)
    wait_for_rows(daemon, database, 20)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_server_with_an_unknown_certificate_or_without_one_gets_nothing(env):
    certificates(env)
    for options, words in (([f"--ssl-cert={env.path('server.pem')}",
                             f"--ssl-key={env.path('server.key')}"], "ertificate"),
                           ([], "SSL")):
        database, port = over_tcp(env, *options)
        broker = Mosquitto(env)
        daemon = Amphorad(env, config(broker, tcp_store(database, port, tls="required")))
        publish(broker, 5)
        wait_until(lambda: words in (server_state(daemon)["detail"] or ""), f"'{words}' in the state")
        equal(forwarded(database), 0)
        daemon.stop()
        broker.stop()
        database.stop()
        database.forget()


suite.run()
