"""A signer who reads everything: the steps before the will, as a phone would take them."""

from __future__ import annotations

from collections.abc import Callable

from contracts_chain.workflows.ceremony import begin, consent, open_link
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.reading import confirm_clause, serve_clause, serve_text

__all__ = ["prepare_to_sign", "read_clauses", "read_everything"]


def read_clauses(office: Office, token: str, wait: Callable[[int], None]) -> None:
    """Every conspicuous clause, one after the other; ``wait`` lets the seconds pass."""
    for position in open_link(office, token).progress.clauses_due:
        wait(serve_clause(office, token, position).seconds_left)
        confirm_clause(office, token, position)


def read_everything(office: Office, token: str, wait: Callable[[int], None]) -> None:
    """Start, the whole text, every clause."""
    begin(office, token)
    serve_text(office, token)
    read_clauses(office, token, wait)


def prepare_to_sign(office: Office, token: str, wait: Callable[[int], None]) -> None:
    """Everything up to the consent, with a typed name."""
    read_everything(office, token, wait)
    choose_mark(office, token, TypedMark(name=open_link(office, token).signer_name))
    consent(office, token)
