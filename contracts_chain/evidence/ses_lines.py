"""The GB/T 38540 seal signatures of a package, eight lines each, below step 2.

Decides what ties a seal signature to the agreement (line 0 of each): its field is a seal that somebody
owed, the record of that seal holds its digests, its signer belongs to that party, and it
covers exactly the recorded revision. A package without seal signatures stays what it is and says so; a
recorded one that is missing, or one nobody recorded, refutes. What is there must hold.

The recorded digests are over the seal signature without its timestamp: a token may come later and be
renewed (line 8 judges it by itself).
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.evidence.evidence_json import Evidence, EvidenceSlot
from contracts_chain.evidence.examination import Examination, Outcome, check_of_error
from contracts_chain.evidence.findings_error import EvidenceMismatchError, PartyMismatchError
from contracts_chain.evidence.package import AgreementContents
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.steps.judged import signing_records
from contracts_chain.evidence.strict_fields import Fields
from kernel.canonical_json import JsonObject
from kernel.digests import sha256, sm3
from kernel.sized_bytes import Bytes32
from kernel.verdict import Check, CheckLine, Verdict, overall
from signing.certificates import identity_of
from signing.ses.judging import judge_ses
from signing.ses.lines import LINE_NAMES, SesLine
from signing.ses.reading import read_ses, unstamped
from signing.sm2_chain import load_certificate

__all__ = ["ses_details", "with_seal_lines"]

_STEP = 2


def ses_details(ses: bytes | None) -> JsonObject:
    """Facts for the ``agreement.sealed`` record; empty for a seal without a domestic signature.

    Raises:
        SesMalformedError: Not a seal signature.
    """
    if ses is None:
        return {}
    core = unstamped(ses)
    return {"ses_sha256": sha256(core).hex(), "ses_sm3": sm3(core).hex()}


def with_seal_lines(check: Check, examination: Examination) -> Check:
    """Step 2 with the lines of every seal signature; the graver verdict counts."""
    opened = examination.opened.value
    if opened is None or not isinstance(opened.contents, AgreementContents):
        return check
    contents = opened.contents
    outcome = Outcome.of(lambda: _lines(contents, examination))
    if outcome.error is not None:
        return _graver(check, check_of_error(_STEP, outcome.error))
    lines = outcome.get()
    if not lines and check.verdict is not Verdict.PROVEN:
        return check
    if not lines:
        return replace(check, en=f"{check.en} Domestic seals: none.", zh=f"{check.zh}国密签章：无。")
    return _graver(check, _summary(lines, len(contents.ses)))


def _graver(check: Check, seals: Check) -> Check:
    """Both as one step: the sentences joined where both hold, else those of the graver one."""
    verdict = overall((check.verdict, seals.verdict))
    if verdict is Verdict.PROVEN:
        return replace(check, en=f"{check.en} {seals.en}", zh=f"{check.zh}{seals.zh}", lines=seals.lines)
    return replace(check if check.verdict is verdict else seals, lines=seals.lines)


def _summary(lines: tuple[CheckLine, ...], count: int) -> Check:
    verdict = overall(line.verdict for line in lines)
    first = next((line for line in lines if line.verdict is verdict), lines[0])
    en = f"{first.subject}, domestic seal line {first.number}: {first.en}"
    zh = f"{first.subject} 国密签章第 {first.number} 项：{first.zh}"
    if verdict is Verdict.PROVEN:
        en = f"Domestic seals: {count}, all eight lines proven for each."
        zh = f"国密签章：{count} 枚，各八项均已证实。"
    return Check(step=_STEP, code=first.code, verdict=verdict, en=en, zh=zh, lines=lines)


def _lines(contents: AgreementContents, examination: Examination) -> tuple[CheckLine, ...]:
    """All lines of all seal signatures.

    Raises:
        EvidenceMismatchError: A recorded one is missing.
        DependsOnStepError: evidence.json cannot be read while there are seal signatures.
    """
    if not contents.ses and examination.evidence.value is None:
        return ()
    evidence = examination.evidence.need(0)
    records = signing_records(evidence)
    held = dict(contents.ses)
    for field, record in records.items():
        if "ses_sha256" in record.details and field not in held:
            raise EvidenceMismatchError(
                f"the recorded domestic seal signature of {field} is missing",
                f"存证记录所载 {field} 的国密签章缺失",
            )
    return tuple(
        line for field, der in contents.ses for line in _of_field(field, der, contents, evidence, examination)
    )


def _of_field(
    field: str, der: bytes, contents: AgreementContents, evidence: Evidence, examination: Examination
) -> tuple[CheckLine, ...]:
    record = signing_records(evidence).get(field)
    slot = next((slot for slot in evidence.slots if slot.field == field), None)
    bound = Outcome.of(lambda: _bound(field, der, slot, record))
    covered = contents.agreement_pdf[: record.document.length] if record is not None else b""
    judged = judge_ses(
        der, covered, examination.trust.signatures, at=examination.at, skew=examination.trust.skew
    )
    return (_bond_line(field, bound), *(_line(field, line) for line in judged))


def _bound(field: str, der: bytes, slot: EvidenceSlot | None, record: Record | None) -> None:
    """Line 0.

    Raises:
        EvidenceMismatchError: Nobody recorded this seal signature, or another one.
        PartyMismatchError: Its signer is of another organisation.
    """
    if slot is None or record is None or record.kind is not RecordKind.AGREEMENT_SEALED:
        raise EvidenceMismatchError(f"{field} is no seal of this agreement", f"{field} 不是本合同的印章")
    if "ses_sha256" not in record.details:
        raise EvidenceMismatchError(
            f"nobody recorded a domestic seal signature of {field}", f"存证记录没有 {field} 的国密签章"
        )
    facts = Fields(record.details, f"{field} record")
    recorded = {name: facts.sized(name, Bytes32).hex() for name in ("ses_sha256", "ses_sm3")}
    found = ses_details(der)
    if recorded != found:
        raise EvidenceMismatchError(
            f"the domestic seal signature of {field} is not the recorded one",
            f"{field} 的国密签章与存证记录不一致",
            expected=recorded["ses_sm3"],
            actual=found["ses_sm3"],
        )
    signer = identity_of(load_certificate(read_ses(der).certificate))
    if (signer.organisation, signer.organisation_id) != (slot.organisation, slot.organisation_id):
        raise PartyMismatchError(
            f"the domestic seal of {field} belongs to another organisation",
            f"{field} 的国密签章属于其他单位",
            expected=f"{slot.organisation} {slot.organisation_id}",
            actual=f"{signer.organisation} {signer.organisation_id}",
        )


def _bond_line(field: str, bound: Outcome[None]) -> CheckLine:
    if bound.error is None:
        en, zh = (
            "The log recorded this seal signature, and it is the party's.",
            "与存证记录一致，签章人即该方当事人。",
        )
        code, verdict = "ok", Verdict.PROVEN
    else:
        check = check_of_error(_STEP, bound.error)
        en, zh, code, verdict = check.en, check.zh, check.code, check.verdict
    return CheckLine(
        subject=field,
        number=0,
        name_en="record and party",
        name_zh="存证记录与当事人",
        code=code,
        verdict=verdict,
        en=en,
        zh=zh,
    )


def _line(field: str, line: SesLine) -> CheckLine:
    name_en, name_zh = LINE_NAMES[line.number]
    return CheckLine(
        subject=field,
        number=line.number,
        name_en=name_en,
        name_zh=name_zh,
        code=line.code,
        verdict=line.verdict,
        en=line.en,
        zh=line.zh,
    )
