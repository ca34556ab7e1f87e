"""``contracts-chain seal``: one seal of GB/T 38540, or one seal signature with what it covers, line by line.

Decides nothing of its own: the lines are those of ``signing.ses``, the exit code is that of the graver
verdict, as ``verify``. A seal by itself gets lines 1 and 2, a seal signature all eight. Words of others
are printed as they are, never as markup; nothing is fetched.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from api.bounded_file import FileTooLargeError, FileUnopenedError, printable, read_bounded
from api.problems_cli import told
from api.verification import GREATEST_FILE, NoTrustError, load_trust
from contracts_chain.evidence.trust_bundle import TrustBundle, UnreadableTrustError
from kernel.canonical_json import JsonValue
from kernel.clock import SystemClock, utc_text
from kernel.errors import RejectedError
from kernel.verdict import Verdict, overall
from signing.ses.judging import judge_ses
from signing.ses.lines import LINE_NAMES, SesLine, refuted_line, undecided_line
from signing.ses.own_seal import OwnSeal, read_own_seal
from signing.ses.reading import GREATEST_SES, SesFile, SesMalformedError, read_ses

__all__ = ["JudgedSeal", "SealContentDueError", "judge_seal_file", "seal_file"]

_COVERAGE: Final = 0
_NAMES: Final = {_COVERAGE: ("coverage", "覆盖范围")} | LINE_NAMES
_RANGE: Final = re.compile(r"bytes 0-([0-9]{1,12})")
_KINDS: Final = {
    "seal": "电子印章 seal",
    "seal_signature": "电子签章 seal signature",
    "unknown": "未知文件 unknown file",
}
_MARK: Final = {Verdict.PROVEN: "✓", Verdict.REFUTED: "✕", Verdict.UNDECIDED: "?", Verdict.UNREADABLE: "–"}


class SealContentDueError(RejectedError):
    """A seal signature came without what it covers, or a seal with something that it cannot cover."""

    code = "seal_content"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSeal:
    """What a file is and what holds of it.

    Attributes:
        kind: ``seal``, ``seal_signature``, or ``unknown``.
        seal: The seal itself; ``None`` where the form does not hold.
        lines: In order; line 0 stands before them where the content goes on behind the covered bytes.
    """

    kind: str
    seal: OwnSeal | None
    lines: tuple[SesLine, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest of the lines."""
        return overall(line.verdict for line in self.lines)


def seal_file(
    file: Path, trust: Path | None, content: Path | None, crls: tuple[Path, ...] = (), *, as_json: bool
) -> int:
    """Judge and print; exit 0, 10, 20, 30 by the verdict, 2 where the arguments do not fit together."""
    try:
        bundle = load_trust(trust)
        lists = tuple(read_bounded(path, GREATEST_SES) for path in crls)
        covered = None if content is None else read_bounded(content, GREATEST_FILE)
    except (NoTrustError, UnreadableTrustError, FileUnopenedError, FileTooLargeError) as problem:
        told(problem)
        return 2
    try:
        der = read_bounded(file, GREATEST_SES)
    except (FileUnopenedError, FileTooLargeError) as problem:
        told(problem)
        return Verdict.UNREADABLE.exit_code
    try:
        judged = judge_seal_file(der, bundle, content=covered, crls=lists, at=SystemClock().now())
    except SealContentDueError as problem:
        told(problem)
        return 2
    if as_json:
        print(json.dumps(_json(file, judged), ensure_ascii=False))
    else:
        _print(file, judged)
    return judged.verdict.exit_code


def judge_seal_file(
    der: bytes, trust: TrustBundle, *, content: bytes | None, crls: tuple[bytes, ...] = (), at: datetime
) -> JudgedSeal:
    """Judge a seal, or a seal signature over ``content``.

    Args:
        der: SESeal or SES_Signature.
        trust: Whose roots count.
        content: What was sealed; ``None`` for a seal by itself.
        crls: Lists of the seal maker's authority for a seal by itself, DER; a seal signature carries its own.
        at: Now, aware.

    Raises:
        SealContentDueError: A seal signature without content, or a seal with one.
    """
    own, signature = _own_seal(der, trust, crls, at), _signature(der)
    if signature is not None:
        if content is None:
            raise SealContentDueError(
                "this is a seal signature: name the file it covers with --content",
                "这是电子签章：请用 --content 指定被签章的原文",
            )
        return _judged_signature(der, signature, trust, content, at)
    if own is not None and content is not None:
        raise SealContentDueError(
            "this is a seal by itself, it covers nothing; leave out --content, or give the seal signature",
            "这是电子印章本身，不覆盖任何文件；请去掉 --content，或改为提供签章文件",
        )
    if own is None:
        return JudgedSeal(kind="unknown", seal=None, lines=(_malformed(der),))
    return JudgedSeal(kind="seal", seal=own, lines=own.lines)


def _judged_signature(
    der: bytes, signature: SesFile, trust: TrustBundle, content: bytes, at: datetime
) -> JudgedSeal:
    """All eight lines over the bytes that the signature says it covers."""
    stated = _RANGE.fullmatch(signature.protected)
    covered = content[: int(stated[1]) + 1] if stated else content
    lines = judge_ses(der, covered, trust.signatures, at=at, skew=trust.skew)
    if len(covered) < len(content):
        lines = (_later_bytes(len(covered), len(content)), *lines)
    own = _own_seal(signature.seal.der, trust, signature.crls, at)
    return JudgedSeal(kind="seal_signature", seal=own, lines=lines)


def _later_bytes(covered: int, length: int) -> SesLine:
    return undecided_line(
        _COVERAGE,
        "later_bytes",
        f"the seal covers the first {covered} of {length} bytes; of the rest it says nothing: "
        "verify the whole file with contracts-chain verify",
        f"签章仅覆盖文件前 {covered} 字节（共 {length} 字节），不涉及其后内容；"
        "请用 contracts-chain verify 核验整个文件",
    )


def _own_seal(der: bytes, trust: TrustBundle, crls: tuple[bytes, ...], at: datetime) -> OwnSeal | None:
    try:
        return read_own_seal(der, trust.signatures, at=at, crls=crls)
    except SesMalformedError:
        return None


def _signature(der: bytes) -> SesFile | None:
    try:
        return read_ses(der)
    except SesMalformedError:
        return None


def _malformed(der: bytes) -> SesLine:
    return replace(
        refuted_line(
            1,
            SesMalformedError.code,
            f"{len(der)} bytes that are neither a seal nor a seal signature of GB/T 38540-2020",
            f"共 {len(der)} 字节，既不是 GB/T 38540-2020 电子印章，也不是电子签章",
        ),
        verdict=Verdict.UNREADABLE,
    )


def _json(file: Path, judged: JudgedSeal) -> dict[str, JsonValue]:
    return {
        "schema": 1,
        "file": printable(file),
        "kind": judged.kind,
        "verdict": judged.verdict.value,
        "seal": None if judged.seal is None else _seal_json(judged.seal),
        "lines": [
            {
                "number": line.number,
                "name": _NAMES[line.number][0],
                "name_zh": _NAMES[line.number][1],
                "code": line.code,
                "verdict": line.verdict.value,
                "detail": line.en,
                "detail_zh": line.zh,
            }
            for line in judged.lines
        ],
    }


def _seal_json(seal: OwnSeal) -> JsonValue:
    return {
        "id": seal.seal_id,
        "name": seal.name,
        "owner": seal.owner,
        "owner_id": seal.owner_id,
        "valid_from_utc": utc_text(seal.valid_from_utc),
        "valid_to_utc": utc_text(seal.valid_to_utc),
    }


def _print(file: Path, judged: JudgedSeal) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(printable(file), "bold"))
    console.print(
        Text(
            f"{_MARK[judged.verdict]} {_KINDS[judged.kind]}：{judged.verdict.zh} {judged.verdict.value}",
            "bold",
        )
    )
    if judged.seal is not None:
        seal = judged.seal
        owner = " ".join(part for part in (seal.owner, seal.owner_id) if part) or "未载明 not stated"
        console.print(Text(f"  {seal.name}（{seal.seal_id}）\n  所有人 owner：{owner}"))
    for line in judged.lines:
        name_en, name_zh = _NAMES[line.number]
        console.print(Text(f"  {_MARK[line.verdict]} {line.number} {name_zh} {name_en}：{line.zh}"))
        if line.verdict is not Verdict.PROVEN:
            console.print(Text(f"      {line.en} [{line.code}]"))
