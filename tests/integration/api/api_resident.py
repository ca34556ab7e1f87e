"""Residents of a running service: a contract of their own, offered and read, and a certified key."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Protocol

from api_service import Service
from ceremony_reader import prepare_to_sign
from trial_phone import identify_as, wait

from contracts_chain.activation.own_keys import own_key_request
from contracts_chain.agreements.terms.lv_res import LvResTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.canonical_json import canonical_bytes

NAME = "林晓棠"


class HeldKey(Protocol):
    """A key that its holder keeps: a file of openssl, a token."""

    @property
    def public_key_der(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A contract that waits for its resident."""

    number: str
    token: str
    name: str

    @property
    def link(self) -> str:
        return f"/s/{self.token}"


def resident(service: Service, order_no: str, *, name: str = NAME, ready: bool = True) -> Resident:
    """Identified; ``ready`` has also read and consented, and only has to sign."""
    office = service.house.office
    terms = load_terms((files("contracts_chain.agreements.samples") / "lv_res_supply.json").read_bytes())
    assert isinstance(terms, LvResTerms)
    named = replace(terms, consumer=replace(terms.consumer, name=name))
    number = draft_agreement(office, named, order_no=order_no, drafted_by="drafter").number
    submit_for_review(office, number, by="drafter")
    approve(office, number, reviewer="reviewer")
    token = offer(office, number, by="desk").tokens["consumer"]
    identify_as(office, token)
    if ready:
        prepare_to_sign(office, token, wait)
    return Resident(number=number, token=token, name=name)


def certified(service: Service, who: Resident, key: HeldKey) -> tuple[bytes, ...]:
    """A TEST certificate over a resident's key, as any program of its own would have it made."""
    with service.client() as signer:
        assert signer.post(f"{who.link}/own-key/code").status_code == 200
        code = service.code_of(who.token)
        signature = key.sign(own_key_request(who.name, key.public_key_der, code))
        body = canonical_bytes({
            "code": code,
            "public_key": base64.b64encode(key.public_key_der).decode(),
            "signature": base64.b64encode(signature).decode(),
        })  # fmt: skip
        answer = signer.post(f"{who.link}/own-key/certificate", content=body)
    assert answer.status_code == 200, answer.text
    return tuple(base64.b64decode(one) for one in answer.json()["chain"])
