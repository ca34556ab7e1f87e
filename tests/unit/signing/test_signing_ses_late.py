"""A seal signature whose timestamp comes long after it: the outage heals, a revocation meanwhile does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.verdict import Verdict
from signing.ses.making import seal_over
from signing.ses.reading import read_ses, unstamped
from signing.sm2_key import Sm2Key
from signing.token_proof import lists_inside
from tests.unit.signing.ses_samples import CONTENT, START, Domestic, is_wholly_proven, refuted

OUTAGES = [timedelta(hours=25), timedelta(days=8), timedelta(days=300)]


def sealed(house: Domestic) -> bytes:
    """Without a timestamp."""
    key = Sm2Key.generate()
    return seal_over(CONTENT, house.issued(key), key, at=house.clock.now())


def lists_of(ses: bytes) -> tuple[bytes, ...]:
    """Beside its token."""
    token = read_ses(ses).token
    assert token is not None
    return lists_inside(token)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> tuple[Domestic, bytes]:
    """Stamped eight days after it was made."""
    house = Domestic.founded(tmp_path_factory.mktemp("late"))
    ses = sealed(house)
    house.clock.advance(timedelta(days=8))
    return house, house.stamped_later(ses)


@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_a_seal_stamped_after_a_long_outage_is_wholly_proven_even_years_later(
    tmp_path: Path, outage: timedelta
) -> None:
    house = Domestic.founded(tmp_path)
    ses = sealed(house)
    house.clock.advance(outage)
    stamped = house.stamped_later(ses)
    assert is_wholly_proven(house.judged(stamped)), house.judged(stamped)
    assert is_wholly_proven(house.judged(stamped, at=START + timedelta(days=20 * 365)))
    assert unstamped(stamped) == ses
    assert is_wholly_proven(house.judged(house.stamped_later(stamped)))


def test_without_a_list_of_that_moment_it_stays_undecided(late: tuple[Domestic, bytes]) -> None:
    """The list is what heals it: the lists under the signature say nothing of a day so much later."""
    house, ses = late
    without = house.stamped(unstamped(ses))
    found = [(one.number, one.code) for one in house.judged(without) if one.verdict is not Verdict.PROVEN]
    assert found == [(3, "no_revocation_data")]


def test_a_certificate_revoked_before_the_stamp_is_refuted(tmp_path: Path) -> None:
    house = Domestic.founded(tmp_path)
    ses = sealed(house)
    house.clock.advance(timedelta(days=3))
    house.authority.revoke(read_ses(ses).certificate)
    house.clock.advance(timedelta(days=5))
    assert refuted(house.judged(house.stamped_later(ses))) == {3: "revoked_certificate"}


def test_an_old_list_beside_the_token_hides_no_revocation(tmp_path: Path) -> None:
    """Who stamps picks the list; one that does not speak for the moment of the stamp decides nothing."""
    house = Domestic.founded(tmp_path)
    ses = sealed(house)
    old = house.authority.crls()
    house.authority.revoke(read_ses(ses).certificate)
    house.clock.advance(timedelta(days=2))

    class Forgetful(Domestic):
        def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
            return (*old, *self.ca.crls_for(chain))

    forgetful = Forgetful(authority=house.authority, ca=house.ca, tsa=house.tsa, clock=house.clock)
    lines = house.judged(forgetful.stamped_later(ses))
    assert (lines[2].verdict, lines[2].code) == (Verdict.UNDECIDED, "no_revocation_data")


def test_a_stamp_of_the_same_day_brings_no_list_of_its_own(tmp_path: Path) -> None:
    house = Domestic.founded(tmp_path)
    ses = sealed(house)
    house.clock.advance(timedelta(hours=23))
    assert len(lists_of(house.stamped_later(ses))) == len(lists_of(house.stamped(ses))) == 1


@given(st.integers(min_value=0))
@settings(max_examples=150, deadline=None)
def test_no_flipped_bit_of_the_list_leaves_all_eight_lines_proven(
    late: tuple[Domestic, bytes], drawn: int
) -> None:
    house, ses = late
    (added,) = [one for one in lists_of(ses) if b"TEST SM2 CA" in one]
    forged, bit = bytearray(ses), drawn % (len(added) * 8)
    forged[ses.index(added) + bit // 8] ^= 1 << bit % 8
    assert not is_wholly_proven(house.judged(bytes(forged)))
