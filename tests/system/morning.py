"""For tests of what begins anew at midnight: a house in which that is far off."""

import time

HOUR_S = 3600


def morning_zone():
    """A zone in which it is nine o'clock: half a day on it is the same day still."""
    ahead = 9 - int(time.time() // HOUR_S) % 24
    return f"Etc/GMT{-ahead if ahead > -12 else -ahead - 24:+d}"  # its sign is the other way round
