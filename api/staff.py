"""Who among the staff is calling, until sign-on exists: one token a person.

Decides person and duty, nothing else. Drafter, reviewer, supplier's desk, billing and seal custodian are
different persons with different ids, so that 审批权与签署权相分离 can be enforced by id
(``agreements.separation.verify_part``). Tokens are compared in constant time and
must never be logged or shown.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kernel.digests import sha256
from kernel.errors import FaultError, RejectedError
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32

__all__ = [
    "Duty",
    "DutyMissingError",
    "NotSignedOnError",
    "Person",
    "StaffRegister",
    "StaffTokensUnreadableError",
    "verify_duty",
]


class Duty(StrEnum):
    """What a person of the staff is there for; also the person's id and name in the token file."""

    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    SUPPLIER_DESK = "supplier-desk"
    BILLING = "billing"
    SEAL_CUSTODIAN = "seal-custodian"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return {
            Duty.DRAFTER: "起草",
            Duty.REVIEWER: "审核",
            Duty.SUPPLIER_DESK: "签约",
            Duty.BILLING: "开票",
            Duty.SEAL_CUSTODIAN: "印章保管",
        }[self]


class NotSignedOnError(RejectedError):
    """No token, one that we never gave out, or a session that is over."""

    code = "not_signed_on"

    def __init__(self) -> None:
        """Say how to sign on."""
        super().__init__(
            "log in at /login, or send Authorization: Bearer TOKEN, with a token of keys/staff-tokens.json "
            "in the data directory",
            "请在 /login 登录，或在 Authorization 头中提供员工令牌（数据目录 keys/staff-tokens.json）",
        )


class DutyMissingError(RejectedError):
    """The person is known, and this is somebody else's duty."""

    code = "duty_missing"

    def __init__(self, held: Duty, due: tuple[Duty, ...]) -> None:
        """Name both duties."""
        names, words = ", ".join(due), "、".join(duty.zh for duty in due)
        super().__init__(
            f"this is a duty of {names}, and you are {held}; ask them to do it",
            f"这项操作属于{words}岗，您是{held.zh}岗；请由对应岗位办理",
        )
        self.held = held
        self.due = due


class StaffTokensUnreadableError(FaultError):
    """The token file is there and damaged; new tokens are never made beside it."""

    code = "staff_tokens_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of the staff."""

    id: PersonId
    duty: Duty


class StaffRegister:
    """The tokens of all persons."""

    def __init__(self, tokens: Mapping[Duty, str]) -> None:
        """Take one token a duty."""
        self._tokens = dict(tokens)

    @classmethod
    def open(cls, path: Path) -> StaffRegister:
        """Read the token file, or make it with fresh tokens (mode 0600) at the first start.

        Raises:
            StaffTokensUnreadableError: It is there and not of the form we write.
        """
        try:
            if not path.exists():
                _create(path)
            kept = json.loads(path.read_text("utf-8"))
            return cls({duty: _token(kept[duty.value]) for duty in Duty})
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise StaffTokensUnreadableError(
                f"{path} cannot be used ({type(problem).__name__}); "
                "restore it, or remove it to make new tokens",
                f"员工令牌文件 {path} 无法使用；请恢复该文件，或删除后重新生成",
            ) from problem

    def identify(self, authorization: str | None) -> Person:
        """The person behind an ``Authorization`` header.

        Raises:
            NotSignedOnError: None, or not one of ours.
        """
        scheme, _, offered = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedOnError
        return self.person_with(offered.strip())

    def person_with(self, offered: str) -> Person:
        """The person whose token this is; every token is compared, each in constant time.

        Raises:
            NotSignedOnError: It is none of ours.
        """
        found: Duty | None = None
        for duty, token in self._tokens.items():
            if secrets.compare_digest(token.encode(), offered.encode("utf-8", "surrogatepass")):
                found = duty
        if found is None:
            raise NotSignedOnError
        return _person(found)

    def credential_sha256(self, duty: Duty) -> Bytes32:
        """Digest of a person's token: what a session is bound to."""
        return sha256(self._tokens[duty].encode())

    def still(self, account: PersonId, credential_sha256: Bytes32) -> Person:
        """The person of a session, as long as the token that began it is in force.

        Raises:
            NotSignedOnError: The token was replaced, or there is no such person any more.
        """
        for duty in self._tokens:
            if duty.value == account and self.credential_sha256(duty) == credential_sha256:
                return _person(duty)
        raise NotSignedOnError


def verify_duty(person: Person, due: tuple[Duty, ...]) -> None:
    """Nobody does somebody else's duty.

    Raises:
        DutyMissingError: This is none of the person's.
    """
    if person.duty not in due:
        raise DutyMissingError(person.duty, due)


def _person(duty: Duty) -> Person:
    return Person(id=PersonId(duty.value), duty=duty)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    tokens = {duty.value: secrets.token_urlsafe(32) for duty in Duty}
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(tokens, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return  # another process made them first: theirs count
    finally:
        part.unlink()


def _token(value: object) -> str:
    if not isinstance(value, str) or len(value) < 32:
        raise ValueError("a token is a text of 32 characters or more")
    return value
