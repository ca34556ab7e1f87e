"""``package_sealers`` of a trust bundle: required, one at least, none twice, nothing left over."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_case import SUPPLIER, Case

from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.trust_bundle import TrustBundle, UnreadableTrustError
from kernel.canonical_json import JsonValue, canonical_bytes

NAMED: dict[str, JsonValue] = {"organisation": SUPPLIER[0], "organisation_id": SUPPLIER[1]}


def loaded(case: Case, directory: Path, members: dict[str, JsonValue]) -> TrustBundle:
    case.trust.write(directory)
    (directory / "trust.json").write_bytes(canonical_bytes(members))
    return TrustBundle.load(directory)


def test_the_sealers_of_a_bundle_are_read_as_written(case: Case, tmp_path: Path) -> None:
    members = {**case.trust.as_json(), "package_sealers": [NAMED, {**NAMED, "organisation": "新名"}]}
    read = loaded(case, tmp_path, members)
    old = PackageSealer(organisation=SUPPLIER[0], organisation_id=SUPPLIER[1])
    assert read.package_sealers == (old, PackageSealer(organisation="新名", organisation_id=SUPPLIER[1]))
    assert read.as_json() == members


def test_a_bundle_that_names_no_sealers_is_unreadable(case: Case, tmp_path: Path) -> None:
    members = case.trust.as_json()
    del members["package_sealers"]
    with pytest.raises(UnreadableTrustError, match=r"trust\.package_sealers: missing"):
        loaded(case, tmp_path, members)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        NAMED,
        "示例供电公司",
        ["示例供电公司"],
        [NAMED, NAMED],
        [{"organisation": SUPPLIER[0]}],
        [{"organisation_id": SUPPLIER[1]}],
        [{**NAMED, "organisation": ""}],
        [{**NAMED, "organisation_id": ""}],
        [{**NAMED, "organisation_id": None}],
        [{**NAMED, "common_name": "more"}],
    ],
    ids=repr,
)
def test_sealers_of_another_form_make_a_bundle_unreadable(
    case: Case, tmp_path: Path, value: JsonValue
) -> None:
    with pytest.raises(UnreadableTrustError, match="package_sealers"):
        loaded(case, tmp_path, {**case.trust.as_json(), "package_sealers": value})
