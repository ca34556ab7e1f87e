"""Using a seal: asked for, approved by its custodian, then numbered without a gap (用印申请, 用印登记).

Decides whether an approval covers a use. One approval names the agreements it is for, ends on its
own and may limit how many uses it gives; the custodian who approves neither asked for it nor drafts
or signs any of those agreements. Must never number a use: storage does, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contracts_chain.agreements.separation import Part
from kernel.canonical_json import JsonValue
from kernel.clock import beijing_text
from kernel.errors import RejectedError
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32, LeafHash

__all__ = [
    "LONGEST_APPROVAL",
    "MOST_NUMBERS",
    "RequestState",
    "SealUnapprovedError",
    "SealUse",
    "SealUseAskerError",
    "SealUsePartError",
    "UseRequest",
    "UseRequestError",
    "verify_approval",
    "verify_approver",
]

LONGEST_APPROVAL: Final = timedelta(days=30)
MOST_NUMBERS: Final = 5000


class RequestState(StrEnum):
    """Where a request to use a seal stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return {
            RequestState.ASKED: "待审批",
            RequestState.APPROVED: "已批准",
            RequestState.REFUSED: "未批准",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRequest:
    """A request to use one seal on named agreements.

    Attributes:
        numbers: Contract numbers, each once; one or a whole group set.
        asked_by: Account of who asks.
        decided_by: Account of the custodian who decided; empty before.
        expires_utc: From then on it covers nothing more; set with the approval.
        quota: Uses it gives at most; ``None`` for as many as its agreements need.
        used: Uses it has given.
    """

    id: str
    seal_id: str
    numbers: tuple[str, ...]
    reason: str
    asked_by: str
    asked_utc: datetime
    state: RequestState = RequestState.ASKED
    decided_by: str = ""
    decided_utc: datetime | None = None
    expires_utc: datetime | None = None
    quota: int | None = None
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SealUse:
    """One use of a seal: a line of its ledger.

    Attributes:
        use_no: 1, 2, 3 … of this seal, without a gap.
        number: Agreement.
        field: Signature field; an agreement and field have one use for good.
        request_id: Approval that covers it.
        taken_utc: When the number was given, before anything was sealed.
        noted_utc: When the seal stood and the leaf was written; ``None`` until then.
        document_sha256: Digest of the sealed revision.
        certificate_sha256: Digest of the certificate used.
        leaf_hash: Leaf of the record ``seal.used``.
    """

    seal_id: str
    use_no: int
    number: str
    field: str
    request_id: str
    drawing_sha256: Bytes32
    taken_utc: datetime
    noted_utc: datetime | None = None
    document_sha256: Bytes32 | None = None
    certificate_sha256: Bytes32 | None = None
    leaf_hash: LeafHash | None = None

    def facts(self) -> dict[str, JsonValue]:
        """What the record of the sealing says of the use (docs/formats/seals.md)."""
        return {
            "seal_id": self.seal_id,
            "use_no": self.use_no,
            "drawing_sha256": self.drawing_sha256.hex(),
        }


class UseRequestError(RejectedError):
    """The request cannot be taken or decided as it stands."""

    code = "seal_use_request"


class SealUnapprovedError(RejectedError):
    """No approval covers this use now."""

    code = "seal_unapproved"

    def __init__(self, seal_name: str, number: str, *, reason_en: str, reason_zh: str) -> None:
        """Say what is missing and who gives it."""
        super().__init__(
            f"the use of {seal_name} on {number} {reason_en}; "
            "ask for it on the seal's page and have its custodian approve",
            f"合同 {number} 使用“{seal_name}”{reason_zh}；请在印章页面申请用印，由保管人批准后再盖章",
        )
        self.number = number


class SealUsePartError(RejectedError):
    """Who approves a use must have no other part in the agreement."""

    code = "seal_use_part"

    def __init__(self, person: str, number: str, held: Part) -> None:
        """Name person, agreement and part."""
        super().__init__(
            f"{person} is {held} of {number} and may not approve the seal on it; let another custodian act",
            f"{person} 是合同 {number} 的{held.zh}，不得批准该合同用印；请由其他保管人办理",
        )


class SealUseAskerError(RejectedError):
    """Nobody approves what he asked for, and only the custodian approves."""

    code = "seal_use_asker"

    def __init__(self, by: str, custodian: str) -> None:
        """Name both."""
        super().__init__(
            f"{by} may not decide on this request; it takes the seal's custodian {custodian}, "
            "who is not the one who asked; ask them",
            f"{by} 不得审批本次用印申请；应由印章保管人 {custodian} 审批，且不得与申请人为同一人",
        )


def verify_approver(
    request: UseRequest, *, by: str, custodian: str, parts: Mapping[str, Mapping[PersonId, Part]]
) -> None:
    """Prove that a person may decide on a request.

    Args:
        request: What was asked.
        by: Account of who decides.
        custodian: Account that keeps the seal.
        parts: For each agreement, the parts that the person has there under any id.

    Raises:
        SealUseAskerError: Not the custodian, or the one who asked.
        SealUsePartError: Drafter or signer of one of the agreements.
    """
    if by != custodian or by == request.asked_by:
        raise SealUseAskerError(by, custodian)
    for number, held in parts.items():
        for part in held.values():
            if part is not Part.REVIEWER:
                raise SealUsePartError(by, number, part)


def verify_approval(request: UseRequest | None, *, seal_name: str, number: str, now: datetime) -> UseRequest:
    """Return the approval if it covers a new use of the seal now.

    Args:
        request: The newest approval of this seal that names the agreement, if any.
        seal_name: Wording of the seal, for the sentence.
        number: The agreement.
        now: Moment of use.

    Raises:
        SealUnapprovedError: None, ended, or used up.
    """
    if request is None or request.state is not RequestState.APPROVED or request.expires_utc is None:
        raise SealUnapprovedError(seal_name, number, reason_en="was not approved", reason_zh="尚未经用印审批")
    if now >= request.expires_utc:
        ended = beijing_text(request.expires_utc)
        raise SealUnapprovedError(
            seal_name,
            number,
            reason_en=f"was approved until {ended} only",
            reason_zh=f"的批准已于{ended}到期",
        )
    if request.quota is not None and request.used >= request.quota:
        raise SealUnapprovedError(
            seal_name,
            number,
            reason_en=f"was approved for {request.quota} uses, all used",
            reason_zh=f"的批准限 {request.quota} 次，已用完",
        )
    return request
