"""The order in which several time-stamping authorities are asked."""

from __future__ import annotations

from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from signing.rfc3161_authority import TimestampUnavailableError
from signing.timestamp_failover import SET_ASIDE_SECONDS, FailoverAuthority, NamedAuthority
from tests.unit.signing.signed_samples import Office


class Counted:
    """Answers while it is up, and counts."""

    def __init__(self, office: Office) -> None:
        self._tsa, self.up, self.asked = office.tsa, True, 0

    def token(self, message: bytes) -> bytes:
        return self.token_over(sha256(message))

    def token_over(self, digest: Bytes32) -> bytes:
        self.asked += 1
        if not self.up:
            raise TimestampUnavailableError("down")
        return self._tsa.token_over(digest)


class Seconds:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_failed_authority_is_asked_again_first_when_its_time_is_over(office: Office) -> None:
    first, second, seconds = Counted(office), Counted(office), Seconds()
    named = [NamedAuthority(name="1", authority=first), NamedAuthority(name="2", authority=second)]
    both = FailoverAuthority(named, seconds=seconds)
    first.up = False
    both.token(b"m")
    both.token(b"m")
    assert (first.asked, second.asked) == (1, 2)
    first.up, seconds.now = True, SET_ASIDE_SECONDS
    both.token(b"m")
    assert (first.asked, second.asked) == (2, 2)


def test_one_set_aside_is_still_asked_before_giving_up(office: Office) -> None:
    first, second = Counted(office), Counted(office)
    named = [NamedAuthority(name="1", authority=first), NamedAuthority(name="2", authority=second)]
    both = FailoverAuthority(named, seconds=Seconds())
    first.up = False
    both.token(b"m")
    first.up, second.up = True, False
    both.token(b"m")
    assert (first.asked, second.asked) == (2, 2)


def test_the_best_authority_is_asked_while_it_answers(office: Office) -> None:
    first, second = Counted(office), Counted(office)
    named = [NamedAuthority(name="1", authority=first), NamedAuthority(name="2", authority=second)]
    both = FailoverAuthority(named, seconds=Seconds())
    for _ in range(3):
        both.token(b"m")
    assert (first.asked, second.asked) == (3, 0)
