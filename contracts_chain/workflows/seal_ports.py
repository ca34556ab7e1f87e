"""What the deeds need of the seal registry and of seal keys, as protocols; the same rules as in ``ports``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.agreements.seals.seal import Seal
from contracts_chain.agreements.seals.use import SealUse, UseRequest
from kernel.errors import RejectedError, UndecidedError
from signing.model import Credential

__all__ = [
    "LedgerLine",
    "SealChangedError",
    "SealImportedError",
    "SealKeys",
    "SealRepository",
    "SealTakenError",
    "UnknownSealError",
    "UnknownUseRequestError",
]


class UnknownSealError(RejectedError):
    """The registry has no such seal."""

    code = "unknown_seal"

    def __init__(self, seal: str) -> None:
        """Say which was looked for: an id, or the wording and its owner."""
        super().__init__(
            f"the registry has no seal {seal}; choose one of the list, or apply for it",
            f"印章库中没有“{seal}”；请从清单中选择，或先申请刻制",
        )


class UnknownUseRequestError(RejectedError):
    """No such request to use a seal."""

    code = "unknown_seal_request"

    def __init__(self, request_id: str) -> None:
        """Say which was looked for."""
        super().__init__(
            f"there is no request {request_id}; open it from the seal's page",
            f"找不到用印申请 {request_id}；请从印章页面打开",
        )


class SealTakenError(RejectedError):
    """A live seal of this wording exists."""

    code = "seal_taken"

    def __init__(self, name: str) -> None:
        """Name it."""
        super().__init__(
            f"a seal {name} stands already; destroy it before applying for another of the same wording",
            f"“{name}”已有在册印章；请先办理注销，再申请同名印章",
        )


class SealImportedError(RejectedError):
    """The very same seal was imported before."""

    code = "seal_imported"

    def __init__(self, name: str) -> None:
        """Name it."""
        super().__init__(
            f"the seal {name} is on record already; look at the list",
            f"“{name}”已导入，无需重复导入；请查看印章清单",
        )


class SealChangedError(UndecidedError):
    """Somebody changed the seal or the request meanwhile."""

    code = "seal_changed"

    def __init__(self, subject: str) -> None:
        """Say which."""
        super().__init__(
            f"{subject} was changed by somebody else meanwhile; nothing was stored, look at it and try again",
            f"{subject} 已被他人变更，未保存任何内容；请查看后重试",
            retry_after=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """A use of a seal with the place of its leaf in the log; ``None`` while it waits for one."""

    use: SealUse
    leaf_index: int | None


class SealRepository(Protocol):
    """Seals, requests to use them, and the ledger of their uses."""

    def add(self, seal: Seal) -> None:
        """Insert an application.

        Raises:
            SealTakenError: A live seal of this owner and wording exists.
        """
        ...

    def load(self, seal_id: str, *, lock: bool = False) -> Seal:
        """Read one; ``lock`` holds its row until the transaction ends.

        Raises:
            UnknownSealError: No such seal.
        """
        ...

    def find(self, owner_id: str, name: str, *, lock: bool = False) -> Seal | None:
        """The live seal of an owner and wording, if there is one."""
        ...

    def list(self) -> tuple[Seal, ...]:
        """All, the oldest first."""
        ...

    def save(self, seal: Seal) -> Seal:
        """Store changes if nobody else did since ``version``; returns the next version.

        Raises:
            SealChangedError: Somebody changed it meanwhile.
        """
        ...

    def add_imported(self, seal: ImportedSeal) -> None:
        """Insert a party's own seal.

        Raises:
            SealImportedError: The same bytes are there already.
        """
        ...

    def imported(self) -> tuple[ImportedSeal, ...]:
        """All imported seals, the oldest first."""
        ...

    def add_request(self, request: UseRequest) -> None:
        """Insert a request with its agreements."""
        ...

    def load_request(self, request_id: str, *, lock: bool = False) -> UseRequest:
        """Read one; ``lock`` holds its row until the transaction ends.

        Raises:
            UnknownUseRequestError: No such request.
        """
        ...

    def decide_request(self, request: UseRequest) -> None:
        """Store state, decision, end and quota; nothing else of a request ever changes."""
        ...

    def requests(self, seal_id: str, *, most: int) -> tuple[UseRequest, ...]:
        """Of a seal, those that wait for a decision first, then the newest."""
        ...

    def approval_for(self, seal_id: str, number: str) -> UseRequest | None:
        """The approval of this seal for an agreement that was given last; its row is locked."""
        ...

    def find_use(self, number: str, field: str) -> SealUse | None:
        """The use of an agreement and field, if its number was given."""
        ...

    def add_use(self, use: SealUse) -> None:
        """Insert a numbered use and count it against its approval."""
        ...

    def note_use(self, use: SealUse) -> None:
        """Store when it was noted, document, certificate and leaf; once."""
        ...

    def ledger(self, seal_id: str, *, after: int, most: int) -> tuple[LedgerLine, ...]:
        """Uses with a number above ``after``, in order, ``most`` of them."""
        ...

    def last_use(self, seal_id: str) -> int:
        """Number of the last use; 0 before the first."""
        ...


class SealKeys(Protocol):
    """Keys of the utility's own seals, wherever they live."""

    def make(self, seal: Seal) -> tuple[bytes, ...]:
        """Make the seal's key, or take the one that stands, and have it certified.

        Returns:
            Certificate and issuers, leaf first, DER.
        """
        ...

    def adopt(self, seal: Seal, brought: bytes, moment: datetime) -> tuple[bytes, ...]:
        """Take the certificate that an authority elsewhere gave for the seal's standing key.

        Args:
            seal: Approved, not made.
            brought: PEM, or one certificate in DER.
            moment: Now, aware.

        Returns:
            Certificate and issuers, leaf first, the root last, DER.

        Raises:
            SealCertificateError: It does not fit key, owner, purpose, day or configured roots.
            FaultError: The key cannot be reached.
        """
        ...

    def request(self, seal: Seal) -> bytes:
        """What an authority elsewhere certifies: a PKCS#10 request over the seal's key, DER.

        Makes the key if there is none.

        Raises:
            FaultError: The key cannot be reached.
        """
        ...

    def credential(self, seal: Seal) -> Credential:
        """Certificate and key of a seal that was made.

        Raises:
            FaultError: The key cannot be reached.
        """
        ...

    def destroy(self, seal: Seal) -> None:
        """Destroy the key and have its certificate revoked; a second call changes nothing.

        A certificate of an authority elsewhere is revoked there, by its owner.

        Raises:
            FaultError: The key cannot be reached; its certificate is revoked all the same.
            UndecidedError: Token or authority does not answer now; call again.
        """
        ...
