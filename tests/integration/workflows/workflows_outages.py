"""A chain and a time-stamping authority that fail or dawdle where a test asks for it."""

from __future__ import annotations

from collections.abc import Callable

from contracts_chain.ledger.errors import ChainUnavailableError
from kernel.sized_bytes import Bytes32
from signing.model import TimestampAuthority
from signing.rfc3161_authority import TimestampUnavailableError


class DeadTsa:
    """Gives no token."""

    def token(self, message: bytes) -> bytes:
        raise TimestampUnavailableError("connection refused")

    def token_over(self, digest: Bytes32) -> bytes:
        raise TimestampUnavailableError("connection refused")


class DyingTsa:
    """Stamps the PDF and dies before it is asked about the seal signature under SM2 beside it."""

    def __init__(self, real: TimestampAuthority) -> None:
        self._real = real

    def token(self, message: bytes) -> bytes:
        raise TimestampUnavailableError("connection refused")

    def token_over(self, digest: Bytes32) -> bytes:
        return self._real.token_over(digest)


class OvertakenTsa:
    """Lets somebody else act once, just before the first token is given."""

    def __init__(self, real: TimestampAuthority, meanwhile: Callable[[], object]) -> None:
        self._real = real
        self._meanwhile: Callable[[], object] | None = meanwhile

    def token(self, message: bytes) -> bytes:
        self._let_others_act()
        return self._real.token(message)

    def token_over(self, digest: Bytes32) -> bytes:
        self._let_others_act()
        return self._real.token_over(digest)

    def _let_others_act(self) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()


class TroubledChain:
    """The real chain, but ``method`` first runs ``before``, and then fails or its answer gets lost.

    ``outage``: ``"request"`` never reaches the node, ``"answer"`` acts and then fails,
    ``None`` answers.
    """

    def __init__(
        self,
        real: object,
        method: str,
        *,
        outage: str | None = "request",
        before: Callable[[], object] | None = None,
    ) -> None:
        self._real, self._method, self._outage, self._before = real, method, outage, before

    def __getattr__(self, name: str) -> object:
        return self._troubled if name == self._method else getattr(self._real, name)

    def _troubled(self, *arguments: object) -> object:
        before, self._before = self._before, None
        if before is not None:
            before()
        if self._outage == "request":
            raise _unavailable(self._method)
        answer = getattr(self._real, self._method)(*arguments)
        if self._outage == "answer":
            raise _unavailable(self._method)
        return answer


def _unavailable(method: str) -> ChainUnavailableError:
    return ChainUnavailableError(f"{method} got no answer; try again", f"{method} 无应答；请重试")
