"""Devices of other makes that say something over and over."""

import threading


class Speaking:
    """Publishes `messages` (topic to payload, or to what makes it or speaks by itself) every fifth
    of a second."""

    def __init__(self, broker, messages):
        self.broker, self.messages, self.is_over = broker, messages, threading.Event()
        self.thread = threading.Thread(target=self.speak)

    def speak(self):
        while not self.is_over.wait(0.2):
            for topic, payload in self.messages.items():
                text = payload() if callable(payload) else payload
                if text is not None:
                    self.broker.publish(topic, text)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
