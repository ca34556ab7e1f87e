"""How a signer may prove who it is, and which ways suffice for whom.

Decides by kind of customer and of agreement which methods may be chosen; whoever is refused by
one, or does not consent to face data, always has another, the business hall at least. Must
never let a device be the only factor: a phone's fingerprint reader or face unlock knows whose
phone it is, not who signs (reference T13). No method asks for papers beyond the published list
(``asked_documents``): with electronic licences none (零证办电), else the one paper (一证办电).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.asked_documents import AskedDocument, AskMode, CustomerKind, Stage, asked_for
from contracts_chain.agreements.terms.codes import AgreementKind, Coded, IdType
from contracts_chain.agreements.terms.party import Party
from kernel.errors import RejectedError

__all__ = [
    "DeviceOnlyError",
    "IdentityFactor",
    "IdentityMethod",
    "MethodNotAllowedError",
    "customer_kind",
    "find_method",
    "methods_for",
    "papers_for",
    "verify_factors",
    "verify_method",
]


class IdentityMethod(Coded):
    """How somebody else than the signer vouches for who the signer is."""

    E_LICENCE_FACE = ("e_licence_face", "电子证照加刷脸")
    BANK_ACCOUNT = ("bank_account", "对公账户打款")
    CARRIER_THREE_ELEMENTS = ("carrier_three_elements", "运营商三要素")
    HALL_REVIEW = ("hall_review", "营业厅人工核验")

    @property
    def en(self) -> str:
        """The words on English screens."""
        return _ENGLISH[self]

    @property
    def uses_face(self) -> bool:
        """Whether biometrics are processed: separate consent is due first (个人信息保护法 art. 29)."""
        return self is IdentityMethod.E_LICENCE_FACE

    @property
    def by_provider(self) -> bool:
        """Whether a provider does it online; a hall does the rest."""
        return self is not IdentityMethod.HALL_REVIEW


class IdentityFactor(Coded):
    """What a check can rest on, devices included."""

    LICENCE = ("licence", "电子证照")
    FACE = ("face", "人脸比对")
    BANK_ACCOUNT = ("bank_account", "银行账户")
    CARRIER = ("carrier", "运营商实名")
    CLERKS = ("clerks", "两名审核人员")
    DEVICE_FINGERPRINT = ("device_fingerprint", "设备指纹解锁")
    DEVICE_FACE = ("device_face", "设备面容解锁")

    @property
    def is_device(self) -> bool:
        """Whether it only shows that somebody holds an unlocked device."""
        return self in {IdentityFactor.DEVICE_FINGERPRINT, IdentityFactor.DEVICE_FACE}


_ENGLISH: Final = MappingProxyType(
    {
        IdentityMethod.E_LICENCE_FACE: "E-licence and face",
        IdentityMethod.BANK_ACCOUNT: "Bank account of the organisation",
        IdentityMethod.CARRIER_THREE_ELEMENTS: "Mobile carrier",
        IdentityMethod.HALL_REVIEW: "At a business hall",
    }
)
_METHODS: Final[Mapping[CustomerKind, tuple[IdentityMethod, ...]]] = MappingProxyType(
    {
        CustomerKind.RESIDENT: (
            IdentityMethod.E_LICENCE_FACE,
            IdentityMethod.CARRIER_THREE_ELEMENTS,
            IdentityMethod.HALL_REVIEW,
        ),
        CustomerKind.ENTERPRISE: (
            IdentityMethod.E_LICENCE_FACE,
            IdentityMethod.CARRIER_THREE_ELEMENTS,
            IdentityMethod.BANK_ACCOUNT,
            IdentityMethod.HALL_REVIEW,
        ),
        CustomerKind.OTHER_ORGANISATION: (
            IdentityMethod.E_LICENCE_FACE,
            IdentityMethod.CARRIER_THREE_ELEMENTS,
            IdentityMethod.HALL_REVIEW,
        ),
    }
)
"""Other organisations need not have an account of the kind that can be paid to, hence no bank check."""
_CARRIER_TOO_LITTLE: Final = frozenset(
    {AgreementKind.GRID_DISPATCH, AgreementKind.WHOLESALE_SUPPLY, AgreementKind.GROUP_FRAMEWORK}
)
"""Where a SIM card alone decides too much: dispatch, supply of a whole network, a group."""


class MethodNotAllowedError(RejectedError):
    """This way of proving who one is does not suffice here."""

    code = "identity_method"

    def __init__(self, method: IdentityMethod, allowed: tuple[IdentityMethod, ...]) -> None:
        """Name the ways that do."""
        super().__init__(
            f"{method.en} does not suffice for this contract; choose {', '.join(one.en for one in allowed)}",
            f"本合同不能采用“{method.zh}”；请改选：{'、'.join(one.zh for one in allowed)}",
        )
        self.method = method
        self.allowed = allowed


class DeviceOnlyError(RejectedError):
    """A configuration in which nothing but a device vouches for the signer."""

    code = "device_only"

    def __init__(self) -> None:
        """Say what to add."""
        super().__init__(
            "a device alone shows nobody's identity; add a licence, account, carrier or hall check",
            "不得仅凭设备指纹或者设备面容认定身份；请增加证照、账户、运营商或者营业厅核验",
        )


def customer_kind(party: Party) -> CustomerKind:
    """Who the party is, as the published lists know it: a code beginning with 9 is a business's."""
    if party.id_type is not IdType.USCC:
        return CustomerKind.RESIDENT
    return CustomerKind.ENTERPRISE if party.id_no.startswith("9") else CustomerKind.OTHER_ORGANISATION


def find_method(code: str) -> IdentityMethod | None:
    """The method of a code, if there is one."""
    return next((method for method in IdentityMethod if method.value == code), None)


def methods_for(kind: CustomerKind, agreement: AgreementKind) -> tuple[IdentityMethod, ...]:
    """The methods that suffice, the easiest first; never empty, and the hall is always among them."""
    return tuple(
        method
        for method in _METHODS[kind]
        if method is not IdentityMethod.CARRIER_THREE_ELEMENTS or agreement not in _CARRIER_TOO_LITTLE
    )


def verify_method(method: IdentityMethod, kind: CustomerKind, agreement: AgreementKind) -> None:
    """Prove that a method suffices.

    Raises:
        MethodNotAllowedError: It does not; names those that do.
    """
    allowed = methods_for(kind, agreement)
    if method not in allowed:
        raise MethodNotAllowedError(method, allowed)


def papers_for(kind: CustomerKind, method: IdentityMethod) -> tuple[AskedDocument, ...]:
    """Papers that a method may ask for: none where the licence is electronic, else the one of acceptance."""
    mode = AskMode.ONE_DOC if method is IdentityMethod.HALL_REVIEW else AskMode.ZERO_DOC
    return asked_for(kind, mode, Stage.ACCEPTANCE)


def verify_factors(factors: Iterable[IdentityFactor]) -> None:
    """Prove that a combination of factors says who a person is.

    Raises:
        DeviceOnlyError: Only devices, or nothing at all.
    """
    if all(factor.is_device for factor in factors):
        raise DeviceOnlyError
