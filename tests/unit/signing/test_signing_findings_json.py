"""Findings survive the pipe between inspection process and parent."""

from __future__ import annotations

import json

import pytest

from kernel.canonical_json import canonical_bytes, parse_json
from signing.findings_json import findings_as_json, findings_from_json
from tests.unit.signing.signed_samples import Office, draft


def test_findings_come_back_unchanged(office: Office, executed: bytes) -> None:
    for pdf in (executed, draft()):
        findings = office.inspect(pdf)
        assert findings_from_json(parse_json(canonical_bytes(findings_as_json(findings)))) == findings


@pytest.mark.parametrize("key", ["signatures", "fields", "tail", "executed"])
def test_a_wrong_type_is_not_taken(office: Office, executed: bytes, key: str) -> None:
    answer = json.loads(canonical_bytes(findings_as_json(office.inspect(executed))))
    answer[key] = 7
    with pytest.raises(ValueError, match=r"must be|expected"):
        findings_from_json(answer)
