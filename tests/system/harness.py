"""What every system test stands on: real programs in a private directory.

    from harness import Suite, Mosquitto, wait_until

    suite = Suite("mqtt")

    @suite.test
    def readings_are_stored(env):
        broker = Mosquitto(env)
        daemon = Amphorad(env, {"broker": {"host": "127.0.0.1", "port": broker.port}})
        wait_until(lambda: daemon.rows("battery_data"), "a row")

    suite.run()

A test is a function that takes an environment (`env`) and raises when
something is wrong; its name, with spaces, is what is reported. The environment
gives it a directory of its own and ends every program that was started in it,
whatever happens; when the test fails, what these programs said is shown.

Results are TAP on standard output. The programs are taken from the build
directory in argv[1] (default: build/). `NAME.py BUILD -k WORD` runs only tests
with WORD in their name, `--keep` leaves the directories behind.

Nothing sleeps for a fixed time: wait_until() watches for the event, with a
generous deadline that says what was waited for.
"""

from programs import (Amphorad, House, MariaDb, Mosquitto, Relay, Sensor, coap, comma_locale,
                      sqlite_rows, unwritable, yaml_text)  # noqa: F401
from suite import (DEADLINE_S, ROOT, Environment, Process, Skip, Suite, equal, find_program,
                   free_port, free_udp_port, skip, wait_until)  # noqa: F401
