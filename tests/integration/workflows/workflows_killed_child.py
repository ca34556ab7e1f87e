"""Lives of orders, each a process that SIGKILL ends at the named point, or that runs to its end.

One process imports everything and waits; each line of its input is a life asked for, as a JSON
object, and each line of its output the exit code of that life, which ran in a fork (``Lives``).
Every deed of a life is called again on each start, as a restarted service and its impatient users
would. A life that is not killed says at its end what the house then holds, as one JSON object.
"""

from __future__ import annotations

import faulthandler
import itertools
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from trial_phone import fresh_code, ready_to_sign
from trial_settings import trial_settings
from workflows_desk import (
    anchor_all,
    anchored_sequences,
    drafted,
    kinds_of,
    records_of,
    sample_order,
)
from workflows_killed_child_points import point_named
from workflows_killed_child_steps import DEEDS, die_after
from workflows_life import served_notice

from api.house import House, open_house
from api.settings import Settings
from api.trial_people import let_seals_be_used
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.terms.party import Party
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows import (
    anchor,
    ceremony,
    cross_anchor,
    issue_invoice,
    offer,
    renew,
    review,
    status,
    will,
)
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.package_invoice import build_invoice_package
from contracts_chain.workflows.reconcile import reconcile
from contracts_chain.workflows.settle_identity import settle_identity
from kernel.digests import sha256
from kernel.errors import ContractsChainError, RejectedError

PATIENCE_SECONDS = 240.0
STRANGER = {"name": "周未识", "id_no": "330299199001010017"}
"""A signer whom no provider has vouched for in this installation."""


def live(house: House, order_no: str, *, of_a_stranger: bool) -> dict[str, object]:
    """Take the order from wherever it stands to proven packages."""
    office = house.office
    changes = {"consumer": _strange(order_no)} if of_a_stranger else {}
    dossier = _signed(
        office, drafted(office, order_no, **changes), house.settings.data_dir / f"{order_no}.tokens"
    )
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
        "unlogged": sorted(_vouched_for(office, dossier.number) - _logged(office)),
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


def _vouched_for(office: Office, number: str) -> set[str]:
    """Digests of the attestations by which the signers of an agreement were identified."""
    with office.work() as work:
        trail = verify_trail(work.trails.lines(number))
    identified = [event.details for event in trail if event.event is TrailEventKind.IDENTIFIED]
    return {str(details["attestation_sha256"]) for details in identified}


def _logged(office: Office) -> set[str]:
    """Digests of the attestations that have a leaf, of whichever agreement."""
    with office.work() as work:
        numbers = [one.number for one in work.agreements.list()]
    records = itertools.chain.from_iterable(records_of(office, number) for number in numbers)
    return {
        str(record.details["attestation_sha256"])
        for record in records
        if record.kind is RecordKind.IDENTITY_VERIFIED
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


def _strange(order_no: str) -> Party:
    party = sample_order(order_no).agreements[0].party("consumer")
    return replace(party, legal_rep=replace(party.legal_rep, **STRANGER))


def _signed(office: Office, dossier: AgreementDossier, tokens_file: Path) -> AgreementDossier:
    tokens = _offered(office, dossier, tokens_file)
    if not dossier.slots[-1].signed:
        let_seals_be_used(office, office_file(office, dossier.number), by="desk")
    for role in ("consumer", "supplier"):
        dossier = _party_signed(office, dossier.number, tokens[role])
    return dossier


def _offered(office: Office, dossier: AgreementDossier, tokens_file: Path) -> dict[str, str]:
    """Secrets of the links; those that nobody was told are replaced."""
    number, state = dossier.number, dossier.state
    if state is AgreementState.DRAFT:
        state = review.submit_for_review(office, number, by="drafter").state
    if state is AgreementState.IN_REVIEW:
        state = review.approve(office, number, reviewer="reviewer").state
    if state is AgreementState.APPROVED:
        tokens_file.write_text(json.dumps(dict(offer.offer(office, number, by="reviewer").tokens)))
    if not tokens_file.exists():
        renewed = {
            role: offer.renew_link(office, number, role, by="desk") for role in ("consumer", "supplier")
        }
        tokens_file.write_text(json.dumps(renewed))
    tokens: dict[str, str] = json.loads(tokens_file.read_text())
    return tokens


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
        settle_identity(office, token)  # as the page does that the signer comes back to
        ready_to_sign(office, token)
    if held.state == "confirmed" or _is_noticed(office, held.will_id):
        return ceremony.sign_with_code(office, token, "")
    return ceremony.sign_with_code(office, token, fresh_code(office, token))


def _is_noticed(office: Office, will_id: str) -> bool:
    try:
        return will.notice_release(office, will_id)
    except ContractsChainError:
        return False


def live_asked(asked: Mapping[str, str]) -> None:
    """One life: of an order, or of a single deed beside a house that goes on."""
    faulthandler.dump_traceback_later(PATIENCE_SECONDS, exit=True)
    settings = trial_settings(Path(asked["data_dir"]))
    if "deed" in asked:
        with open_house(beside(settings, asked)) as house:
            die_after(int(asked["step"]))
            try:
                DEEDS[asked["deed"]](house, asked)
            except RejectedError as problem:
                sys.stdout.write(f"{problem.code}\n")
        return
    if "point" in asked:
        point_named(asked["point"])()
    with open_house(settings) as house:
        facts = live(house, asked["order_no"], of_a_stranger="stranger" in asked)
    sys.stdout.write(json.dumps(facts) + "\n")


def beside(settings: Settings, asked: Mapping[str, str]) -> Settings:
    """Of a service that uses the servers of a house that runs, and starts none itself."""
    servers = ("database_url", "chain_rpc_url", "identity_provider_name", "identity_provider_url")
    named: dict[str, object] = {name: asked[name] for name in (*servers, "identity_provider_key")}
    return settings.model_copy(update=named | {"witness_quorum": 0})


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        life = os.fork()
        if life == 0:
            _speak_into(Path(asked["said"]), Path(asked["complaints"]))
            live_asked(asked)
            return
        _, status_word = os.waitpid(life, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status_word)}\n")
        sys.stdout.flush()


def _speak_into(said: Path, complaints: Path) -> None:
    """Leave the starter's pipes to the starter: they must close with it alone."""
    with said.open("wb") as out, complaints.open("wb") as err, Path(os.devnull).open("rb") as nothing:
        for ours, theirs in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(ours.fileno(), theirs)


if __name__ == "__main__":
    main()
