"""Plays the people of a contract on a real house, each on an order of its own."""

from __future__ import annotations

import itertools
import os
import threading
import time
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

from trial_phone import fresh_code, phone_of, ready_to_sign

from api.trial_people import let_seals_be_used
from contracts_chain.agreements.terms_json import Order, load_order
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.workflows.anchor import advance_anchors, close_checkpoint
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, CheckpointFile
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.seal_use import is_own_seal
from kernel.digests import sha256

__all__ = ["fresh_code", "phone_of", "ready_to_sign"]

PATIENCE_SECONDS = 60.0
TERM = (date(2026, 11, 1), date(2029, 10, 31))
_ORDERS = itertools.count(1)


class Phones:
    """A gateway that keeps the messages, the newest last."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, phone: str, text: str) -> None:
        self.texts.append(text)


def fresh_order_no() -> str:
    return f"TEST-{os.getpid()}-{next(_ORDERS)}"


def sample_order(order_no: str) -> Order:
    """The sample, its term begun already, so that what is executed is in force once it is final."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    order = load_order(content)
    begun = tuple(replace(one, valid_from=TERM[0], valid_to=TERM[1]) for one in order.agreements)
    return replace(order, order_no=order_no, agreements=begun)


def drafted(office: Office, order_no: str | None = None, **changes: Any) -> AgreementDossier:
    """The sample's supply contract, with fields of its terms changed."""
    order = sample_order(order_no or fresh_order_no())
    terms = replace(order.agreements[0], **changes)
    return draft_agreement(office, terms, order_no=order.order_no, drafted_by="drafter")


def approved(office: Office) -> AgreementDossier:
    return passed(office, drafted(office))


def passed(office: Office, dossier: AgreementDossier) -> AgreementDossier:
    submit_for_review(office, dossier.number, by="drafter")
    return approve(office, dossier.number, reviewer="reviewer")


def offered(office: Office) -> Offer:
    return offer(office, approved(office).number, by="reviewer")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def sign_as(office: Office, token: str) -> AgreementDossier:
    ready_to_sign(office, token)
    with office.work() as work:
        ceremony, dossier = found(work, token)
    if any(slot.role == ceremony.role and is_own_seal(office, slot) for slot in dossier.slots):
        let_seals_be_used(office, dossier, by="desk")
    return sign_with_code(office, token, fresh_code(office, token))


def executed(office: Office) -> AgreementDossier:
    return completed(office, approved(office))


def completed(office: Office, dossier: AgreementDossier) -> AgreementDossier:
    """Offer an approved agreement and have both parties sign it."""
    sent = offer(office, dossier.number, by="reviewer")
    sign_as(office, sent.tokens["consumer"])
    return sign_as(office, sent.tokens["supplier"])


def wait_final(office: Office) -> None:
    """Advance until every closed checkpoint is final."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not advance_anchors(office):
        assert time.monotonic() < deadline, "the checkpoint did not become final"
        threading.Event().wait(0.01)


def anchor_all(office: Office) -> None:
    """Finish the checkpoint under way, then anchor every leaf there is."""
    wait_final(office)
    close_checkpoint(office)
    wait_final(office)


def reloaded(office: Office, number: str) -> AgreementDossier:
    with office.work() as work:
        return work.agreements.load(number)


def ceremony_of(office: Office, token: str) -> CeremonyFile:
    with office.work() as work:
        found = work.ceremonies.find(sha256(token.encode()))
    assert found is not None
    return found


def trail_words(office: Office, number: str) -> list[str]:
    """The event of each trail line, in order."""
    with office.work() as work:
        lines = work.trails.lines(number)
    return [line.split(b'"event":"')[1].split(b'"')[0].decode() for line in lines]


def records_of(office: Office, subject: str) -> list[Record]:
    with office.work() as work:
        taken_in = [row.record for row in work.log.waiting() if row.subject == subject]
        in_order = [leaf.record for leaf in work.log.leaves_of(subject)]
    return [Record.parse(record) for record in dict.fromkeys(in_order + taken_in)]


def kinds_of(office: Office, subject: str) -> list[RecordKind]:
    return [record.kind for record in records_of(office, subject)]


def newest_checkpoint(office: Office) -> CheckpointFile:
    with office.work() as work:
        newest = work.checkpoints.newest()
    assert newest is not None
    return newest


def anchored_sequences(office: Office) -> list[int]:
    """What the chain itself holds."""
    return [one.sequence for one in office.chain.read_checkpoints(0)]


def words_of(office: Office, number: str) -> list[tuple[RegistryStatus, str]]:
    """The status words asked for, in order, and how far each has come."""
    with office.work() as work:
        return [(one.status, one.state) for one in work.status_changes.of_agreement(number)]
