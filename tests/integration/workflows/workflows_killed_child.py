"""One life of an order in a process of its own, ended by SIGKILL at the named point, or run to its end.

Usage: ``workflows_killed_child.py DATA_DIR ORDER_NO [POINT]``. Every deed is called again
on each start, as a restarted service and its impatient users would. Without a point the
last line of the output is one JSON object with what the house then holds.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from trial_phone import fresh_code, ready_to_sign
from trial_settings import trial_settings
from workflows_desk import (
    anchor_all,
    anchored_sequences,
    drafted,
    kinds_of,
    sample_order,
)
from workflows_life import served_notice

from api.activation_client import HttpActivation
from api.file_cross_anchor import FilePlace
from api.house import House, open_house
from api.http_identity_provider import HttpIdentityProvider
from api.http_witnesses import HttpWitnesses
from api.trial_people import let_seals_be_used
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows import (
    anchor,
    ceremony,
    cross_anchor,
    draft,
    issue_invoice,
    mark,
    reading,
    renew,
    sign,
    status,
    transactions,
    will,
)
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.package_invoice import build_invoice_package
from contracts_chain.workflows.reconcile import reconcile
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.digests import sha256
from kernel.errors import ContractsChainError

PATIENCE_SECONDS = 90.0


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


def _on_the_way(kind: str) -> dict[str, Callable[[], None]]:
    """Every state of one kind of transaction, and every gap between an act and its note."""
    return {
        f"{kind} signed": lambda: before(anchor, "carry", when=_carried(kind, "signed")),
        f"{kind} submitted, not noted": lambda: before(transactions, "_keep", when=_moved(kind, "sent")),
        f"{kind} sent": lambda: after(transactions, "_keep", when=_moved(kind, "sent")),
        f"{kind} mined": lambda: after(transactions, "_keep", when=_moved(kind, "mined")),
        f"{kind} captured, not stored": lambda: before(transactions, "_keep", when=_moved(kind, "final")),
        f"{kind} final": lambda: after(transactions, "_keep", when=_moved(kind, "final")),
    }


POINTS: dict[str, Callable[[], None]] = {
    "number taken, no PDF yet": lambda: before(draft, "draw_up"),
    "identified, nothing read": lambda: before(reading, "_note_served"),
    "text served, no clause": lambda: before(reading, "_note_clause_served"),
    "clause served, not confirmed": lambda: before(reading, "_note_clause_confirmed"),
    "clause confirmed, not stored": lambda: after(reading, "_note_clause_confirmed"),
    "mark kept, not noted": lambda: after(mark, "encode_mark"),
    "consented": lambda: after(ceremony, "note_consent"),
    "code asked for, not sent": lambda: after(will, "_asked"),
    "code sent, not noted": lambda: after(HttpActivation, "send_code"),
    "released, not noticed": lambda: after(HttpActivation, "release"),
    "release noticed, not stored": lambda: before(will, "_settle_set"),
    "will confirmed, nothing intended": lambda: before(ceremony, "finish"),
    "signed apart, not re-checked": lambda: after(HttpActivation, "sign"),
    "seal's number taken, nothing sealed": lambda: before(sign, "sign_own_seal"),
    "own seal made, not committed": lambda: after(sign, "sign_own_seal"),
    "intent committed": lambda: before(sign, "_current", when=_second),
    "signed, not committed": lambda: before(sign, "_commit", when=_field("ConsumerSeal")),
    "signature committed": lambda: after(sign, "_commit", when=_field("ConsumerPerson")),
    "party done, ceremony open": lambda: after(sign, "_commit", when=_field("ConsumerSeal")),
    "executed": lambda: after(sign, "_commit", when=_field("SupplierSeal")),
    "checkpoint closed": lambda: after(anchor, "close_checkpoint"),
    "cosigned by witnesses, not stored": lambda: after(HttpWitnesses, "cosign"),
    "checkpoint cosigned": lambda: before(anchor, "_sign_next", when=_is_cosigned),
    **_on_the_way("anchor"),
    **_on_the_way("status"),
    **_on_the_way("twin"),
    "header intended": lambda: before(cross_anchor, "_deposited"),
    "header stamped, not stored": lambda: after(cross_anchor.TsaPlace, "deposit"),
    "header in the file, not stored": lambda: after(FilePlace, "deposit"),
    "header deposited": lambda: after(cross_anchor, "_deposited"),
    "status deed done": lambda: after(status, "change_status"),
    "invoice opened": lambda: before(issue_invoice, "_numbered"),
    "invoice numbered": lambda: before(issue_invoice, "_finish"),
    "invoice files stored, not recorded": lambda: before(issue_invoice, "append_record"),
}


IDENTITY_POINTS: dict[str, Callable[[], None]] = {
    "check intended, provider not asked": lambda: before(HttpIdentityProvider, "start"),
    "check begun, not stored": lambda: after(HttpIdentityProvider, "start"),
    "attested, not enrolled": lambda: before(HttpActivation, "enrol"),
    "enrolled, not recorded": lambda: after(HttpActivation, "enrol"),
}
"""Where nobody is known yet: each needs an installation of its own."""


def live(house: House, order_no: str) -> dict[str, object]:
    """Take the order from wherever it stands to proven packages."""
    office = house.office
    dossier = _signed(office, drafted(office, order_no), house.settings.data_dir / f"{order_no}.tokens")
    anchor.close_checkpoint(office)
    anchor_all(office)
    bill = sample_order(order_no).invoice
    invoice = issue_invoice.issue_invoice(office, dossier.number, bill, idempotency_key=order_no)
    anchor_all(office)
    _suspended(office, dossier.number)
    anchor_all(office)
    with office.work() as work:
        unfinished = work.twin_anchors.unfinished()
    if unfinished is None:
        renew.renew(office)
    anchor_all(office)
    cross_anchor.cross_anchor(office, house.places)
    report = check_everything(office)
    reconciled = reconcile(office)
    with office.work() as work:
        checkpoints, spent = work.checkpoints.all(), work.transactions.all()
        words = work.status_changes.of_agreement(dossier.number)
        renewal = work.twin_anchors.newest_final()
        deposits, still_pending = work.cross_anchors.covering(0), work.cross_anchors.pending()
        dossier = work.agreements.load(dossier.number)
        pending = [intent.key for intent in work.intents.pending()]
        invoices = [one.number for one in work.invoices.list()]
    return {
        "number": dossier.number,
        "state": dossier.state.value,
        "signed": [slot.signed for slot in dossier.slots],
        "leaves": [kind.value for kind in kinds_of(office, dossier.number)],
        "invoice": invoice.number,
        "invoice_leaves": [kind.value for kind in kinds_of(office, str(invoice.number))],
        "invoices": invoices,
        "pending": pending,
        "checkpoint_states": [one.state for one in checkpoints],
        "nonces": [one.nonce - spent[0].nonce for one in spent],
        "transaction_states": [one.state for one in spent],
        "words": [(one.status.name, one.state) for one in words],
        "renewed": None if renewal is None else renewal.sequence,
        "places": sorted(one.kind for one in deposits),
        "deposits_pending": len(still_pending),
        "file_lines": _file_lines(house),
        "alarms": [alarm.en for alarm in reconciled],
        "on_chain": anchored_sequences(office),
        "findings": [finding.en for finding in report.findings],
        "verdicts": [
            build_package(office, dossier.number).report.verdict.value,
            build_invoice_package(office, str(invoice.number)).report.verdict.value,
        ],
    }


def _suspended(office: Office, number: str) -> None:
    with office.work() as work:
        state = work.agreements.load(number).state
    if state is not AgreementState.SUSPENDED:
        deed = status.StatusDeed.SUSPEND
        notice = served_notice(office, number)
        status.change_status(office, number, deed, reason="欠费", by="desk", notice=notice)


def _file_lines(house: House) -> list[str]:
    lines = (house.settings.data_dir / "cross-anchors.jsonl").read_bytes().splitlines()
    return [json.loads(line)["header_hash"] for line in lines]


def _signed(office: Office, dossier: AgreementDossier, tokens_file: Path) -> AgreementDossier:
    number = dossier.number
    if dossier.state is AgreementState.DRAFT:
        submit_for_review(office, number, by="drafter")
        approve(office, number, reviewer="reviewer")
        tokens_file.write_text(json.dumps(offer(office, number, by="reviewer").tokens))
    tokens = json.loads(tokens_file.read_text())
    if not dossier.slots[-1].signed:
        let_seals_be_used(office, office_file(office, number), by="desk")
    for role in ("consumer", "supplier"):
        dossier = _party_signed(office, number, tokens[role])
    return dossier


def office_file(office: Office, number: str) -> AgreementDossier:
    with office.work() as work:
        return work.agreements.load(number)


def _party_signed(office: Office, number: str, token: str) -> AgreementDossier:
    with office.work() as work:
        held = work.ceremonies.find(sha256(token.encode()))
        dossier = work.agreements.load(number)
    if held is None or held.state == "signed":
        return dossier
    if held.state == "open":
        ready_to_sign(office, token)
    try:
        noticed = will.notice_release(office, held.will_id)
    except ContractsChainError:
        noticed = False
    return ceremony.sign_with_code(office, token, "" if noticed else fresh_code(office, token))


def main(data_dir: Path, order_no: str, point: str | None) -> None:
    faulthandler.dump_traceback_later(PATIENCE_SECONDS, exit=True)
    if point is not None:
        (POINTS | IDENTITY_POINTS)[point]()
    with open_house(trial_settings(data_dir)) as house:
        facts = live(house, order_no)
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
