"""The server held against the journal: every table that both have, row by row, value by value."""

from harness import sqlite_rows

# The server's tables and what of the journal they are made from.
TABLES = {"battery_data": "battery_data", "rele_data": "rele_data", "decision_data": "decision",
          "alert_data": "alert", "parameter_data": "setting_log", "meter_data": "meter_data"}
TIMES = {"ts": "ts_ms", "measured": "measured_ms", "raised": "nullif(raised_ms, 0)",
         "cleared": "nullif(cleared_ms, 0)"}
MS = "CAST(ROUND(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {0}) / 1000) AS SIGNED)"
# What the server says in its own words, in the journal's.
MADE = {"ts_trusted": "(flags & 2) = 0", "acts": "(flags & 1) = 0"}
MADE_READING = {"quality": "CASE quality WHEN 4 THEN 'good' WHEN 3 THEN 'suspect' WHEN 2 THEN 'frozen' "
                           "WHEN 1 THEN 'assumed' ELSE 'missing' END"}
OWN = {"collector", "epoch"}
BATCH = 20000


def columns_of(journal, database, table):
    """[(the journal's expression, the server's)] of what both have."""
    ours = {row[1] for row in sqlite_rows(journal, f"PRAGMA table_info({TABLES[table]})")}
    names = [row[0] for row in database.sql(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'amphora' "
        f"AND table_name = '{table}' ORDER BY ordinal_position")]
    made = MADE | (MADE_READING if table in ("battery_data", "meter_data") else {})
    for name in names:
        if name in made:
            yield made[name], f"`{name}`"
        elif name in TIMES:
            yield TIMES[name], MS.format(name)
        elif name in ours and name not in OWN:
            yield name, f"`{name}`"


def is_same(ours, theirs):
    """Whether a value of SQLite and the text of one of MariaDB are equal; floats bit for bit."""
    if ours is None:
        return theirs == "NULL"
    if isinstance(ours, (int, float)):
        return theirs != "NULL" and ours == type(ours)(theirs)
    return ours == theirs


def differences(stage):
    """Sentences for people; none where all is equal and nothing was refused."""
    for table in TABLES:
        yield from table_differences(stage.daemon.store, stage.database, table)
    refused = int(stage.database.sql("SELECT COUNT(*) FROM dead_letter")[0][0])
    if refused:
        yield f"{refused} rows were refused at the server"


def table_differences(journal, database, table):
    columns = list(columns_of(journal, database, table))
    source = TABLES[table]
    collector, epoch = (sqlite_rows(journal, f"SELECT value FROM meta WHERE name = '{name}'")[0][0]
                        for name in ("collector", "epoch"))
    whose = f"collector = '{collector}' AND epoch = {epoch}"  # as the key begins
    count = sqlite_rows(journal, f"SELECT count(*) FROM {source}")[0][0]
    theirs = int(database.sql(f"SELECT COUNT(*) FROM {table} WHERE {whose}")[0][0])
    if theirs != count:
        yield f"{table}: {count} rows in the journal, {theirs} at the server"
        return
    wrong = 0
    last = sqlite_rows(journal, f"SELECT ifnull(max(row), 0) FROM {source}")[0][0]
    for after in range(0, last, BATCH):
        those = f"`row` > {after} AND `row` <= {after + BATCH}"
        ours = sqlite_rows(journal, f"SELECT {', '.join(our for our, _ in columns)} FROM {source} "
                                    f"WHERE {those} ORDER BY row")
        rows = database.sql(f"SELECT {', '.join(their for _, their in columns)} FROM {table} "
                            f"WHERE {whose} AND {those} ORDER BY `row`")
        wrong += abs(len(ours) - len(rows))
        for our_row, their_row in zip(ours, rows):
            wrong += not all(map(is_same, our_row, their_row))
    if wrong:
        yield f"{table}: {wrong} of {count} rows differ between journal and server"
