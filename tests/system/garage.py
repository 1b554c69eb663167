"""A garage: one battery, its source and its load relay, a broker and the daemon, on the world's
clock, with the test as the sensor."""

import time

from harness import Amphorad, Mosquitto, Relay, wait_until

SETTINGS = {"charge_below_pct": 30, "charge_until_pct": 80, "discharge_above_pct": 90,
            "discharge_until_pct": 40, "dwell_s": 0, "stale_after_s": 30}


def house(broker, relays, **changes):
    """A house with battery b1 and its relays {name: (role, uri or None)}."""
    config = {
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": "amphora-test"},
        "settings": dict(SETTINGS),
        "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}],
        "relays": [],
    }
    for name, (role, uri) in relays.items():
        relay = {"id": name, "battery": "b1", "role": role}
        if uri:
            relay["uri"] = uri
        config["relays"].append(relay)
    config.update(changes)
    return config


def reading(soc, temp=20.0, **more):
    return {"node": "b1", "SoC": soc, "Temp": temp, **more}


def send(broker, soc, temp=20.0, **more):
    """A reading measured now by a sensor that sends often, so that two are no burst."""
    broker.publish("amphora/b1/battery",
                   reading(soc, temp, ts=int(time.time() * 1000), interval=0.02, **more))


def is_live(daemon):
    """Connected, and what arrives from now on was sent from now on."""
    return daemon.is_live()


def start(env, **changes):
    """Broker, a source and a load relay, the daemon, and two good readings at 20 %."""
    broker = Mosquitto(env)
    source, load = Relay(env, "r1"), Relay(env, "r2")
    daemon = Amphorad(env, house(broker, {"r1": ("source", source.uri), "r2": ("load", load.uri)},
                                 **changes))
    daemon.await_live()
    return broker, source, load, daemon


def send_until(broker, condition, what, soc=20, temp=20.0, timeout=30):
    """Sends readings as a sensor does, five a second, until `condition` holds."""
    def is_there():
        send(broker, soc, temp)
        return condition()
    return wait_until(is_there, what, timeout, every=0.2)


def charge(broker, source, soc=20, temp=20.0, timeout=30):
    send_until(broker, lambda: source.status()["state"] == "on", "the source relay to close", soc,
               temp, timeout)
