"""One member of ``activation.json`` at a time: set, taken away, or refused with the reason."""

from __future__ import annotations

import json

import pytest
from activation_people import Vouchers

from contracts_chain.activation.changed_setting import (
    SettingRefusedError,
    SettingUnknownError,
    changed_setting,
    differing_members,
)

KEPT = Vouchers().configuration()
CSC = {
    "kind": "csc",
    "url": "https://sign.ca.example/api",
    "token": "file:csc-token",
    "pin": "",
    "person_credential": "person-{signer}",
    "seal_credential": "seal-{organisation_id}",
    "seal_common_name": "{organisation}",
    "roots": ["ca-root.pem"],
}


@pytest.mark.parametrize(
    ("name", "value", "member"),
    [
        ("rp_name", "另一家供电公司", "rp_name"),
        ("codes_an_hour", "3", "codes_an_hour"),
        ("tsa_urls", '["https://tsa.example/tsa"]', "tsa_urls"),
        ("providers.another", "ab" * 32, "providers"),
        ("authority", json.dumps(CSC), "authority"),
    ],
)
def test_one_member_changes_and_no_other(name: str, value: str, member: str) -> None:
    assert differing_members(KEPT, changed_setting(KEPT, name, value)) == (member,)


@pytest.mark.parametrize(
    ("name", "value"), [("kek", "env:KEK"), ("results_days", "7"), ("attestation_days", "30")]
)
def test_what_no_setting_of_the_service_names_changes_and_is_no_difference(name: str, value: str) -> None:
    changed = changed_setting(KEPT, name, value)
    assert changed != KEPT
    assert differing_members(KEPT, changed) == ()


def test_a_key_of_a_member_is_set_and_taken_away() -> None:
    another = changed_setting(KEPT, "hall_clerks.clerk-9", "cd" * 32)
    assert set(another.hall_clerks) == {*KEPT.hall_clerks, "clerk-9"}
    assert changed_setting(another, "hall_clerks.clerk-9", None) == KEPT


def test_a_part_of_the_authority_is_set_alone() -> None:
    licensed = changed_setting(KEPT, "authority", json.dumps(CSC))
    told = changed_setting(licensed, "authority.roots", '["a.pem", "b.pem"]').as_json()["authority"]
    assert told == {**CSC, "roots": ["a.pem", "b.pem"]}


@pytest.mark.parametrize(
    "name", ["schema", "origin", "", "rp_name.zh", "hall_clerks.nobody", "providers.a.b"]
)
def test_a_name_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(SettingUnknownError) as problem:
        changed_setting(KEPT, name, None)
    assert problem.value.known


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origins", '["nowhere"]'),
        ("origins", "https://sign.example"),
        ("attestation_days", "0"),
        ("results_days", "0"),
        ("results_days", "100000000"),
        ("codes_an_hour", "many"),
        ("rp_id", ""),
        ("rp_id", None),
        ("providers.another", "ab"),
        ("authority.url", "http://sign.ca.example"),
        ("authority", json.dumps({**CSC, "token": "the token itself"})),
        ("authority", json.dumps({**CSC, "person_credential": "one for all"})),
    ],
)
def test_what_the_process_would_refuse_is_refused(name: str, value: str | None) -> None:
    with pytest.raises(SettingRefusedError) as problem:
        changed_setting(KEPT, name, value)
    assert problem.value.name == name
    assert "未作任何更改" in problem.value.zh
