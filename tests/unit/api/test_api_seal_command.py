"""``contracts-chain seal`` over the kept vectors: every line of the library, its verdict as exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from kept_ses import AT, CASES, CONTENT, CRLS, HONEST, LOOK_ALIKE, OWNER_ID, SEAL, TRUST
from typer.testing import CliRunner

from api.cli import app
from api.seal_command import SealContentDueError, judge_seal_file
from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from kernel.sized_bytes import Address, BlockHash, Bytes32
from kernel.verdict import Verdict
from signing.ses.reading import read_ses

READABLE = sorted(set(CASES) - {"cut off"})


@pytest.fixture(scope="module")
def trust() -> TrustBundle:
    chain = ChainTrust(
        chain_id=1,
        genesis_hash=BlockHash(bytes(32)),
        registry=Address(bytes(20)),
        registry_code_hash=Bytes32(bytes(32)),
        validator_sets=(ValidatorSet(from_block=0, to_block=None, members=((Address(bytes(20)), "grid"),)),),
    )
    return TrustBundle(
        label="TEST",
        signatures=TRUST,
        package_sealers=(PackageSealer(organisation="示例供电公司", organisation_id="91330200MA2AGG5H2T"),),
        chain=chain,
        log_origin="log.example/test",
        log_key=Bytes32(bytes(32)),
        witnesses=(),
        witness_quorum=0,
        skew=timedelta(seconds=60),
        greatest_status_age=timedelta(days=1),
    )


@pytest.fixture
def desk(trust: TrustBundle, tmp_path: Path) -> Path:
    """A folder with the bundle, an honest seal signature, its content, and the seal by itself."""
    trust.write(tmp_path / "trust")
    (tmp_path / "honest.ses").write_bytes(HONEST)
    (tmp_path / "seal.der").write_bytes(SEAL)
    (tmp_path / "content.pdf").write_bytes(CONTENT)
    (tmp_path / "longer.pdf").write_bytes(CONTENT + b"later revision")
    (tmp_path / "other.pdf").write_bytes(b"!" + CONTENT[1:])
    return tmp_path


def told(desk: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["seal", *arguments, "--trust", str(desk / "trust")])
    return done.exit_code, done.output


@pytest.mark.parametrize("name", READABLE)
def test_a_seal_signature_gets_its_eight_lines_as_recorded(name: str, trust: TrustBundle) -> None:
    ses, codes = CASES[name]
    judged = judge_seal_file(ses, trust, content=CONTENT, at=AT)
    assert [line.code for line in judged.lines] == codes
    assert (judged.verdict is Verdict.PROVEN) == (set(codes) == {"ok"})


def test_a_seal_by_itself_is_proven_with_its_makers_list_and_open_without(trust: TrustBundle) -> None:
    with_list = judge_seal_file(SEAL, trust, content=None, crls=CRLS, at=AT)
    assert [line.code for line in with_list.lines] == ["ok", "ok"]
    assert with_list.seal is not None
    assert with_list.seal.owner_id == OWNER_ID
    without = judge_seal_file(SEAL, trust, content=None, at=AT)
    assert (without.verdict, without.lines[1].code) == (Verdict.UNDECIDED, "no_revocation_data")


def test_an_unknown_seal_maker_leaves_open_and_a_look_alike_is_refuted(trust: TrustBundle) -> None:
    stranger = read_ses(LOOK_ALIKE)
    judged = judge_seal_file(stranger.seal.der, trust, content=None, crls=stranger.crls, at=AT)
    assert (judged.verdict, judged.lines[1].code) == (Verdict.REFUTED, "look_alike_ca")
    nobody = replace(trust, signatures=replace(trust.signatures, seal_maker_roots=()))
    open_ = judge_seal_file(stranger.seal.der, nobody, content=None, crls=stranger.crls, at=AT)
    assert (open_.verdict, open_.lines[1].code) == (Verdict.UNDECIDED, "unknown_issuer")


def test_bytes_behind_the_covered_ones_are_not_proven_by_a_seal(trust: TrustBundle) -> None:
    judged = judge_seal_file(HONEST, trust, content=CONTENT + b"later", at=AT)
    assert [line.code for line in judged.lines] == ["later_bytes", *["ok"] * 8]
    assert judged.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("cut", [0, 1, len(CONTENT) - 1])
def test_content_that_is_shorter_than_the_covered_bytes_is_refuted(cut: int, trust: TrustBundle) -> None:
    judged = judge_seal_file(HONEST, trust, content=CONTENT[:cut], at=AT)
    assert judged.verdict is Verdict.REFUTED
    assert judged.lines[5].code == "original_mismatch"


def test_what_is_no_seal_is_unreadable(trust: TrustBundle) -> None:
    for der in (b"", b"hello", HONEST[:-1], HONEST + b"\0"):
        judged = judge_seal_file(der, trust, content=CONTENT, at=AT)
        assert (judged.kind, judged.verdict) == ("unknown", Verdict.UNREADABLE)


def test_a_seal_takes_no_content_and_a_seal_signature_needs_it(trust: TrustBundle) -> None:
    with pytest.raises(SealContentDueError):
        judge_seal_file(HONEST, trust, content=None, at=AT)
    with pytest.raises(SealContentDueError):
        judge_seal_file(SEAL, trust, content=CONTENT, at=AT)


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("honest.ses", "content.pdf", 0),
        ("honest.ses", "other.pdf", 10),
        ("honest.ses", "longer.pdf", 20),
        ("content.pdf", None, 30),
        ("absent.ses", None, 30),
        ("honest.ses", None, 2),
        ("honest.ses", "absent.pdf", 2),
        ("seal.der", "content.pdf", 2),
    ],
)
def test_the_exit_code_is_that_of_the_gravest_line(
    desk: Path, file: str, content: str | None, code: int
) -> None:
    covered = ["--content", str(desk / content)] if content else []
    assert told(desk, str(desk / file), *covered)[0] == code


def test_people_read_every_line_in_both_languages_and_machines_the_same(desk: Path) -> None:
    arguments = (str(desk / "honest.ses"), "--content", str(desk / "other.pdf"))
    _, words = told(desk, *arguments)
    assert "✕ 6 原文杂凑 hash of the original：" in words
    assert OWNER_ID in words
    assert "[original_mismatch]" in words
    read = json.loads(told(desk, *arguments, "--json")[1])
    assert (read["kind"], read["verdict"]) == ("seal_signature", "refuted")
    assert [line["number"] for line in read["lines"]] == list(range(1, 9))
    assert read["seal"]["owner_id"] == OWNER_ID


def test_without_a_trust_bundle_nothing_is_judged(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONTRACTS_CHAIN_TRUST", raising=False)
    arguments = ["seal", str(desk / "seal.der"), "--trust", str(tmp_path / "none")]
    assert CliRunner().invoke(app, arguments).exit_code == 2
