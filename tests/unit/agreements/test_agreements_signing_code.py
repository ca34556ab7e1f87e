from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts_chain.agreements.signing_code import (
    CodeDeadError,
    CodeWrongError,
    DocumentChangedError,
    SigningCode,
    code_message,
    draw_code,
    fingerprint,
    issue_code,
    redeem_code,
)
from kernel.digests import sha256
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32, Salt

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
DOCUMENT = sha256(b"the very bytes")


def issued(code: str = "482913", document: Bytes32 = DOCUMENT) -> SigningCode:
    return issue_code(
        code=code,
        salt=Salt(b"s" * 32),
        number="SGZJMZ00YXGY2600001",
        slot="ConsumerPerson",
        signer=PersonId("p1"),
        document_sha256=document,
        now=NOW,
    )


def test_the_right_code_on_the_right_document_is_good_once() -> None:
    spent = redeem_code(issued(), code="482913", document_sha256=DOCUMENT, now=NOW)
    assert spent.is_spent
    with pytest.raises(CodeDeadError):
        redeem_code(spent, code="482913", document_sha256=DOCUMENT, now=NOW)


@settings(max_examples=15, deadline=None)
@given(st.from_regex(r"[0-9]{6}", fullmatch=True).filter(lambda code: code != "482913"))
def test_no_other_code_is_good(code: str) -> None:
    with pytest.raises(CodeWrongError) as refused:
        redeem_code(issued(), code=code, document_sha256=DOCUMENT, now=NOW)
    assert refused.value.after.attempts_left == 4


def test_after_five_wrong_tries_the_right_code_is_dead() -> None:
    record = issued()
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeWrongError) as refused:
            redeem_code(record, code="000000", document_sha256=DOCUMENT, now=NOW)
        record = refused.value.after
        assert record.attempts_left == left
    with pytest.raises(CodeDeadError):
        redeem_code(record, code="482913", document_sha256=DOCUMENT, now=NOW)


def test_a_code_dies_after_ten_minutes() -> None:
    last = NOW + timedelta(minutes=10) - timedelta(microseconds=1)
    redeem_code(issued(), code="482913", document_sha256=DOCUMENT, now=last)
    with pytest.raises(CodeDeadError):
        redeem_code(issued(), code="482913", document_sha256=DOCUMENT, now=NOW + timedelta(minutes=10))


def test_a_code_for_one_document_releases_no_other() -> None:
    with pytest.raises(DocumentChangedError):
        redeem_code(issued(), code="482913", document_sha256=sha256(b"swapped"), now=NOW)


def test_the_record_does_not_hold_the_code_and_the_message_names_the_document() -> None:
    record = issued()
    assert "482913" not in repr(record)
    assert code_message(record, "482913") == (
        f"签署码482913，只用于合同SGZJMZ00YXGY2600001，指纹{fingerprint(DOCUMENT)}，15:42前有效。我们不会索要。"
    )


def test_a_fingerprint_is_two_groups_of_four() -> None:
    assert fingerprint(Bytes32(bytes.fromhex("7f3a92c1" + "00" * 28))) == "7F3A-92C1"


def test_drawn_codes_have_six_digits() -> None:
    codes = {draw_code() for _ in range(50)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 1
