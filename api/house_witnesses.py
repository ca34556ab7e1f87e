"""The witnesses of a house: those the settings name, or three of its own for the default run.

Each of the three has its own process, directory and key below ``witnesses/``. On one machine
they show how the parts fit and are no independent parties; their operators are labelled TEST.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from api.http_witnesses import HttpWitnesses, WitnessAddress
from api.settings import Settings
from api.witness_launch import WitnessProcess, WitnessStartError
from contracts_chain.evidence.checkpoint import TrustedWitness
from contracts_chain.evidence.witness_errors import WitnessQuorumError
from kernel.sized_bytes import Bytes32

__all__ = ["EmbeddedWitnesses", "begin_witnesses"]

_OPERATORS = {"notary": "示例公证处 TEST", "court": "示例法院 TEST", "ca": "示例认证机构 TEST"}


class EmbeddedWitnesses:
    """Notary, court and CA as processes of this machine; implements ``workflows.ports.Witnesses``."""

    def __init__(
        self, directory: Path, origin: str, log_key: Bytes32, *, quorum: int, timeout_seconds: float
    ) -> None:
        """Begin all three and return at once."""
        self._log_key = log_key
        self._quorum = quorum
        self._timeout_seconds = timeout_seconds
        log = f"{origin}={log_key.hex()}"
        self.processes = tuple(
            WitnessProcess(directory / short, f"{short}.contracts-chain.example/witness", operator, log)
            for short, operator in _OPERATORS.items()
        )
        for process in self.processes:
            process.begin()
        self._known: tuple[WitnessAddress, ...] = ()
        self._asked: HttpWitnesses | None = None
        self._reviving = threading.Lock()

    def ready(self) -> tuple[TrustedWitness, ...]:
        """Wait until all answer; gives what the trust bundle says of them.

        Raises:
            WitnessStartError: One does not start.
        """
        self._know(tuple(process.address() for process in self.processes))
        return tuple(address.witness for address in self._known)

    def cosign(self, note: str, size: int, consistency: Callable[[int], Sequence[Bytes32]]) -> str:
        """See ``workflows.ports.Witnesses``; a witness that died is begun again first.

        Raises:
            WitnessQuorumError: Too few answered.
            WitnessForkError: A witness holds a checkpoint of ours that this one does not extend.
        """
        try:
            return self._alive(unanswered=False).cosign(note, size, consistency)
        except WitnessQuorumError:
            return self._alive(unanswered=True).cosign(note, size, consistency)

    def stop(self) -> None:
        """End all."""
        if self._asked is not None:
            self._asked.stop()
        self.ask_to_stop()
        for process in self.processes:
            process.stop()

    def ask_to_stop(self) -> None:
        """Let all end while others are asked."""
        for process in self.processes:
            process.ask_to_stop()

    def _alive(self, *, unanswered: bool) -> HttpWitnesses:
        """Those to ask, after beginning again who is gone: one beside us ran them, or they were killed."""
        with self._reviving:
            for process in self.processes:
                with contextlib.suppress(WitnessStartError):  # the quorum decides, and names who is missing
                    process.revive(unanswered=unanswered)
            return self._know(
                tuple(
                    process.known_address or before
                    for process, before in zip(self.processes, self._known, strict=True)
                )
            )

    def _know(self, addresses: tuple[WitnessAddress, ...]) -> HttpWitnesses:
        if self._asked is None or addresses != self._known:
            if self._asked is not None:
                self._asked.stop()
            self._known = addresses
            self._asked = HttpWitnesses(
                addresses,
                quorum=self._quorum,
                log_key=self._log_key,
                timeout_seconds=self._timeout_seconds,
            )
        return self._asked


def begin_witnesses(settings: Settings, log_key: Bytes32) -> EmbeddedWitnesses | HttpWitnesses:
    """Begin ours and return at once, or prepare to ask those the settings name; ``stop`` ends it.

    Args:
        settings: ``witnesses``, ``witness_quorum``, ``witness_timeout_seconds``.
        log_key: Public key of our log.
    """
    quorum, timeout = settings.witness_quorum, settings.witness_timeout_seconds
    if not settings.witnesses and quorum:
        directory = settings.data_dir / "witnesses"
        return EmbeddedWitnesses(
            directory, settings.log_origin, log_key, quorum=quorum, timeout_seconds=timeout
        )
    addresses = tuple(
        WitnessAddress(
            url=one.url,
            witness=TrustedWitness(
                name=one.name, public_key=Bytes32.from_hex(one.public_key), operator=one.operator
            ),
        )
        for one in settings.witnesses
    )
    return HttpWitnesses(addresses, quorum=quorum, log_key=log_key, timeout_seconds=timeout)
