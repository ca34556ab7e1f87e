"""Chapter 4 of the report: how anyone extracts and checks the data again, command by command.

Each step is one shell command and exactly what it must print. A test runs them all on a real
package: a step that does not give the printed answer cannot be published. They need only
``unzip``, coreutils, ``openssl`` and Python's standard library; nothing of ours but the
one-file program ``verify_anchor.py``, and no network.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.evidence.cross_anchor import CrossAnchorKind
from contracts_chain.evidence.last_timestamp import find_last_timestamp
from contracts_chain.evidence.merkle import hash_twin_leaf
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.trail import final_hash
from kernel.digests import sha256
from pdfgen.document import Block, FieldTable, Heading, Paragraph

__all__ = ["PACKAGE", "ExtractionStep", "extraction_chapter", "extraction_steps"]

PACKAGE = "evidence.asice"
"""The name under which a reader saves the package before the first step."""
_FROM_HEX = "import sys\nsys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionStep:
    """One command for ``sh`` and what it prints, errors included, without the last line end."""

    title: str
    command: str
    expected: str


def extraction_chapter(subject: ReportSubject, facts: ReportFacts) -> tuple[Block, ...]:
    """Who extracts, with what, and the steps."""
    rows = tuple(
        row
        for number, step in enumerate(extraction_steps(facts), start=1)
        for row in ((f"{number}. {step.title}", step.command), ("应得结果", step.expected))
    )
    return (
        Heading(level=1, text="四、提取和固定的主体、工具与方法，可重现的提取过程"),
        Paragraph(
            text=f"提取主体为{subject.issuer}的电子合同存证系统，由程序自动完成；"
            "证据包以电子签名和时间戳固定。"
            "任何人可按下列步骤重现提取过程：新建空目录，放入证据包、信任包目录 trust（"
            "须自可信途径取得，不得取自"
            "证据包）与程序 verify_anchor.py，依次在命令行执行。各步输出应与所列一致，"
            "任何一步不一致即说明文件已变动。"
        ),
        FieldTable(title="提取与核验步骤", rows=rows),
    )


def extraction_steps(facts: ReportFacts) -> tuple[ExtractionStep, ...]:
    """The steps in the order to run them, each in the same directory."""
    return (
        _unpack(facts),
        *_document(facts),
        *_files(facts),
        *_leaf(facts),
        *_pdf_timestamp(facts),
        _chain(),
        *_cross_anchors(facts),
    )


def _unpack(facts: ReportFacts) -> ExtractionStep:
    names = sorted({"META-INF", "mimetype", "report.pdf", *(name.partition("/")[0] for name in facts.files)})
    return ExtractionStep(
        title="展开证据包",
        command=f"unzip -o -q {PACKAGE} -d ev\nLC_ALL=C ls ev",
        expected="\n".join(names),
    )


def _document(facts: ReportFacts) -> tuple[ExtractionStep, ...]:
    executed, name = facts.evidence.executed, facts.document_name
    cut = f"head -c {executed.length} ev/{name}"
    return (
        ExtractionStep(
            title="原件 SHA-256", command=f"{cut} | sha256sum", expected=f"{executed.sha256.hex()}  -"
        ),
        ExtractionStep(
            title="原件 SM3", command=f"{cut} | openssl dgst -sm3 -r", expected=f"{executed.sm3.hex()} *stdin"
        ),
    )


def _files(facts: ReportFacts) -> tuple[ExtractionStep, ...]:
    names = " ".join(f"ev/{name}" for name in facts.files)
    digests = "\n".join(f"{sha256(content).hex()}  ev/{name}" for name, content in facts.files.items())
    return (
        ExtractionStep(title="包内文件摘要", command=f"sha256sum {names}", expected=digests),
        ExtractionStep(
            title="清单含本报告",
            command="D=$(openssl dgst -sha256 -binary ev/report.pdf | openssl base64)\n"
            'grep -c -F "$D" ev/META-INF/ASiCManifest.xml',
            expected="1",
        ),
        ExtractionStep(
            title="证据包签名",
            command="cat trust/ca-root-*.pem trust/tsa-root-*.pem > roots.pem\n"
            "openssl cms -verify -binary -inform DER -purpose any \\\n"
            "-no_check_time -CAfile roots.pem -out manifest.xml \\\n"
            "-in ev/META-INF/signature.p7s \\\n"
            "-content ev/META-INF/ASiCManifest.xml 2>&1 | tail -n 1",
            expected="CMS Verification successful",
        ),
    )


def _leaf(facts: ReportFacts) -> tuple[ExtractionStep, ...]:
    """The record's canonical bytes stand verbatim in evidence.json, which is canonical itself (RFC 8785)."""
    kind = RecordKind.AGREEMENT_EXECUTED if facts.is_agreement else RecordKind.INVOICE_ISSUED
    record = facts.evidence.record_of(kind)
    cut = _cut_of(record, facts.files["evidence.json"])
    steps = [
        ExtractionStep(
            title="存证记录的叶哈希",
            command=f"(printf '\\000'; {cut}) \\\n| sha256sum",
            expected=f"{record.leaf().hex()}  -",
        )
    ]
    if facts.renewed is not None:
        steps.append(
            ExtractionStep(
                title="SM3 叶哈希",
                command=f"(printf '\\000'; {cut}) \\\n| openssl dgst -sm3 -r",
                expected=f"{hash_twin_leaf(record.canonical()).hex()} *stdin",
            )
        )
    if facts.trail:
        steps.append(
            ExtractionStep(
                title="过程记录末条",
                command="tail -n 1 ev/trail.jsonl | tr -d '\\n' | sha256sum",
                expected=f"{final_hash(facts.trail).hex()}  -",
            )
        )
    return tuple(steps)


def _cut_of(record: Record, evidence: bytes) -> str:
    content = record.canonical()
    start = evidence.index(content)
    return f"tail -c +{start + 1} ev/evidence.json | head -c {len(content)}"


def _pdf_timestamp(facts: ReportFacts) -> tuple[ExtractionStep, ...]:
    """The newest archive timestamp, which covers the whole file but itself."""
    if not facts.is_agreement:
        return ()
    place = find_last_timestamp(facts.files["agreement.pdf"])
    if place is None:
        return ()
    return (
        ExtractionStep(
            title="归档时间戳",
            command=f"(head -c {place.before} ev/agreement.pdf\n"
            f"tail -c +{place.resume + 1} ev/agreement.pdf | head -c {place.after}) > stamped.bin\n"
            f"tail -c +{place.token_start + 1} ev/agreement.pdf | head -c {place.token_digits} \\\n"
            f"| python3 -c '{_FROM_HEX}' > token.der\n"
            "cat trust/tsa-root-*.pem > tsa.pem\n"
            "openssl ts -verify -token_in -in token.der -data stamped.bin \\\n"
            "-CAfile tsa.pem 2>/dev/null",
            expected="Verification: OK",
        ),
    )


def _chain() -> ExtractionStep:
    return ExtractionStep(
        title="默克尔路径、链上事件、区块签封",
        command=f"python3 verify_anchor.py {PACKAGE} trust/trust.json \\\n| tail -n 1",
        expected="proven",
    )


def _cross_anchors(facts: ReportFacts) -> tuple[ExtractionStep, ...]:
    return tuple(
        ExtractionStep(
            title=f"交叉锚定：{one.place}",
            command="python3 -c \"import json,base64,sys;o=json.load(open('ev/evidence.json'))\n"
            f"c=o['cross_anchors'][{number}];h=bytes.fromhex(c['header_hash'][2:])\n"
            "open('header.bin','wb').write(h)\n"
            "open('cross.der','wb').write(base64.b64decode(c['proof']))\"\n"
            "cat trust/tsa-root-*.pem > tsa.pem\n"
            "openssl ts -verify -token_in -in cross.der -data header.bin \\\n"
            "-CAfile tsa.pem 2>/dev/null",
            expected="Verification: OK",
        )
        for number, one in enumerate(facts.evidence.cross_anchors)
        if one.kind is CrossAnchorKind.RFC3161
    )
