"""kill -9 of a service after every step of a ceremony's deeds while its servers go on: each happens once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from deferred_key import OpensslKey
from trial_phone import identify_as, newest_code
from trial_settings import trial_settings
from workflows_beside import Beside, settled, standing
from workflows_desk import (
    TERM,
    anchor_all,
    ceremony_of,
    drafted,
    fresh_code,
    fresh_order_no,
    kinds_of,
    offered,
    passed,
    phone_of,
    ready_to_sign,
    records_of,
    reloaded,
    sign_as,
    trail_words,
)
from workflows_killed_child_lives import lives_in
from workflows_outages import DeadTsa, DyingTsa

from api.house import open_house
from api.trial_people import let_seals_be_used
from contracts_chain.activation.own_keys import own_key_request
from contracts_chain.activation.port import CodeFactor, OwnKeyProof
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.seals.life import SealState
from contracts_chain.agreements.terms.lv_res import LvResTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.acting_party import acting_party, signer_ref, signing_phone
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.domestic import kept_ses
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.own_key import certify_own_key
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.sign_set import begin_set, consent_to_set, open_set, set_view
from contracts_chain.workflows.will import confirm_will, send_code
from kernel.errors import RejectedError
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import TimestampAuthority
from signing.ses.reading import read_ses

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    settings = trial_settings(tmp_path_factory.mktemp("beside") / "house")
    with open_house(settings) as house, lives_in(tmp_path_factory.mktemp("lives")) as lives:
        yield Beside(house, lives)


def test_a_party_and_the_utility_killed_after_every_step_of_signing_sign_once(beside: Beside) -> None:
    office = beside.office
    sent = offered(office)
    number = sent.dossier.number
    for role, least in (("consumer", 12), ("supplier", 12)):
        token = sent.tokens[role]
        ready_to_sign(office, token)
        let_seals_be_used(office, sent.dossier, by="desk")
        code = fresh_code(office, token)
        kills = beside.killed_throughout(
            "sign", lambda: standing(office, number), refused="not_your_turn", token=token, code=code
        )
        assert kills >= least
    done = reloaded(office, number)
    assert done.state is AgreementState.EXECUTED
    assert trail_words(office, number).count("will_confirmed") == 2
    kinds = kinds_of(office, number)
    assert kinds.count(RecordKind.AGREEMENT_SIGNED) == kinds.count(RecordKind.AGREEMENT_SEALED) == 2
    assert kinds.count(RecordKind.AGREEMENT_EXECUTED) == 1
    assert done.current_sha256 is not None
    pdf = office.blobs.get(done.current_sha256)
    assert len(inspect_pdf(pdf, office.trust.signatures).signatures) == 4
    base = done.current_sha256.hex()
    kills = beside.killed_throughout("renew", lambda: standing(office, number), number=number, base=base)
    assert kills >= 4
    assert kinds_of(office, number).count(RecordKind.TIMESTAMP_ADDED) == 1
    anchor_all(office)
    settled(office, number)
    assert build_package(office, number).report.verdict is Verdict.PROVEN


def test_a_set_killed_between_and_within_its_members_signs_each_once(beside: Beside) -> None:
    office = beside.office
    sent = [offered(office) for _ in range(3)]
    numbers = [one.dossier.number for one in sent]
    token = open_set(office, numbers, "consumer", by="desk")
    first = set_view(office, token).lines[0]
    identify_as(office, first.token)
    begin_set(office, token)
    for line in set_view(office, token).lines:
        ready_to_sign(office, line.token)
    consent_to_set(office, token)
    send_code(office, token)
    code = newest_code(office, first.token)
    kills = beside.killed_throughout(
        "sign a set", lambda: [standing(office, number) for number in numbers], token=token, code=code
    )
    assert kills >= 24, "each member has eight steps at least"
    for number in numbers:
        assert [slot.signed for slot in reloaded(office, number).slots] == [True, True, False, False]
        assert trail_words(office, number).count("will_confirmed") == 1
        assert kinds_of(office, number).count(RecordKind.AGREEMENT_SIGNED) == 1
        settled(office, number)


def test_of_two_codes_asked_for_around_a_kill_only_the_newer_one_counts(beside: Beside) -> None:
    office = beside.office
    token = offered(office).tokens["consumer"]
    ready_to_sign(office, token)
    step = 1
    while beside.is_killed("ask for a code", step, token=token):
        older = newest_code(office, token) if step > 1 else None
        assert fresh_code(office, token) != older
        if older is not None:
            with pytest.raises(RejectedError):
                confirm_will(office, token, CodeFactor(code=older))
        step += 1
    assert step == 4, "asked, sent, noted"
    confirm_will(office, token, CodeFactor(code=newest_code(office, token)))
    assert trail_words(office, ceremony_of(office, token).number).count("will_confirmed") == 1


@pytest.mark.parametrize(
    ("deed", "refused", "state", "leaf"),
    [
        ("reject", "not_your_turn", AgreementState.REJECTED, RecordKind.AGREEMENT_REJECTED),
        ("withdraw", "transition_refused", AgreementState.WITHDRAWN, RecordKind.AGREEMENT_WITHDRAWN),
    ],
)
def test_an_offer_that_is_ended_around_a_kill_ends_once_with_its_links(
    beside: Beside, deed: str, refused: str, state: AgreementState, leaf: RecordKind
) -> None:
    office = beside.office
    sent = offered(office)
    number, token = sent.dossier.number, sent.tokens["consumer"]
    kills = beside.killed_throughout(
        deed, lambda: standing(office, number), refused=refused, number=number, token=token
    )
    assert kills >= 1
    assert reloaded(office, number).state is state
    assert kinds_of(office, number).count(leaf) == 1
    with office.work() as work:
        assert {one.state for one in work.ceremonies.of_agreement(number)} == {"closed"}
    settled(office, number)


def test_a_delegation_killed_after_every_step_gives_one_link_and_one_leaf(beside: Beside) -> None:
    office = beside.office
    sent = offered(office)
    number, token = sent.dossier.number, sent.tokens["consumer"]
    identify_as(office, token)
    kills = beside.killed_throughout(
        "delegate", lambda: standing(office, number), refused="not_your_turn", token=token
    )
    assert kills >= 3
    assert kinds_of(office, number).count(RecordKind.AUTHORITY_DELEGATED) == 1
    with office.work() as work:
        states = [one.state for one in work.ceremonies.of_agreement(number) if one.role == "consumer"]
        messages = [one for one in work.outbox.waiting(10_000) if (one.topic, one.subject) == (SMS, number)]
    assert sorted(states) == ["closed", "open"]
    assert len(messages) == 1
    settled(office, number)


def test_a_paper_attached_around_a_kill_is_one_paper_and_one_leaf(beside: Beside) -> None:
    office = beside.office
    number = drafted(office).number
    kills = beside.killed_throughout("attach", lambda: standing(office, number), number=number, text="您好")
    assert kills >= 2
    assert kinds_of(office, number).count(RecordKind.EVIDENCE_ATTACHED) == 1
    assert trail_words(office, number).count("attached") == 1
    settled(office, number)


def test_a_seal_killed_after_every_step_of_its_life_takes_each_once(beside: Beside) -> None:
    office, name = beside.office, "试用合同专用章"

    def of_name() -> list[tuple[str, SealState]]:
        with office.work() as work:
            return [(seal.id, seal.state) for seal in work.seals.list() if seal.name == name]

    kills = beside.killed_throughout("live as a seal", of_name, seal=name)
    assert kills >= 9
    [(seal_id, state)] = of_name()
    assert state is SealState.DESTROYED
    deeds = [record.details["deed"] for record in records_of(office, seal_id)]
    assert deeds == ["apply", "approve", "make", "file", "begin_use", "destroy"]
    assert not list((beside.house.settings.data_dir / "keys" / "seals").glob(f"*{seal_id}*"))


@pytest.mark.parametrize(("outage", "least", "leaves"), [(lambda _: DeadTsa(), 6, 2), (DyingTsa, 3, 1)])
def test_pending_timestamps_killed_after_every_step_of_their_upgrade_come_once(
    beside: Beside, outage: Callable[[TimestampAuthority], TimestampAuthority], least: int, leaves: int
) -> None:
    """``leaves``: one for the PDF if it waits, one for the seal signature under SM2."""
    office = beside.office
    sent = offered(office)
    number = sent.dossier.number
    sign_as(office, sent.tokens["consumer"])
    sign_as(replace(office, timestamps=outage(office.timestamps)), sent.tokens["supplier"])
    assert (reloaded(office, number).slots[-1].timestamp_utc is None) is (leaves == 2)
    assert not all(stamped(office, number))
    kills = beside.killed_throughout("upgrade", lambda: standing(office, number), number=number)
    assert kills >= least
    assert all(slot.timestamp_utc is not None for slot in reloaded(office, number).slots)
    assert all(stamped(office, number))
    assert kinds_of(office, number).count(RecordKind.TIMESTAMP_ADDED) == leaves
    anchor_all(office)
    settled(office, number)
    assert build_package(office, number).report.verdict is Verdict.PROVEN


def stamped(office: Office, number: str) -> list[bool]:
    """Of each seal under SM2, whether it has its timestamp."""
    with office.work() as work:
        return [read_ses(ses).token is not None for _, ses in kept_ses(work, office.blobs, number)]


def test_a_signature_by_an_own_key_killed_after_every_step_is_made_once(
    beside: Beside, tmp_path: Path
) -> None:
    office, key = beside.office, OpensslKey.made(tmp_path)
    terms = load_terms((files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes())
    assert isinstance(terms, LvResTerms)
    dated = replace(terms, valid_from=TERM[0], valid_to=TERM[1])
    home = draft_agreement(office, dated, order_no=fresh_order_no(), drafted_by="drafter")
    token = offer(office, passed(office, home).number, by="reviewer").tokens["consumer"]
    ready_to_sign(office, token)
    chain = certified(office, token, key)
    kills = beside.killed_throughout(
        "sign with an own key",
        lambda: standing(office, home.number),
        token=token,
        key=str(tmp_path),
        chain=" ".join(one.hex() for one in chain),
    )
    assert kills >= 6
    assert [slot.signed for slot in reloaded(office, home.number).slots] == [True, False, False]
    assert trail_words(office, home.number).count("will_confirmed") == 1
    assert kinds_of(office, home.number).count(RecordKind.AGREEMENT_SIGNED) == 1
    settled(office, home.number)


def certified(office: Office, token: str, key: OpensslKey) -> tuple[bytes, ...]:
    with office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
    office.activation.send_enrolment_code(signer_ref(party.signer))
    code = phone_of(office).newest_code(signing_phone(party))
    request = own_key_request(party.signer.name, key.public_key_der, code)
    return certify_own_key(
        office, token, key.public_key_der, OwnKeyProof(code=code, signature=key.sign(request))
    )
