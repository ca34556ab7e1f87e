"""Has holders' keys certified without the desk's lock: an authority may be slow, people go on meanwhile.

The code is spent and the phone told before; nothing of the desk is read or written after. The rules
of ``unlocked_sms`` hold.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from contracts_chain.activation.own_keys import HolderIssuer
from contracts_chain.activation.unlocked_sms import unlocked
from signing.model import SoleControl

__all__ = ["UnlockedHolders"]


class UnlockedHolders:
    """Implements ``HolderIssuer``."""

    def __init__(self, issuer: HolderIssuer, lock: threading.Lock) -> None:
        """Take who certifies, and the lock that its callers hold."""
        self._issuer, self._lock = issuer, lock

    def certify_person(
        self,
        public_key_der: bytes,
        *,
        name: str,
        organisation: str | None,
        organisation_id: str | None,
        sole_control: SoleControl | None,
        lifetime: timedelta,
    ) -> tuple[bytes, ...]:
        """See ``HolderIssuer``."""
        with unlocked(self._lock):
            return self._issuer.certify_person(
                public_key_der,
                name=name,
                organisation=organisation,
                organisation_id=organisation_id,
                sole_control=sole_control,
                lifetime=lifetime,
            )
