"""What is said on the broker, as whoever subscribed hears it."""

import json
import time

from harness import wait_until


class Listener:
    """All that is said on some topics from now on, as (topic, retained, payload)."""

    def __init__(self, env, broker, *topics, name="listener"):
        self.topics = topics
        identity = f"{name}-{time.monotonic_ns()}"
        arguments = [argument for topic in topics for argument in ("-t", topic)]
        self.process = env.start("mosquitto_sub", "-h", "127.0.0.1", "-p", broker.port, "-q", 1,
                                 "-i", identity, "-F", "%t %r %p", *arguments, name=name)
        broker.process.wait_for(f": {identity} 1 {topics[-1]}")

    def heard(self, topic):
        """Payloads on `topic` with their retained flags, the oldest first."""
        lines = (line.split(" ", 2) for line in self.process.said().splitlines())
        return [(line[1] == "1", line[2] if len(line) > 2 else "")
                for line in lines if line[0] == topic]

    def last(self, topic):
        return json.loads(self.heard(topic)[-1][1])

    def await_state(self, topic, **members):
        """Waits until the last state there has these members; returns it."""
        def is_so():
            state = self.last(topic)
            assert all(state[name] == value for name, value in members.items()), state
            return state
        return wait_until(is_so, f"{members} on {topic}")
