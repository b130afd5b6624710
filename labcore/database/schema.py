"""The tables of the lab's database as they are now; `migrations/` has how they came about, a file each change.

JSON stands as text: the lab's own reader checks it, and a loss that is no finite number can be kept.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text

REVISION = "0006"  # of the newest file in migrations/versions

METADATA = MetaData()

# A run: what `labcore.results.run` has of it. spec_key: see labcore.runs.spec_key. tags: a JSON list. deleted: when
# somebody deleted it, which can be undone; NULL if nobody did. owner: whose run it is; NULL if nobody's.
RUNS = Table(
    "runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("spec", Text, nullable=False),
    Column("spec_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("counts", Text),
    Column("result", Text),
    Column("error", Text),
    Column("teacher", Text),
    Column("machine", Text),
    Column("name", Text),
    Column("note", Text),
    Column("tags", Text),
    Column("deleted", Text),
    Column("owner", Text),
)
Index("runs_by_spec", RUNS.c.spec_key)

# An event of a run: JSON, as `labcore.results.events` has it. place: 0 for the first.
EVENTS = Table(
    "events",
    METADATA,
    Column("run", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("event", Text, nullable=False),
)

# A job that waits, in a turn of its owner: see labcore.runs.fair_order. job: a run's id, or own:<id> of a teacher.
# step: its place in the turn. A job that has begun has no row.
QUEUE = Table(
    "queue",
    METADATA,
    Column("turn", BigInteger, primary_key=True, autoincrement=False),
    Column("job", Text, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("owner", Text),
    Column("since", BigInteger, nullable=False),
    Column("front", BigInteger, nullable=False),
)

# Whether the queue is paused, which outlasts a restart: a row `state`.
QUEUE_STATE = Table(
    "queue_state",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# What an owner tells the class, see labcore.owners.profile. nickname: empty for none. An owner without a row: nothing.
OWNERS = Table(
    "owners",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("nickname", Text, nullable=False),
    Column("consent", Text, nullable=False),
    Column("created", Text, nullable=False),
)

# What a person keeps under an id that nobody can guess. content: JSON. changed: the moment of this state, which differs
# from one state to the next; empty for a state of an earlier lab that had none.
ATTEMPTS, JOURNALS = (
    Table(
        name,
        METADATA,
        Column("id", Text, primary_key=True),
        Column("owner", Text),
        Column("content", Text, nullable=False),
        Column("changed", Text, nullable=False),
    )
    for name in ("attempts", "journals")
)

# A data set of your own, by the hash of all that training reads. content: JSON, see labcore.data.own.data_summary.
# removed: when somebody removed it; then the content has its sizes and label names only.
DATA_SETS = Table(
    "data_sets",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("removed", Text),
)

# In whose lists a data set is. owner: empty for nobody, so the host.
DATA_OWNERS = Table(
    "data_owners",
    METADATA,
    Column("data", Text, ForeignKey("data_sets.hash", ondelete="CASCADE"), primary_key=True),
    Column("owner", Text, primary_key=True),
)
