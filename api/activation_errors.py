"""One table of the errors that cross the socket, so that both processes raise the same one.

An error that is not in it stays in the activation process's log; the service learns its code.
"""

from __future__ import annotations

from typing import Final

from contracts_chain.activation import errors as activation
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from kernel.canonical_json import JsonObject, JsonValue
from kernel.errors import ContractsChainError
from signing.certificate_profile import NameTooLongError
from signing.http_csc_key import CscRefusedError, CscUnavailableError
from signing.issuing_ca import UnknownAuthorityError
from signing.refusals import CannotSignError, RevocationUnavailableError
from signing.rfc3161_authority import TimestampUnavailableError
from signing.signature_mechanism import UnsuitableKeyError, WrongSignatureError
from signing.sm2_libcrypto import Sm2UnavailableError

__all__ = ["error_from", "error_json"]

_ARGUMENTS: Final[dict[type[ContractsChainError], tuple[str, ...]]] = {
    activation.AssertionRefusedError: ("reason",),
    activation.AttestationRefusedError: ("reason",),
    activation.CertificateRefusedError: ("organisation_id",),
    activation.CodeExpiredError: (),
    activation.CodesLockedError: (),
    activation.CodesUsedUpError: ("retry_after",),
    activation.CredentialMismatchError: ("what", "expected", "found"),
    activation.OwnKeyNotCertifiedError: (),
    activation.DocumentChangedError: ("reason",),
    activation.HandedOverError: ("number", "field", "handed_over_utc"),
    activation.MalformedOrderError: ("reason",),
    activation.MessageNotSentError: ("reason",),
    activation.NotEnrolledError: ("lacking",),
    activation.NotReleasedError: ("number", "field"),
    activation.RevocationRefusedError: ("subject",),
    activation.TotpRefusedError: (),
    activation.WrongCodeError: ("attempts_left",),
    CannotSignError: ("reason",),
    CscRefusedError: ("reason",),
    CscUnavailableError: ("reason",),
    MalformedEvidenceError: ("place", "problem"),
    NameTooLongError: ("name",),
    RevocationUnavailableError: ("reason",),
    TimestampUnavailableError: ("reason",),
    UnknownAuthorityError: ("name",),
    UnsuitableKeyError: (),
    WrongSignatureError: (),
    Sm2UnavailableError: ("reason",),
}
"""Class → attributes, in the order of its constructor."""
_CLASSES: Final = {kind.code: kind for kind in _ARGUMENTS}


def error_json(problem: ContractsChainError) -> JsonObject:
    """What the service is told of an error."""
    names = _ARGUMENTS.get(type(problem))
    if names is None:
        return {"arguments": [problem.code], "code": activation.ActivationFaultError.code}
    arguments: list[JsonValue] = [getattr(problem, name) for name in names]
    return {"arguments": arguments, "code": problem.code}


def error_from(content: JsonObject) -> ContractsChainError:
    """The error that was raised over there.

    Raises:
        MalformedEvidenceError: The answer is none of ``error_json``.
    """
    fields = Fields.of(content, "error")
    code, arguments = fields.text("code"), fields.members("arguments")
    kind = _CLASSES.get(code)
    if kind is None or len(arguments) != len(_ARGUMENTS[kind]):
        return activation.ActivationFaultError(str(arguments[0]) if arguments else code)
    rebuilt: ContractsChainError = kind(*arguments)  # type: ignore[arg-type]  # as error_json took them
    return rebuilt
