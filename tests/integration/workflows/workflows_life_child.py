"""Takes one contract through a change and to its end in a process that may be killed at a named point."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import test_workflows_amend as changes
from trial_settings import trial_settings
from workflows_desk import PATIENCE_SECONDS, anchor_all, kinds_of, reloaded
from workflows_life import ending, formed, later, newest_status, told

from api.house import open_house
from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows import amend, expire, settle
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office

ORDER_NO = "BG-KILLED"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(module: object, name: str) -> None:
    """Die when a call of ``module.name`` has returned."""
    real = getattr(module, name)

    def call(*arguments: object, **named: object) -> object:
        real(*arguments, **named)
        die()

    setattr(module, name, call)


POINTS: dict[str, Callable[[], None]] = {
    "change begun, no paper": lambda: after(amend, "begin_change"),
    "paper drafted, not linked": lambda: after(amend, "draft_agreement"),
    "change closed, not committed": lambda: after(settle, "close_change"),
    "change settled": lambda: after(settle, "settle_changes"),
    "reminded, not committed": lambda: after(expire, "_reminder"),
    "term over, not committed": lambda: after(expire, "_end_or_continue"),
}


def live(office: Office, main_file: Path) -> dict[str, object]:
    """Take the contract from wherever it stands to the end of its term."""
    number = _main(office, main_file)
    asked = changes.request(office, ChangeTrigger.RENAME)
    change = amend.begin_change(office, number, ChangeTrigger.RENAME, asked, order_no=ORDER_NO, by="desk")
    if change.state == "open":
        terms = changes.paper(
            "supplement", number, trigger=ChangeTrigger.RENAME, change_order_no=change.order_no
        )
        paper = amend.draft_follower(office, number, terms, order_no=ORDER_NO, by="drafter")
        if paper.state is AgreementState.DRAFT:
            formed(office, paper.number)
    settle.settle_changes(office)
    expire.remind_of_expiry(office)
    expire.expire_when_due(later(office, days=40))
    anchor_all(office)
    with office.work() as work:
        standing = work.life.changes_of(number)
        span = work.life.find_span(number)
    return {
        "state": reloaded(office, number).state.value,
        "leaves": [kind.value for kind in kinds_of(office, number)],
        "changes": [(one.state, one.follower == f"{number}(B1)") for one in standing],
        "newest": newest_status(office, number)["status"],
        "renewals": None if span is None else span.renewals,
        "reminders": len(told(office, ProcessEventKind.EXPIRING, number)),
        "findings": [finding.en for finding in check_everything(office).findings],
    }


def _main(office: Office, main_file: Path) -> str:
    if not main_file.exists():
        main_file.write_text(ending(office, 30))
    return main_file.read_text()


def main(data_dir: Path, point: str | None) -> None:
    faulthandler.dump_traceback_later(2 * PATIENCE_SECONDS, exit=True)
    if point is not None:
        POINTS[point]()
    with open_house(trial_settings(data_dir)) as house:
        facts = live(house.office, data_dir.with_name("main.txt"))
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
