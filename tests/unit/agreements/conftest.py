"""The sample order, read once, and the rules it is checked against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import cast

import pytest

from contracts_chain.agreements.rules.pack import RulePack, load_pack
from contracts_chain.agreements.rules.profile import Profile, load_profile
from contracts_chain.agreements.terms import AgreementKind, DispatchTerms, HvSupplyTerms
from contracts_chain.agreements.terms_json import Order, load_order

NUMBER = "SGZJMZ00YXGY2600001"


@pytest.fixture(scope="session")
def sample() -> bytes:
    return files("contracts_chain.agreements.samples").joinpath("zhejiang_35kv.json").read_bytes()


@pytest.fixture(scope="session")
def order(sample: bytes) -> Order:
    return load_order(sample)


@pytest.fixture(scope="session")
def supply(order: Order) -> HvSupplyTerms:
    return cast("HvSupplyTerms", order.agreements[0])


@pytest.fixture(scope="session")
def dispatch(order: Order) -> DispatchTerms:
    numbers = {AgreementKind.HV_SUPPLY: NUMBER}
    return cast("DispatchTerms", order.agreements[1]).with_numbers(numbers)


@pytest.fixture(scope="session")
def pack() -> RulePack:
    return load_pack()


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
def raw(sample: bytes) -> Mapping[str, object]:
    """The order as fresh JSON, to be broken."""
    return cast("Mapping[str, object]", json.loads(sample))
