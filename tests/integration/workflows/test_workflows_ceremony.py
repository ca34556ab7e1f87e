"""Ceremonies on a real house and activation process: reading before code, a code for one party only."""

from __future__ import annotations

import pytest
from ceremony_reader import read_clauses
from trial_phone import fresh_code, identify_as, ready_to_sign, wait
from workflows_desk import (
    ceremony_of,
    kinds_of,
    offered,
    reloaded,
    sign_as,
    trail_words,
    wrong,
)

from api.house import House
from contracts_chain.activation.errors import CodeExpiredError, WrongCodeError
from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.ceremony import begin, consent, finish, open_link, sign_with_code
from contracts_chain.workflows.ceremony_errors import IdentityMissingError
from contracts_chain.workflows.errors import (
    PagesUnreadError,
    SignatureTurnError,
    UnknownNumberError,
)
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.offer import offer, renew_link
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.reading import page_image
from contracts_chain.workflows.will import send_code
from kernel.digests import sha256


def test_an_offer_opens_one_ceremony_a_party_and_stores_no_token(office: Office) -> None:
    sent = offered(office)
    assert set(sent.tokens) == {"consumer", "supplier"}
    for role, token in sent.tokens.items():
        ceremony = ceremony_of(office, token)
        assert (ceremony.role, ceremony.state, ceremony.token_sha256) == (
            role,
            "open",
            sha256(token.encode()),
        )
        assert ceremony.document_sha256 == sent.dossier.approved_sha256
    assert kinds_of(office, sent.dossier.number)[-1] is RecordKind.AGREEMENT_OFFERED


def test_an_agreement_cannot_be_offered_twice(office: Office) -> None:
    sent = offered(office)
    with pytest.raises(TransitionRefusedError):
        offer(office, sent.dossier.number, by="reviewer")
    assert kinds_of(office, sent.dossier.number).count(RecordKind.AGREEMENT_OFFERED) == 1


def test_looking_at_a_link_changes_nothing(office: Office) -> None:
    token = offered(office).tokens["consumer"]
    before = ceremony_of(office, token), trail_words(office, open_link(office, token).number)
    view = open_link(office, token)
    assert (ceremony_of(office, token), trail_words(office, view.number)) == before
    assert (view.state, view.served) == ("open", ())


def test_a_link_nobody_was_sent_leads_nowhere(office: Office) -> None:
    for deed in (open_link, begin, send_code):
        with pytest.raises(UnknownNumberError):
            deed(office, "not-a-token")
    with pytest.raises(UnknownNumberError):
        sign_with_code(office, "not-a-token", "000000")


def test_no_code_is_sent_before_everything_is_read(office: Office) -> None:
    token = offered(office).tokens["consumer"]
    identify_as(office, token)
    pages = begin(office, token).pages
    for page in range(1, pages):
        page_image(office, token, page, 60)
    read_clauses(office, token, wait)
    choose_mark(office, token, TypedMark(name=open_link(office, token).signer_name))
    with pytest.raises(PagesUnreadError) as caught:
        consent(office, token)
    assert caught.value.missing == (pages,)
    with pytest.raises(PagesUnreadError):
        send_code(office, token)
    with pytest.raises(PagesUnreadError):
        sign_with_code(office, token, "000000")


def test_showing_is_on_the_trail_once_when_the_last_page_was_served(office: Office) -> None:
    sent = offered(office)
    token = sent.tokens["consumer"]
    identify_as(office, token)
    pages = begin(office, token).pages
    for page in (*range(pages, 1, -1), 2, 3):
        page_image(office, token, page, 60)
    assert "shown" not in trail_words(office, sent.dossier.number)
    for _ in range(2):
        page_image(office, token, 1, 60)
    assert trail_words(office, sent.dossier.number).count("shown") == 1


def test_a_wrong_code_counts_down_and_the_right_one_is_dead_after_five(office: Office) -> None:
    sent = offered(office)
    token = sent.tokens["consumer"]
    ready_to_sign(office, token)
    code = fresh_code(office, token)
    left = []
    for _ in range(5):
        with pytest.raises(WrongCodeError) as caught:
            sign_with_code(office, token, wrong(code))
        left.append(caught.value.attempts_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeExpiredError):
        sign_with_code(office, token, code)
    assert reloaded(office, sent.dossier.number).state is AgreementState.OFFERED
    assert trail_words(office, sent.dossier.number).count("code_refused") == 5


def test_a_new_code_replaces_a_dead_one(office: Office) -> None:
    token = offered(office).tokens["consumer"]
    ready_to_sign(office, token)
    old = fresh_code(office, token)
    new = fresh_code(office, token)
    if new != old:
        with pytest.raises(WrongCodeError):
            sign_with_code(office, token, old)
    assert sign_with_code(office, token, f" {new} ").state is AgreementState.PARTLY_SIGNED


def test_the_code_of_one_party_is_useless_to_the_other(office: Office) -> None:
    tokens = offered(office).tokens
    ready_to_sign(office, tokens["consumer"])
    of_consumer = fresh_code(office, tokens["consumer"])
    with pytest.raises(SignatureTurnError):
        sign_with_code(office, tokens["supplier"], of_consumer)
    sign_with_code(office, tokens["consumer"], of_consumer)
    ready_to_sign(office, tokens["supplier"])
    with pytest.raises(CodeExpiredError):
        sign_with_code(office, tokens["supplier"], of_consumer)
    of_supplier = fresh_code(office, tokens["supplier"])
    if of_supplier != of_consumer:
        with pytest.raises(WrongCodeError):
            sign_with_code(office, tokens["supplier"], of_consumer)


def test_the_supplier_cannot_go_before_the_consumer(office: Office) -> None:
    token = offered(office).tokens["supplier"]
    for deed in (begin, send_code):
        with pytest.raises(SignatureTurnError) as caught:
            deed(office, token)
        assert caught.value.expected == "consumer"
    assert open_link(office, token).served == ()


def test_a_party_that_has_signed_cannot_start_again(office: Office) -> None:
    sent = offered(office)
    token = sent.tokens["consumer"]
    signed = sign_as(office, token)
    before = trail_words(office, signed.number)
    with pytest.raises(SignatureTurnError):
        begin(office, token)
    with pytest.raises(SignatureTurnError):
        sign_with_code(office, token, "000000")
    assert (reloaded(office, signed.number), trail_words(office, signed.number)) == (signed, before)


def test_finishing_a_signed_ceremony_again_changes_nothing(office: Office) -> None:
    token = offered(office).tokens["consumer"]
    signed = sign_as(office, token)
    before = kinds_of(office, signed.number)
    assert finish(office, ceremony_of(office, token).id) == signed
    assert kinds_of(office, signed.number) == before


def test_a_ceremony_without_a_confirmed_code_cannot_be_finished(office: Office) -> None:
    token = offered(office).tokens["consumer"]
    with pytest.raises(UnknownNumberError):
        finish(office, ceremony_of(office, token).id)


@pytest.mark.parametrize("crash_before", ["ConsumerPerson", "ConsumerSeal"])
def test_a_ceremony_confirmed_before_a_crash_goes_on_without_a_second_code(
    office: Office, monkeypatch: pytest.MonkeyPatch, crash_before: str
) -> None:
    from contracts_chain.workflows import ceremony

    token, real = offered(office).tokens["consumer"], ceremony.sign_slot
    ready_to_sign(office, token)
    code = fresh_code(office, token)

    def crash(office: Office, number: str, field: str, *, actor: str) -> object:
        if field == crash_before:
            raise KeyboardInterrupt
        return real(office, number, field, actor=actor)

    with monkeypatch.context() as patched:
        patched.setattr(ceremony, "sign_slot", crash)
        with pytest.raises(KeyboardInterrupt):
            sign_with_code(office, token, code)
    assert ceremony_of(office, token).state == "confirmed"
    signed = sign_with_code(office, token, "")
    assert [slot.signed for slot in signed.slots] == [True, True, False, False]
    assert trail_words(office, signed.number).count("will_confirmed") == 1
    assert ceremony_of(office, token).state == "signed"


def test_a_crash_right_after_the_last_signature_leaves_nothing_to_sign_but_a_ceremony_to_close(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contracts_chain.workflows import ceremony

    token, real = offered(office).tokens["consumer"], ceremony.sign_slot
    ready_to_sign(office, token)
    code = fresh_code(office, token)

    def crash_after_seal(office: Office, number: str, field: str, *, actor: str) -> object:
        done = real(office, number, field, actor=actor)
        if field == "ConsumerSeal":
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patched:
        patched.setattr(ceremony, "sign_slot", crash_after_seal)
        with pytest.raises(KeyboardInterrupt):
            sign_with_code(office, token, code)
    before = kinds_of(office, ceremony_of(office, token).number)
    signed = sign_with_code(office, token, "")
    assert ceremony_of(office, token).state == "signed"
    assert (signed.next_slot, kinds_of(office, signed.number)) == (signed.slots[2], before)


def test_a_renewed_link_is_read_anew(office: Office) -> None:
    sent = offered(office)
    token, number = sent.tokens["consumer"], sent.dossier.number
    ready_to_sign(office, token)
    renewed = renew_link(office, number, "consumer", by="supplier-desk")
    with pytest.raises(SignatureTurnError):
        send_code(office, token)
    assert open_link(office, renewed).served == ()
    with pytest.raises(IdentityMissingError):
        send_code(office, renewed)
    sign_as(office, renewed)
    assert reloaded(office, number).slot("ConsumerSeal").signed
    with pytest.raises(UnknownNumberError):
        renew_link(office, number, "consumer", by="supplier-desk")


def test_no_code_ever_enters_the_store_or_the_outbox(office: Office, house: House) -> None:
    token = offered(office).tokens["consumer"]
    ready_to_sign(office, token)
    code = fresh_code(office, token)
    with office.work() as work:
        assert not any(code.encode() in message.payload for message in work.outbox.waiting(100))
        number = open_link(office, token).number
        assert not any(code.encode() in line for line in work.trails.lines(number) if b"code_sent" in line)
    kept = [path for path in house.settings.data_dir.rglob("*.jsonl") if "activation" not in path.parts]
    assert not any(code.encode() in path.read_bytes() for path in kept)
