"""The words of pages: masked names, next steps, verdict sentences, Beijing times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from dossiers import a_dossier
from hypothesis import given
from hypothesis import strategies as st

from api.routes.pages import _with_beijing_times
from api.signing_words import day_until, masked_name, next_steps
from api.verdict_page import chain_line, status_line, steps_of
from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.evidence.file_report import NOT_APPLICABLE, FileFacts, FileKind, FileReport, join
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from kernel.sized_bytes import Address, BlockHash, Bytes32
from kernel.verdict import Check, Verdict

OPERATORS = ("utility", "公证处", "法院", "CA")
TITLES = {"consumer": "用电人", "supplier": "供电人"}
MOMENT = datetime(2026, 11, 21, 1, 10, 5, tzinfo=UTC)


def checks(**verdicts: Verdict) -> tuple[Check, ...]:
    changed = {int(step.removeprefix("s")): verdict for step, verdict in verdicts.items()}
    return tuple(
        Check(
            step=step,
            code="ok" if step not in changed else "some_code",
            verdict=changed.get(step, Verdict.PROVEN),
            en=f"Step {step} in English.",
            zh=f"第{step}步的理由。",
        )
        for step in range(12)
    )


def report(facts: FileFacts | None = None, **verdicts: Verdict) -> FileReport:
    return join(FileKind.AGREEMENT_PACKAGE, checks(**verdicts), facts or FileFacts())


def package_facts(status: str | None = "in_force") -> FileFacts:
    signers = tuple((f"f{n}", f"名{n}", f"单位{n % 2}", MOMENT) for n in range(4))
    return FileFacts(number="SGZJ1", signers=signers, anchor_time_utc=MOMENT, status=status)


def slot(role: str, *, signed: bool) -> SlotFile:
    return SlotFile(
        ordinal=0,
        field=role,
        role=role,
        kind="person",
        signer_name="王小明",
        organisation="o",
        organisation_id="i",
        seal_name="s",
        certificate_sha256=Bytes32(bytes(32)) if signed else None,
    )


def dossier(state: AgreementState, evidence: EvidenceState, *signed: bool) -> AgreementDossier:
    roles = ("consumer", "supplier")
    done = tuple(slot(role, signed=done) for role, done in zip(roles, signed, strict=True))
    return a_dossier(number="N", state=state, evidence_state=evidence, slots=done)


@pytest.mark.parametrize(
    ("name", "shown"), [("王小明", "王*明"), ("王明", "王*"), ("欧阳小明", "欧**明"), ("王", "*"), ("", "*")]
)
def test_a_masked_name_keeps_the_ends_only(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="*"), min_size=2))
def test_a_masked_name_never_shows_more_than_two_characters(name: str) -> None:
    assert len(masked_name(name).replace("*", "")) <= 2


def test_the_last_day_for_signing_is_told_with_its_working_days() -> None:
    said = day_until(date(2026, 12, 4), datetime(2026, 11, 20, 7, 0, tzinfo=UTC))
    assert said is not None
    assert (said.zh, said.en) == ("12月4日 周五前（10 个工作日）", "By Fri 04 Dec (10 working days)")
    assert day_until(None, MOMENT) is None


def test_evidence_of_an_unformed_contract_is_never_shown_as_done() -> None:
    steps = next_steps(
        dossier(AgreementState.PARTLY_SIGNED, EvidenceState.FINAL, True, False), "consumer", TITLES
    )
    assert [step.done for step in steps] == [True, False, False, False, False, False, False]


def test_a_formed_contract_is_formed_while_its_evidence_still_waits() -> None:
    steps = next_steps(dossier(AgreementState.EXECUTED, EvidenceState.LOGGED, True, True), "consumer", TITLES)
    assert [step.done for step in steps] == [True, True, True, True, True, False, False]


@given(st.lists(st.sampled_from(list(Verdict)), min_size=12, max_size=12))
def test_proven_is_said_of_a_proven_report_only(verdicts: list[Verdict]) -> None:
    judged = report(package_facts(), **{f"s{step}": verdict for step, verdict in enumerate(verdicts)})
    said = judged.headline_zh
    assert said.startswith(judged.verdict.zh)
    assert said.startswith("已证实") == all(verdict is Verdict.PROVEN for verdict in verdicts)


def test_the_first_unproven_step_is_open_and_no_other() -> None:
    steps = steps_of(report(s4=Verdict.REFUTED, s7=Verdict.UNDECIDED))
    assert [step.check.step for step in steps if step.open] == [4]


def test_a_step_that_does_not_apply_is_neither_open_nor_counted() -> None:
    found = report(s4=Verdict.UNDECIDED)
    skipped = tuple(replace(c, code=NOT_APPLICABLE) if c.step == 4 else c for c in found.checks)
    judged = join(FileKind.SIGNED_PDF, skipped, FileFacts())
    assert judged.verdict is Verdict.PROVEN
    assert not any(step.open for step in steps_of(judged))
    assert [step.check.step for step in steps_of(judged) if not step.applies] == [4]


def test_a_status_that_is_not_proven_is_not_shown() -> None:
    assert status_line(report(package_facts(), s11=Verdict.UNDECIDED)) is None
    assert status_line(report(package_facts(), s3=Verdict.REFUTED)) is None
    assert status_line(report(package_facts())) == "状态：第11步的理由"


def test_the_line_of_the_chain_counts_seals_quorum_and_outsiders() -> None:
    members = tuple((Address(bytes([n] * 20)), name) for n, name in enumerate(OPERATORS))
    trusted = ChainTrust(
        chain_id=20261,
        genesis_hash=BlockHash(bytes(32)),
        registry=Address(bytes(20)),
        registry_code_hash=Bytes32(bytes(32)),
        validator_sets=(ValidatorSet(from_block=0, to_block=None, members=members),),
    )
    facts = replace(package_facts(), anchor_block=18204, operators=OPERATORS)
    assert chain_line(report(facts), trusted) == (
        "区块 18,204 由 4 个节点封签（需 3 个），其中非供电方 3 个：公证处、法院、CA。"
    )
    assert chain_line(report(facts, s9=Verdict.REFUTED), trusted) is None


def test_utc_in_a_reason_is_shown_in_beijing_time() -> None:
    assert _with_beijing_times("截至 2026-11-21T01:10:05Z：有效") == "截至 2026年11月21日 09:10:05：有效"


@given(st.from_regex(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", fullmatch=True))
def test_no_text_that_looks_like_a_time_breaks_a_page(text: str) -> None:
    assert _with_beijing_times(text)
