"""Where one order's life is ended by SIGKILL: the states it passes, and the gaps between a deed and its note.

The points of a stage stand in the order of the life, so that one order can be killed at each in
turn. A point that is never reached kills nobody, and the test says so.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from api.activation_client import HttpActivation
from api.file_cross_anchor import FilePlace
from api.http_identity_provider import HttpIdentityProvider
from api.http_witnesses import HttpWitnesses
from contracts_chain.workflows import (
    anchor,
    ceremony,
    cross_anchor,
    draft,
    issue_invoice,
    mark,
    offer,
    reading,
    review,
    sign,
    status,
    transactions,
    will,
)
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office

__all__ = ["STAGES", "after", "before", "die", "point_named"]

Points = dict[str, Callable[[], None]]


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(module: object, name: str, *, when: Callable[..., bool] = lambda *_: True) -> None:
    """Die as soon as a call of ``module.name`` that ``when`` accepts has returned."""
    real = getattr(module, name)

    def call(*arguments: object, **named: object) -> object:
        answer = real(*arguments, **named)
        if when(*arguments):
            die()
        return answer

    setattr(module, name, call)


def before(module: object, name: str, *, when: Callable[..., bool] = lambda *_: True) -> None:
    """Die instead of a call of ``module.name`` that ``when`` accepts."""
    real = getattr(module, name)

    def call(*arguments: object, **named: object) -> object:
        if when(*arguments):
            die()
        return real(*arguments, **named)

    setattr(module, name, call)


def _field(name: str) -> Callable[..., bool]:
    return lambda office, dossier, slot, *_: slot.field == name


def _second(office: Office, dossier: AgreementDossier) -> bool:
    return sum(slot.signed for slot in dossier.slots) == 1


def _moved(kind: str, state: str) -> Callable[..., bool]:
    return lambda office, course, moved, *_: (moved.kind, moved.state) == (kind, state)


def _carried(kind: str, state: str) -> Callable[..., bool]:
    return lambda office, transaction, course: (transaction.kind, transaction.state) == (kind, state)


def _is_cosigned(office: Office) -> bool:
    with office.work() as work:
        newest = work.checkpoints.newest()
    return newest is not None and newest.state == "cosigned"


def _on_the_way(kind: str) -> Points:
    """Every state of one kind of transaction, and every gap between an act and its note."""
    return {
        f"{kind} signed": lambda: before(anchor, "carry", when=_carried(kind, "signed")),
        f"{kind} submitted, not noted": lambda: before(transactions, "_keep", when=_moved(kind, "sent")),
        f"{kind} sent": lambda: after(transactions, "_keep", when=_moved(kind, "sent")),
        f"{kind} mined": lambda: after(transactions, "_keep", when=_moved(kind, "mined")),
        f"{kind} captured, not stored": lambda: before(transactions, "_keep", when=_moved(kind, "final")),
        f"{kind} final": lambda: after(transactions, "_keep", when=_moved(kind, "final")),
    }


STAGES: dict[str, Points] = {
    "until the text is read": {
        "number taken, no PDF yet": lambda: before(draft, "draw_up"),
        "submitted": lambda: after(review, "submit_for_review"),
        "approved": lambda: after(review, "approve"),
        "offered, links not told": lambda: after(offer, "offer"),
        "check intended, provider not asked": lambda: before(HttpIdentityProvider, "start"),
        "check begun, not stored": lambda: after(HttpIdentityProvider, "start"),
        "attested, not enrolled": lambda: before(HttpActivation, "enrol"),
        "enrolled, not recorded": lambda: after(HttpActivation, "enrol"),
        "identified, nothing read": lambda: before(reading, "_note_served"),
        "text served, no clause": lambda: before(reading, "_note_clause_served"),
        "clause served, not confirmed": lambda: before(reading, "_note_clause_confirmed"),
        "clause confirmed, not stored": lambda: after(reading, "_note_clause_confirmed"),
        "mark kept, not noted": lambda: after(mark, "encode_mark"),
        "consented, not stored": lambda: after(ceremony, "note_consent"),
    },
    "until it is executed": {
        "code asked for, not sent": lambda: after(will, "_asked"),
        "code sent, not noted": lambda: after(HttpActivation, "send_code"),
        "released, not noticed": lambda: after(HttpActivation, "release"),
        "release noticed, not stored": lambda: before(will, "_settle_set"),
        "will confirmed, nothing intended": lambda: before(ceremony, "finish"),
        "signed apart, not re-checked": lambda: after(HttpActivation, "sign"),
        "signature committed": lambda: after(sign, "_commit", when=_field("ConsumerPerson")),
        "intent committed": lambda: before(sign, "_current", when=_second),
        "signed, not committed": lambda: before(sign, "_commit", when=_field("ConsumerSeal")),
        "party done, ceremony open": lambda: after(sign, "_commit", when=_field("ConsumerSeal")),
        "seal's number taken, nothing sealed": lambda: before(sign, "sign_own_seal"),
        "own seal made, not committed": lambda: after(sign, "sign_own_seal"),
        "executed": lambda: after(sign, "_commit", when=_field("SupplierSeal")),
    },
    "until it is anchored": {
        "checkpoint closed": lambda: after(anchor, "close_checkpoint"),
        "cosigned by witnesses, not stored": lambda: after(HttpWitnesses, "cosign"),
        "checkpoint cosigned": lambda: before(anchor, "_sign_next", when=_is_cosigned),
        **_on_the_way("anchor"),
    },
    "until it is billed and suspended": {
        "invoice opened": lambda: before(issue_invoice, "_numbered"),
        "invoice numbered": lambda: before(issue_invoice, "_finish"),
        "invoice files stored, not recorded": lambda: before(issue_invoice, "append_record"),
        "status deed done": lambda: after(status, "change_status"),
        **_on_the_way("status"),
    },
    "until it is renewed and deposited": {
        **_on_the_way("twin"),
        "header intended": lambda: before(cross_anchor, "_deposited"),
        "header stamped, not stored": lambda: after(cross_anchor.TsaPlace, "deposit"),
        "header in the file, not stored": lambda: after(FilePlace, "deposit"),
        "header deposited": lambda: after(cross_anchor, "_deposited"),
    },
}


def point_named(name: str) -> Callable[[], None]:
    """What makes a process die at a point."""
    return next(points[name] for points in STAGES.values() if name in points)
