"""A process of its own that takes records in or brings them into order, until it is done or killed.

``python storage_log_child.py URL intake NAME COUNT`` appends chained records to three shared
subjects; ``... sequence`` sequences by sevens for ever; ``... stop-at STEP`` sequences once and
stands still inside the transaction, at the step named, until it is killed.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

from contracts_chain.evidence.record import RecordKind
from contracts_chain.storage.engine import open_engine
from contracts_chain.storage.repositories.log import SqlLog
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.chronicle import append_record
from kernel.digests import digests_of

SUBJECTS = ("A", "B", "C")
STEPS = ("leaves moved", "one tree grown", "both trees grown")


def intake(url: str, name: str, count: int) -> None:
    engine = open_engine(url)
    for number in range(count):
        with SqlUnitOfWork(engine) as work:
            append_record(
                work,
                RecordKind.AGREEMENT_SIGNED,
                subject=SUBJECTS[number % len(SUBJECTS)],
                document=digests_of(b"pdf"),
                at=datetime.now(UTC),
                actor=name,
                details={"n": str(number)},
            )
            work.commit()
    engine.dispose()


def sequence(url: str) -> None:
    engine = open_engine(url)
    while True:
        with SqlUnitOfWork(engine) as work:
            print(work.log.sequence_pending(7), flush=True)
            work.commit()


def stop_at(url: str, step: str) -> None:
    grow, grown = SqlLog._grow, []

    def standing_still(self: SqlLog, *arguments: object) -> None:
        if step == STEPS[len(grown)]:
            stand_still()
        grow(self, *arguments)  # type: ignore[arg-type]
        grown.append(step)

    SqlLog._grow = standing_still  # type: ignore[method-assign]
    with SqlUnitOfWork(open_engine(url)) as work:
        work.log.sequence_pending(300)
        stand_still()


def stand_still() -> None:
    print("standing still", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    database, deed, *arguments = sys.argv[1:]
    if deed == "intake":
        intake(database, arguments[0], int(arguments[1]))
    elif deed == "sequence":
        sequence(database)
    else:
        stop_at(database, arguments[0])
