"""The member ``authority`` of activation.json: what is read, what is refused, whose key a rule finds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from activation_people import UTILITY, Vouchers

from contracts_chain.activation.configuration import ActivationConfiguration, ConfigurationError, Issuing
from contracts_chain.activation.event_authority import CscAuthority, signer_digest
from contracts_chain.evidence.will import FieldToSign, SignerRef

AUTHORITY = CscAuthority(
    url="https://sign.ca.example/api",
    token="file:csc-token",
    pin="env:CSC_PIN",
    person_credential="person-{signer}-{organisation_id}",
    seal_credential="seal-{organisation_id}-{seal_name}",
    seal_common_name="{organisation} {seal_name}",
    roots=("ca-root.pem",),
)
ZHANG = SignerRef(name="张三", id_type="RESIDENT_ID", id_no="330206199001011234")
SEAL = FieldToSign(
    field="ConsumerSeal", kind="seal", organisation="甲公司", organisation_id="913302", seal_name="公章"
)


def configuration(authority: CscAuthority) -> ActivationConfiguration:
    issuing = Issuing(utility_uscc=UTILITY, tsa_roots=("tsa.pem",), authority=authority)
    return Vouchers().configuration(issuing=issuing)


def written(authority: CscAuthority) -> bytes:
    return json.dumps(configuration(authority).as_json()).encode()


def test_what_was_written_is_read_again() -> None:
    one = configuration(AUTHORITY)
    assert ActivationConfiguration.parse(json.dumps(one.as_json()).encode()) == one


def test_without_the_member_nothing_is_guessed() -> None:
    told = json.loads(written(AUTHORITY))
    del told["authority"]
    with pytest.raises(ConfigurationError, match="authority"):
        ActivationConfiguration.parse(json.dumps(told).encode())


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("url", "http://sign.ca.example"),
        ("url", "sign.ca.example"),
        ("token", "eyJhbGciOi"),
        ("pin", "123456"),
        ("person_credential", "everybody"),
        ("person_credential", "{name}"),
        ("person_credential", "{signer}-{seal_name}"),
        ("person_credential", "{signer"),
        ("seal_credential", "seal-{seal_name}"),
        ("seal_common_name", "TEST"),
        ("roots", ()),
    ],
)
def test_a_rule_that_would_leak_or_mix_people_up_is_refused(member: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=member):
        ActivationConfiguration.parse(written(replace(AUTHORITY, **{member: value})))  # type: ignore[arg-type]


def test_another_kind_of_authority_is_refused() -> None:
    told = json.loads(written(AUTHORITY)) | {"authority": {"kind": "scep"}}
    with pytest.raises(ConfigurationError, match="test or csc"):
        ActivationConfiguration.parse(json.dumps(told).encode())


def test_a_person_is_found_by_its_document_and_never_by_its_name_alone() -> None:
    person = replace(SEAL, kind="person", seal_name="")
    namesake = replace(ZHANG, id_no="330206199001015678")
    digest = hashlib.sha256(b"RESIDENT_ID:330206199001011234").hexdigest()
    assert signer_digest(ZHANG) == digest
    assert AUTHORITY.credential_id(ZHANG, person) == f"person-{digest}-913302"
    assert AUTHORITY.credential_id(namesake, person) != AUTHORITY.credential_id(ZHANG, person)
    assert ZHANG.id_no not in AUTHORITY.credential_id(ZHANG, person)


def test_a_seal_is_found_by_its_organisation_whoever_uses_it() -> None:
    assert AUTHORITY.credential_id(ZHANG, SEAL) == "seal-913302-公章"
    assert AUTHORITY.seal_name_of(organisation="甲公司", seal_name="公章") == "甲公司 公章"
