"""A consortium with a client that keeps sending, and the judgement of both at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devnet_invariants import observe, violations
from devnet_namespaces import Network
from devnet_operators import OPERATORS, Consortium
from devnet_traffic import Traffic

__all__ = ["PATIENCE", "under_traffic"]

PATIENCE = 60.0


@contextmanager
def under_traffic(
    directory: Path, *, asked: Callable[[Consortium], Sequence[str]] = Consortium.urls
) -> Iterator[tuple[Consortium, Traffic]]:
    """A chain with a client; at the end all is healed and the invariants are checked.

    Args:
        directory: Holds one directory per operator.
        asked: The nodes that the client turns to, at any moment.
    """
    with Network(OPERATORS) as network:
        chain = Consortium.begin(network, directory)
        try:
            contract = chain.place_contract()
            traffic = Traffic(lambda: asked(chain), contract=contract, first=1)
            traffic.start()
            try:
                traffic.wait_for(3, seconds=PATIENCE)
                yield chain, traffic
                chain.heal()
                traffic.wait_for(3, seconds=PATIENCE)
            finally:
                traffic.end()
            chain.wait_for_rest()
            seen = observe(
                chain.places(),
                members=chain.members,
                told=traffic.told,
                numbers=traffic.numbers,
                contract=contract,
            )
            assert violations(seen) == ()
        finally:
            chain.stop()
