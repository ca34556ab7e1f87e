"""The one-time code of a ceremony: kept with it, judged by ``agreements.signing_code``.

One code releases the signatures of one party on one document. Only a salted hash bound
to number, party, signer and digest is stored.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from contracts_chain.agreements.signing_code import (
    CodeDeadError,
    CodeWrongError,
    SigningCode,
    code_message,
    draw_code,
    issue_code,
    redeem_code,
)
from contracts_chain.workflows.ceremony_view import Held
from contracts_chain.workflows.dossier import CeremonyFile
from contracts_chain.workflows.errors import CodeExpiredError, CodesUsedUpError
from kernel.ids import PersonId
from kernel.sized_bytes import Salt

__all__ = ["MOST_CODES", "attempts_after", "new_code"]

MOST_CODES = 10


def new_code(held: Held, now: datetime) -> tuple[str, CeremonyFile]:
    """The text message with six new digits, and the ceremony that keeps their hash.

    Raises:
        CodesUsedUpError: This link has had its codes; five tries a code shall not become endless.
    """
    if held.ceremony.codes_sent >= MOST_CODES:
        raise CodesUsedUpError
    code = draw_code()
    issued = issue_code(
        code=code,
        salt=Salt(secrets.token_bytes(32)),
        number=held.ceremony.number,
        slot=held.ceremony.role,
        signer=PersonId(held.signer.signer_name),
        document_sha256=held.ceremony.document_sha256,
        now=now,
    )
    kept = replace(
        held.ceremony,
        code_salt=issued.salt,
        code_hash=issued.code_hash,
        code_expires_utc=issued.expires_utc,
        attempts_left=issued.attempts_left,
        codes_sent=held.ceremony.codes_sent + 1,
    )
    return code_message(issued, code), kept


def attempts_after(held: Held, code: str, now: datetime) -> int | None:
    """``None`` if the code is right, else how many tries are left.

    Raises:
        CodeExpiredError: None was sent yet, it is too old, or the tries are used up.
    """
    ceremony = held.ceremony
    if ceremony.code_salt is None or ceremony.code_hash is None or ceremony.code_expires_utc is None:
        raise CodeExpiredError
    issued = SigningCode(
        number=ceremony.number,
        slot=ceremony.role,
        signer=PersonId(held.signer.signer_name),
        document_sha256=ceremony.document_sha256,
        salt=Salt(ceremony.code_salt),
        code_hash=ceremony.code_hash,
        expires_utc=ceremony.code_expires_utc,
        attempts_left=ceremony.attempts_left,
    )
    try:
        redeem_code(issued, code=code.strip(), document_sha256=ceremony.document_sha256, now=now)
    except CodeWrongError as problem:
        return problem.after.attempts_left
    except CodeDeadError as problem:
        raise CodeExpiredError from problem
    return None
