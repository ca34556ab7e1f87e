"""Findings as JSON and back, for the pipe between an inspection process and its parent.

The child may have read a hostile file: what it says is parsed as data, never unpickled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kernel.canonical_json import JsonObject, JsonValue
from kernel.digests import Digests
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.model import (
    Modification,
    OpeningFinding,
    PadesLevel,
    PdfFindings,
    SignatureFinding,
    SignerIdentity,
    SoleControl,
    TimeSource,
    TimestampFinding,
)

__all__ = ["findings_as_json", "findings_from_json"]


def findings_as_json(findings: PdfFindings) -> JsonObject:
    """One JSON object; hex without prefix, times in ISO 8601 with offset."""
    return {
        "signatures": [_signature_as_json(one) for one in findings.signatures],
        "document_timestamps": [_timestamp_as_json(one) for one in findings.document_timestamps],
        "fields": list(findings.fields),
        "executed": findings.executed.as_json() if findings.executed else None,
        "tail": findings.tail.value,
        "tail_code": findings.tail_code,
        "opening": _opening_as_json(findings.opening) if findings.opening else None,
        "foreign": findings.foreign,
    }


def findings_from_json(value: JsonValue) -> PdfFindings:
    """Read what ``findings_as_json`` wrote.

    Raises:
        ValueError: Another form.
    """
    read = _Reader(value)
    executed, opening = read.inner("executed"), read.inner("opening")
    return PdfFindings(
        signatures=tuple(_signature_from_json(one) for one in read.rows("signatures")),
        document_timestamps=tuple(_timestamp_from_json(one) for one in read.rows("document_timestamps")),
        fields=tuple(str(name) for name in read.values("fields")),
        executed=_digests_from_json(executed) if executed else None,
        tail=Verdict(read.text("tail")),
        tail_code=read.text("tail_code"),
        opening=_opening_from_json(opening) if opening else None,
        foreign=read.flag("foreign"),
    )


def _signature_as_json(one: SignatureFinding) -> JsonObject:
    return {
        "field": one.field,
        "signer": _identity_as_json(one.signer) if one.signer else None,
        "integrity": one.integrity.value,
        "chain": one.chain.value,
        "timestamp": one.timestamp.value,
        "timestamp_utc": _moment(one.timestamp_utc),
        "time_source": one.time_source.value,
        "level": one.level.value,
        "modification": one.modification.value,
        "covered_length": one.covered_length,
        "code": one.code,
        "detail": one.detail,
        "integrity_code": one.integrity_code,
        "chain_code": one.chain_code,
        "timestamp_code": one.timestamp_code,
    }


def _signature_from_json(read: _Reader) -> SignatureFinding:
    signer = read.inner("signer")
    return SignatureFinding(
        field=read.text("field"),
        signer=_identity_from_json(signer) if signer else None,
        integrity=Verdict(read.text("integrity")),
        chain=Verdict(read.text("chain")),
        timestamp=Verdict(read.text("timestamp")),
        timestamp_utc=read.moment("timestamp_utc"),
        time_source=TimeSource(read.text("time_source")),
        level=PadesLevel(read.text("level")),
        modification=Modification(read.text("modification")),
        covered_length=read.number("covered_length"),
        code=read.text("code"),
        detail=read.text("detail"),
        integrity_code=read.text("integrity_code"),
        chain_code=read.text("chain_code"),
        timestamp_code=read.text("timestamp_code"),
    )


def _timestamp_as_json(one: TimestampFinding) -> JsonObject:
    return {
        "verdict": one.verdict.value,
        "time_utc": _moment(one.time_utc),
        "covered_length": one.covered_length,
        "code": one.code,
    }


def _timestamp_from_json(read: _Reader) -> TimestampFinding:
    return TimestampFinding(
        verdict=Verdict(read.text("verdict")),
        time_utc=read.moment("time_utc"),
        covered_length=read.number("covered_length"),
        code=read.text("code"),
    )


def _opening_as_json(one: OpeningFinding) -> JsonObject:
    return {"ends": one.ends, "resumes": one.resumes, "verdict": one.verdict.value, "code": one.code}


def _opening_from_json(read: _Reader) -> OpeningFinding:
    return OpeningFinding(
        ends=read.number("ends"),
        resumes=read.number("resumes"),
        verdict=Verdict(read.text("verdict")),
        code=read.text("code"),
    )


def _identity_as_json(one: SignerIdentity) -> JsonObject:
    return {
        "common_name": one.common_name,
        "organisation": one.organisation,
        "organisation_id": one.organisation_id,
        "serial_number": one.serial_number,
        "issuer": one.issuer,
        "certificate_sha256": one.certificate_sha256.hex(),
        "not_before_utc": one.not_before_utc.isoformat(),
        "not_after_utc": one.not_after_utc.isoformat(),
        "sole_control": one.sole_control.value if one.sole_control else None,
    }


def _identity_from_json(read: _Reader) -> SignerIdentity:
    level = read.optional_text("sole_control")
    return SignerIdentity(
        common_name=read.text("common_name"),
        organisation=read.optional_text("organisation"),
        organisation_id=read.optional_text("organisation_id"),
        serial_number=read.text("serial_number"),
        issuer=read.text("issuer"),
        certificate_sha256=Bytes32.from_hex(read.text("certificate_sha256")),
        not_before_utc=datetime.fromisoformat(read.text("not_before_utc")),
        not_after_utc=datetime.fromisoformat(read.text("not_after_utc")),
        sole_control=SoleControl(level) if level is not None else None,
    )


def _digests_from_json(read: _Reader) -> Digests:
    return Digests(
        length=read.number("length"),
        sha256=Bytes32.from_hex(read.text("sha256")),
        sm3=Bytes32.from_hex(read.text("sm3")),
    )


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


class _Reader:
    """One JSON object, read field by field with its type checked."""

    def __init__(self, value: JsonValue) -> None:
        if not isinstance(value, Mapping):
            raise ValueError("a JSON object was expected")  # noqa: TRY004 - the value is wrong, not the call
        self._value = value

    def text(self, key: str) -> str:
        found = self._value[key]
        if not isinstance(found, str):
            raise ValueError(f"'{key}' must be text")  # noqa: TRY004
        return found

    def optional_text(self, key: str) -> str | None:
        return None if self._value[key] is None else self.text(key)

    def number(self, key: str) -> int:
        found = self._value[key]
        if not isinstance(found, int):
            raise ValueError(f"'{key}' must be an integer")  # noqa: TRY004
        return found

    def flag(self, key: str) -> bool:
        found = self._value[key]
        if not isinstance(found, bool):
            raise ValueError(f"'{key}' must be true or false")  # noqa: TRY004
        return found

    def moment(self, key: str) -> datetime | None:
        text = self.optional_text(key)
        return datetime.fromisoformat(text) if text else None

    def inner(self, key: str) -> _Reader | None:
        return None if self._value[key] is None else _Reader(self._value[key])

    def values(self, key: str) -> Sequence[JsonValue]:
        found = self._value[key]
        if isinstance(found, str) or not isinstance(found, Sequence):
            raise ValueError(f"'{key}' must be a list")  # noqa: TRY004
        return found

    def rows(self, key: str) -> list[_Reader]:
        return [_Reader(value) for value in self.values(key)]
