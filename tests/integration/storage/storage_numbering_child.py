"""Takes numbers in several processes at once: ``storage_numbering_child.py URL JOBS``.

``JOBS`` is JSON: ``[[name, count, moment, die_at], …]``. Each job is a process of its own (forked
when everything is imported) that stores ``count`` drafts numbered at ``moment`` (ISO 8601), or is
killed (SIGKILL) between taking its ``die_at``-th number and committing it; 0 means it lives.
Prints ``name number`` for every number committed; fails unless every job ended as it should.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from datetime import datetime

from dossiers import a_dossier

from contracts_chain.storage.engine import open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.numbers import main_numbers
from contracts_chain.workflows.office import UtilityProfile

UTILITY = UtilityProfile(
    unit="ZJMZ00", department="YX", mark="", stamp_mark="", verify_url="", name="", uscc="", drawer=""
)


def work_off(url: str, name: str, count: int, moment: datetime, die_at: int) -> None:
    engine = open_engine(url)
    for turn in range(1, count + 1):
        with SqlUnitOfWork(engine) as work:
            series = main_numbers(UTILITY, "GY", moment)
            series.hold(work)
            number = series.take(work)
            work.agreements.add(replace(a_dossier(), number=number, order_no=f"{name}-{turn}"))
            if turn == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            work.commit()
        os.write(1, f"{name} {number}\n".encode())


def main(url: str, jobs: list[tuple[str, int, str, int]]) -> None:
    due = {}
    for name, count, moment, die_at in jobs:
        child = os.fork()
        if child == 0:
            work_off(url, name, count, datetime.fromisoformat(moment), die_at)
            os._exit(0)
        due[child] = -signal.SIGKILL if die_at else 0
    for child, code in due.items():
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended != code:
            sys.exit(f"a job ended with {ended}, due is {code}")


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
