"""``contracts-chain rules``, ``recheck``, ``revoke-letter``: what is checked, and by whose authority.

All of them need the database at most and work beside a running service.
"""

from __future__ import annotations

from datetime import date

from rich.console import Console

from api.database_alone import open_database
from api.settings import Settings
from contracts_chain.agreements.rule_matrix import matrix_markdown
from contracts_chain.agreements.rules.finding import Severity
from contracts_chain.agreements.rules.pack import LATEST_PACK, load_pack
from contracts_chain.workflows.authority_check import revoke_letter
from contracts_chain.workflows.recheck import Recheck, recheck_in
from kernel.clock import SystemClock
from kernel.errors import RejectedError

__all__ = ["RevocationRequestError", "recheck_agreement", "record_revocation", "show_rules"]

_OUT = Console(highlight=False, soft_wrap=True, markup=False)
_FOUND = 10


class RevocationRequestError(RejectedError):
    """The day is none, or reason or person is missing."""

    code = "revocation_request"


def show_rules(version: str | None) -> int:
    """Print the matrix of a rule pack, the newest unless another is named, as Markdown.

    Raises:
        PackUnknownError: No such version.
    """
    _OUT.print(matrix_markdown(load_pack(version or LATEST_PACK)), end="")
    return 0


def recheck_agreement(number: str) -> int:
    """Check an agreement again under its recorded rules: 0 without errors, 10 with any.

    Raises:
        UnknownNumberError: No such agreement.
        InputsChangedError: Pack, profile or text is not what its approval recorded.
    """
    with open_database(Settings()) as unit_of_work, unit_of_work() as work:
        again = recheck_in(work, number)
    _tell(again)
    return _FOUND if any(found.severity is Severity.ERROR for found in again.findings) else 0


def _tell(again: Recheck) -> None:
    since = "与定稿记录一致 as approved" if again.approved else "尚未定稿 not approved yet"
    _OUT.print(f"{again.number}  {again.rule_pack} {again.profile} {again.template}  {since}")
    for name, digest in (
        ("规则包 pack", again.pack_sha256),
        ("参数 profile", again.profile_sha256),
        ("文本 text", again.template_sha256),
    ):
        _OUT.print(f"  {name}  {digest}")
    for found in again.findings:
        _OUT.print(
            f"{found.severity.value} {found.rule} {found.path}  {found.zh}（{found.source}）  {found.en}"
        )
    if not again.findings:
        _OUT.print("没有发现问题 nothing found")


def record_revocation(number: str, letter_no: str, on: str, reason: str, by: str) -> int:
    """Record that a letter of authority was taken back.

    Raises:
        RevocationRequestError: ``on`` is no day, or reason or person is blank.
        UnknownNumberError: No such agreement.
        LetterUnknownError: Nobody acts by this letter there.
    """
    try:
        day = date.fromisoformat(on)
    except ValueError as problem:
        raise RevocationRequestError(
            f"{on!r} is no day; write it like 2027-03-01", f"“{on}”不是日期；请按 2027-03-01 的格式填写"
        ) from problem
    if not reason.strip() or not by.strip():
        raise RevocationRequestError(
            "a revocation needs --reason and --by", "登记撤销须给出 --reason（事由）和 --by（登记人）"
        )
    with open_database(Settings()) as unit_of_work, unit_of_work() as work:
        standing = revoke_letter(
            work, number, letter_no, on=day, reason=reason.strip(), by=by.strip(), at=SystemClock().now()
        )
        work.commit()
    _OUT.print(f"{standing.number} {standing.principal}：自 {standing.revoked_on} 起撤销 revoked")
    return 0
