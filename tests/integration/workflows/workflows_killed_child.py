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

from workflows_desk import (
    anchor_all,
    anchored_sequences,
    drafted,
    fresh_code,
    kinds_of,
    read_every_page,
    sample_order,
)

from api.house import House, open_house
from api.settings import Settings
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows import anchor, ceremony, draft, issue_invoice, sign
from contracts_chain.workflows.dossier import AgreementDossier, CheckpointFile
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.package_invoice import build_invoice_package
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.digests import sha256

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


def _reached(state: str) -> Callable[..., bool]:
    return lambda office, checkpoint, *_: isinstance(checkpoint, CheckpointFile) and checkpoint.state == state


POINTS: dict[str, Callable[[], None]] = {
    "number taken, no PDF yet": lambda: before(draft, "draw_up"),
    "code confirmed, nothing intended": lambda: before(ceremony, "finish"),
    "intent committed": lambda: before(sign, "_current", when=_second),
    "signed, not committed": lambda: before(sign, "_commit", when=_field("ConsumerSeal")),
    "signature committed": lambda: after(sign, "_commit", when=_field("ConsumerPerson")),
    "party done, ceremony open": lambda: after(sign, "_commit", when=_field("ConsumerSeal")),
    "executed": lambda: after(sign, "_commit", when=_field("SupplierSeal")),
    "checkpoint signed": lambda: after(anchor, "close_checkpoint"),
    "submitted, not noted": lambda: before(anchor, "_keep", when=_reached("sent")),
    "sent": lambda: after(anchor, "_keep", when=_reached("sent")),
    "mined": lambda: after(anchor, "_keep", when=_reached("mined")),
    "captured, not stored": lambda: before(anchor, "_keep", when=_reached("final")),
    "invoice opened": lambda: before(issue_invoice, "_numbered"),
    "invoice numbered": lambda: before(issue_invoice, "_finish"),
    "invoice files stored, not recorded": lambda: before(issue_invoice, "append_record"),
}


def live(house: House, order_no: str) -> dict[str, object]:
    """Take the order from wherever it stands to proven packages."""
    office = house.office
    dossier = _signed(office, drafted(office, order_no), house.settings.data_dir / f"{order_no}.tokens")
    anchor.close_checkpoint(office)
    anchor_all(office)
    bill = sample_order(order_no).invoice
    invoice = issue_invoice.issue_invoice(office, dossier.number, bill, idempotency_key=order_no)
    anchor_all(office)
    report = check_everything(office)
    with office.work() as work:
        checkpoints = work.checkpoints.all()
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
        "nonces": [one.nonce - checkpoints[0].nonce for one in checkpoints],
        "on_chain": anchored_sequences(office),
        "findings": [finding.en for finding in report.findings],
        "verdicts": [
            build_package(office, dossier.number).report.verdict.value,
            build_invoice_package(office, str(invoice.number)).report.verdict.value,
        ],
    }


def _signed(office: Office, dossier: AgreementDossier, tokens_file: Path) -> AgreementDossier:
    number = dossier.number
    if dossier.state is AgreementState.DRAFT:
        submit_for_review(office, number, by="drafter")
        approve(office, number, reviewer="reviewer")
        tokens_file.write_text(json.dumps(offer(office, number, by="reviewer").tokens))
    tokens = json.loads(tokens_file.read_text())
    for role in ("consumer", "supplier"):
        dossier = _party_signed(office, number, tokens[role])
    return dossier


def _party_signed(office: Office, number: str, token: str) -> AgreementDossier:
    with office.work() as work:
        held = work.ceremonies.find(sha256(token.encode()))
        dossier = work.agreements.load(number)
    if held is None or held.state == "signed":
        return dossier
    if held.state == "confirmed":
        return ceremony.sign_with_code(office, token, "")
    read_every_page(office, token)
    return ceremony.sign_with_code(office, token, fresh_code(office, token))


def main(data_dir: Path, order_no: str, point: str | None) -> None:
    faulthandler.dump_traceback_later(PATIENCE_SECONDS, exit=True)
    if point is not None:
        POINTS[point]()
    with open_house(Settings(data_dir=data_dir, block_period_seconds=1.0)) as house:
        facts = live(house, order_no)
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
