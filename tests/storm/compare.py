"""The server held against the journal: every table that both have, row by row, value by value."""

from harness import sqlite_rows

MAIN = ("battery_data", "rele_data")
# At the server they have their own names and forms; what they are made from is compared.
TIMES = {"ts": "ts_ms", "measured": "measured_ms"}
MS = "CAST(ROUND(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {0}) / 1000) AS SIGNED)"
OWN = {"collector", "epoch", "quality"}
BATCH = 20000


def common_columns(journal, database, table):
    """[(the journal's name, the server's expression)] of what both have."""
    ours = {row[1] for row in sqlite_rows(journal, f"PRAGMA table_info({table})")}
    names = [row[0] for row in database.sql(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'amphora' "
        f"AND table_name = '{table}' ORDER BY ordinal_position")]
    both = [(TIMES.get(name, name), MS.format(name) if name in TIMES else f"`{name}`")
            for name in names if name not in OWN]
    return [(our, their) for our, their in both if our in ours]


def is_same(ours, theirs):
    """Whether a value of SQLite and the text of one of MariaDB are equal; floats bit for bit."""
    if ours is None:
        return theirs == "NULL"
    if isinstance(ours, (int, float)):
        return theirs != "NULL" and ours == type(ours)(theirs)
    return ours == theirs


def differences(stage, tables=MAIN):
    for table in tables:
        yield from table_differences(stage.daemon.store, stage.database, table)


def table_differences(journal, database, table):
    columns = common_columns(journal, database, table)
    epoch = sqlite_rows(journal, "SELECT value FROM meta WHERE name = 'epoch'")[0][0]
    count = sqlite_rows(journal, f"SELECT count(*) FROM {table}")[0][0]
    theirs = int(database.sql(f"SELECT COUNT(*) FROM {table} WHERE epoch = {epoch}")[0][0])
    if theirs != count:
        yield f"{table}: {count} rows in the journal, {theirs} at the server"
        return
    wrong = 0
    for first in range(0, count, BATCH):
        ours = sqlite_rows(journal, f"SELECT {', '.join(our for our, _ in columns)} FROM {table} "
                                    f"ORDER BY row LIMIT {BATCH} OFFSET {first}")
        rows = database.sql(f"SELECT {', '.join(their for _, their in columns)} FROM {table} "
                            f"WHERE epoch = {epoch} ORDER BY `row` LIMIT {BATCH} OFFSET {first}")
        for our_row, their_row in zip(ours, rows):
            wrong += not all(map(is_same, our_row, their_row))
    if wrong:
        yield f"{table}: {wrong} of {count} rows differ between journal and server"
