#!/usr/bin/env python3
"""A collector as people write one: paho-mqtt, one INSERT and one commit for each message.

    python_collector.py PORT sqlite FILE [PRAGMA...]
    python_collector.py PORT mariadb SOCKET PASSWORD-FILE

The peer of `bench/run whole`. It decides nothing, checks nothing and knows of no
double; paho acknowledges a message when on_message has returned, so after the
commit. Needs Debian's python3-paho-mqtt, and python3-pymysql for MariaDB.
"""

import datetime
import json
import pathlib
import sqlite3
import sys

import paho.mqtt.client as mqtt

COLUMNS = "(ts, node, soc, temp, measured)"


class Sqlite:
    def __init__(self, path, *pragmas):
        self.connection = sqlite3.connect(path)
        for pragma in pragmas:
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(
            "CREATE TABLE peer_data (id INTEGER PRIMARY KEY AUTOINCREMENT, ts TEXT NOT NULL,"
            " node TEXT NOT NULL, soc REAL NOT NULL, temp REAL NOT NULL, measured INTEGER)")
        self.connection.execute("CREATE INDEX peer_data_node ON peer_data (node, ts)")
        self.connection.commit()

    def insert(self, row):
        self.connection.execute(f"INSERT INTO peer_data {COLUMNS} VALUES (?, ?, ?, ?, ?)", row)
        self.connection.commit()


class MariaDb:
    """Its table is made by who starts the server."""

    def __init__(self, socket, password_file):
        import pymysql
        self.connection = pymysql.connect(
            unix_socket=socket, user="peer", database="peers",
            password=pathlib.Path(password_file).read_text().strip())

    def insert(self, row):
        with self.connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO peer_data {COLUMNS} VALUES (%s, %s, %s, %s, %s)", row)
        self.connection.commit()


def on_connect(client, store, flags, code):
    client.subscribe("amphora/+/battery", qos=1)


def on_subscribe(client, store, message_id, granted):
    print("ready", flush=True)


def on_message(client, store, message):
    reading = json.loads(message.payload)
    now = datetime.datetime.now(datetime.timezone.utc)
    store.insert((now.strftime("%Y-%m-%d %H:%M:%S.%f"), reading["node"], reading["SoC"],
                  reading["Temp"], reading["ts"]))


def main():
    port, kind, *arguments = sys.argv[1:]
    store = {"sqlite": Sqlite, "mariadb": MariaDb}[kind](*arguments)
    client = mqtt.Client(client_id="python-collector", userdata=store)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect("127.0.0.1", int(port))
    client.loop_forever()


if __name__ == "__main__":
    main()
