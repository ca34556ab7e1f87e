"""A group's sheet on a real house: deeds from upload to offer, and renderers in this process."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

from group_sheets import GROUP_NAME, common_terms, sheet

from api.process_drawers import drawn
from contracts_chain.workflows.group_import import check_file, confirm, open_group, receive_file
from contracts_chain.workflows.group_ports import DrawnTask, DrawTask, ImportFile, SetFile
from contracts_chain.workflows.group_set import approve_set, carry_on, offer_set, the_set
from contracts_chain.workflows.office import Office


class DrawersHere:
    """Draws in this process, one after the other; remembers what it drew."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def draw(self, tasks: Iterable[DrawTask]) -> Iterator[DrawnTask]:
        for task in tasks:
            self.rows.append(task.row)
            yield drawn(task)


def always() -> bool:
    return True


def uploaded(office: Office, group_no: str, rows: Iterable[Mapping[str, str]], **form: str) -> ImportFile:
    """Open the group if it is new, upload the rows, look at them."""
    with office.work() as work:
        known = work.groups.find_account(group_no)
    if known is None:
        open_group(office, group_no, GROUP_NAME, common_terms(), by="drafter")
    content = io.BytesIO(sheet(rows, **form))  # type: ignore[arg-type]
    return check_file(office, receive_file(office, group_no, "sites.csv", content, by="drafter").id)


def planned(office: Office, group_no: str, rows: Iterable[Mapping[str, str]]) -> SetFile:
    return confirm(office, uploaded(office, group_no, rows).id, by="drafter")


def drafted(office: Office, group_no: str, rows: Iterable[Mapping[str, str]]) -> SetFile:
    made = planned(office, group_no, rows)
    carry_on(office, DrawersHere(), made.id, go_on=always)
    return the_set(office, made.id)


def approved(office: Office, made: SetFile) -> SetFile:
    assert made.root is not None
    approve_set(office, made.id, reviewer="reviewer", seen_root=made.root.hex())
    carry_on(office, DrawersHere(), made.id, go_on=always)
    return the_set(office, made.id)


def offered(office: Office, made: SetFile) -> SetFile:
    offer_set(office, made.id, by="supplier-desk")
    carry_on(office, DrawersHere(), made.id, go_on=always)
    return the_set(office, made.id)
