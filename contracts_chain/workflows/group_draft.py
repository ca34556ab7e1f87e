"""Drafts the contracts of a set side by side: numbers in one place, PDFs in several processes.

Rows are numbered a portion at a time, each number in the transaction that stores its
dossier; a PDF is drawn by a renderer that knows nothing but its task; PDFs, trail lines and
rows are kept a portion at a time. Killed at any moment, the next call goes on where this
one was: a numbered row keeps its number, a kept PDF is not drawn again. Must never draw
from anything but the stored terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.ledger.anchor_port import BlockRef
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import keep_drawing, open_draft
from contracts_chain.workflows.group_ports import (
    Drawers,
    DrawnTask,
    DrawTask,
    RowState,
    SetFile,
    SetRow,
    SetState,
)
from contracts_chain.workflows.office import Office
from kernel.errors import ContractsChainError, RejectedError

__all__ = ["draft_set", "order_of"]

_AT_ONCE = 16


def order_of(row: SetRow) -> str:
    """The order number of a row's contract: the key under which it is drafted once."""
    return f"{row.set_id}/{row.row}"


def draft_set(office: Office, drawers: Drawers, made: SetFile, *, go_on: Callable[[], bool]) -> None:
    """Draft what a set still lacks, until nothing is left, it is paused, or it is told to stop.

    Args:
        office: Where numbers, blobs and records are.
        drawers: Renderers.
        made: A set that is drafting.
        go_on: Asked before each portion of rows.

    Raises:
        ChainUnavailableError: No final block can be named now.
        DrawersLostError: The renderers died; call again.
    """
    numbered: dict[int, SetRow] = {}

    def tasks() -> Iterator[DrawTask]:
        after = -1
        while go_on() and (rows := _due(office, made.id, after)):
            after = rows[-1].row
            for row, dossier in _number(office, made, rows):
                numbered[row.row] = row
                yield _task(office, row, dossier)

    drawn = drawers.draw(tasks())
    while portion := list(islice(drawn, _AT_ONCE)):
        _keep(office, made, [(numbered.pop(one.row), one) for one in portion])


def _due(office: Office, set_id: str, after: int) -> Sequence[SetRow]:
    with office.work() as work:
        made = work.groups.find_set(set_id)
        if made is None or made.paused or made.state is not SetState.DRAFTING:
            return ()
        return work.groups.due(set_id, RowState.PLANNED, after=after, limit=_AT_ONCE)


def _number(
    office: Office, made: SetFile, rows: Sequence[SetRow]
) -> Iterator[tuple[SetRow, AgreementDossier]]:
    """Number a portion in one transaction; if one of its rows is refused, each in one of its own."""
    block = office.chain.latest_block()
    try:
        yield from _numbered(office, made, rows, block)
    except RejectedError:
        for row in rows:
            try:
                yield from _numbered(office, made, [row], block)
            except RejectedError as problem:
                _rest(office, row, problem)


def _numbered(
    office: Office, made: SetFile, rows: Sequence[SetRow], block: BlockRef
) -> list[tuple[SetRow, AgreementDossier]]:
    answer = []
    with office.work() as work:
        for row in rows:
            dossier = open_draft(
                office,
                work,
                load_terms(row.terms),
                order_no=order_of(row),
                drafted_by=made.created_by,
                block=block,
            )
            kept = replace(row, number=dossier.number)
            if row.number is None:
                work.groups.save_row(kept)
            answer.append((kept, dossier))
        work.commit()
    return answer


def _task(office: Office, row: SetRow, dossier: AgreementDossier) -> DrawTask:
    return DrawTask(
        row=row.row,
        terms=dossier.terms,
        number=dossier.number,
        not_before=dossier.not_before_hash.hex0x(),
        created_utc=dossier.drafted_utc,
        mark=office.utility.mark,
        verify_url=office.utility.verify_url,
    )


def _keep(office: Office, made: SetFile, portion: Sequence[tuple[SetRow, DrawnTask]]) -> None:
    digests = [None if drawn.failure else office.blobs.put(drawn.pdf) for _, drawn in portion]
    with office.work() as work:
        for (row, drawn), digest in zip(portion, digests, strict=True):
            if drawn.failure is not None:
                failure = drawn.failure
                work.groups.save_row(replace(row, problem=(failure.code, failure.en, failure.zh)))
            elif digest is not None and row.number is not None:
                dossier = keep_drawing(office, work, row.number, digest, drawn.pages, by=made.created_by)
                kept = replace(row, state=RowState.DRAFTED, document_sha256=dossier.current_sha256)
                work.groups.save_row(kept)
        work.commit()


def _rest(office: Office, row: SetRow, problem: ContractsChainError) -> None:
    with office.work() as work:
        work.groups.save_row(replace(row, problem=(problem.code, problem.en, problem.zh)))
        work.commit()
