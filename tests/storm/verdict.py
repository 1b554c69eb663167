"""What the checker asserts when a storm is over; docs/safety.md says what that shows.

(a) what was acknowledged is stored, or refused and counted   (b) once, and was sent
(c) with its values                                           (d) no relay was unsafe
(e) each decision can be made again from the journal, and rested on a fresh, good reading
(g) the server has what the journal has
"""

import dataclasses

import compare
from ledger import Balance, journal_keys
from stage import STALE_AFTER_S

MOVING = ("charge", "discharge")


@dataclasses.dataclass
class Outcome:
    """One storm's figures; `problems` says in words what is wrong."""
    name: str
    kills: int = 0
    sent: int = 0
    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    unsafe: int = 0
    operations: int = 0
    note: str = ""
    problems: list = dataclasses.field(default_factory=list)

    def count(self, balance):
        self.sent += balance.sent
        self.acknowledged += balance.acknowledged
        self.stored += balance.stored
        self.lost += len(balance.lost)
        self.doubled += len(balance.doubled)
        self.problems += balance.problems()


def judge(outcome, stage):
    """Adds what this stage, whose daemon has stopped, shows."""
    outcome.kills += len(stage.kills)
    outcome.count(Balance(stage.ledger, journal_keys(stage.daemon.store)))
    outcome.problems += unsent(stage)
    account = stage.account()
    outcome.unsafe += account["unsafe"]
    if account["unsafe"]:
        outcome.problems.append(f"{account['unsafe']} times a relay was closed that must be open")
    outcome.problems += stale_decisions(stage)
    outcome.problems += replay(stage)
    if stage.database:
        outcome.problems += compare.differences(stage)
    return outcome


def unsent(stage):
    """What reached the broker and never came: nothing, once the daemon had the time."""
    missing = stage.ledger.copies.keys() - journal_keys(stage.daemon.store).keys()
    missing -= stage.ledger.acknowledged.keys()  # those are counted as lost
    if missing:
        yield f"{len(missing)} were sent and did not arrive, such as {min(missing, key=str)}"


def stale_decisions(stage):
    """(e), the freshness: no decision to close a path rests on an old or doubtful reading."""
    rows = stage.daemon.rows("decision", "id, intent, quality, age_ms, soc_pct, temp_c",
                             "intent IN ('charge', 'discharge')")
    sent = {(key[2], key[3]) for key in stage.ledger.copies if key[0] == "reading"}
    for number, intent, quality, age_ms, soc, temp in rows:
        if quality != "good" or age_ms > STALE_AFTER_S * 1000:
            yield f"decision {number} to {intent} rests on a {quality} reading of {age_ms} ms ago"
        elif (soc, temp) not in sent:
            yield f"decision {number} to {intent} rests on {soc} % and {temp} °C, which nobody sent"


def replay(stage):
    """(e), the explanation: the core decides the same again on what the journal says it was given."""
    code, out, error = stage.daemon.cli("replay", "--journal", stage.daemon.store, timeout=120)
    count = stage.daemon.rows("decision", "count(*)")[0][0]
    last = out.strip().splitlines()[-1] if out.strip() else ""
    if code != 0 or last != f"{count} decisions, {count} identical":
        yield f"amphora replay of {count} decisions: {last} {error.strip()[:300]} (exit {code})"
