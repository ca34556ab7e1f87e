"""Whether a certificate of a seal of the utility ends soon: ``doctor`` tells while there is time for another.

Decides how early that is. Seals that were destroyed or refused count no more; must never change one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from contracts_chain.agreements.seals.seal import Seal
from kernel.clock import BEIJING
from kernel.errors import FaultError

__all__ = ["SealEndsSoonError", "verify_seals_last"]

_NOTICE: Final = timedelta(days=30)


class SealEndsSoonError(FaultError):
    """Certificates of seals have ended, or end within 30 days."""

    code = "seal_ends_soon"

    def __init__(self, ending: str) -> None:
        """Name seals and days."""
        super().__init__(
            f"certificates of seals end: {ending}; have each destroyed, and a new one made with a new "
            "certificate",
            f"印章证书即将到期或已到期：{ending}；请注销原印章，并以新证书重新制作",
        )


def verify_seals_last(seals: Iterable[Seal], moment: datetime) -> int:
    """How many seals stand, once it is proven that every certificate outlasts 30 days.

    Args:
        seals: All of the registry.
        moment: Now, aware.

    Raises:
        SealEndsSoonError: Naming each seal that ends sooner, with its day.
    """
    made = [seal for seal in seals if seal.is_live and seal.chain]
    ends = {seal: _end(seal) for seal in made}
    soon = [f"{seal.name} {end:%Y-%m-%d}" for seal, end in ends.items() if end < moment + _NOTICE]
    if soon:
        raise SealEndsSoonError(", ".join(soon))
    return len(made)


def _end(seal: Seal) -> datetime:
    """The first end in its chain, Beijing time."""
    ends = (x509.load_der_x509_certificate(one).not_valid_after_utc for one in seal.chain)
    return min(ends).astimezone(BEIJING)
