"""Authenticator apps by ``pyotp`` (RFC 6238, ADR 0021): one step to either side, no step twice.

Digits of steps before this run began are void, so that an older copy of the store cannot make a
used step fresh again.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime
from typing import Final

import pyotp

from contracts_chain.activation.errors import NotEnrolledError, TotpRefusedError
from contracts_chain.activation.person import Authenticator

__all__ = ["STEP_SECONDS", "confirmed", "new_authenticator", "provisioning_address", "step_at", "used"]

STEP_SECONDS: Final = 30
_DIGITS: Final = 6


def new_authenticator() -> Authenticator:
    """A fresh secret, not yet in force."""
    return Authenticator(secret=pyotp.random_base32(), confirmed=False, last_step=0)


def provisioning_address(authenticator: Authenticator, *, name: str, issuer: str) -> str:
    """``otpauth://`` address for the app's camera."""
    return pyotp.TOTP(authenticator.secret).provisioning_uri(name=name, issuer_name=issuer)


def step_at(moment: datetime) -> int:
    """Number of the time step."""
    return int(moment.timestamp()) // STEP_SECONDS


def confirmed(
    authenticator: Authenticator | None, code: str, now: datetime, begun_step: int
) -> Authenticator:
    """The authenticator in force, after its first digits.

    Raises:
        NotEnrolledError: None was begun.
        TotpRefusedError: The digits do not fit now.
    """
    if authenticator is None:
        raise NotEnrolledError("totp")
    return replace(_stepped(authenticator, code, now, begun_step), confirmed=True)


def used(authenticator: Authenticator | None, code: str, now: datetime, begun_step: int) -> Authenticator:
    """The authenticator after these digits were spent.

    Raises:
        NotEnrolledError: None is in force.
        TotpRefusedError: The digits do not fit now, or their step was used already.
    """
    if authenticator is None or not authenticator.confirmed:
        raise NotEnrolledError("totp")
    return _stepped(authenticator, code, now, begun_step)


def _stepped(authenticator: Authenticator, code: str, now: datetime, begun_step: int) -> Authenticator:
    given, app, found = code.strip()[: _DIGITS + 1].encode(), pyotp.TOTP(authenticator.secret), None
    for step in range(step_at(now) - 1, step_at(now) + 2):
        due = app.generate_otp(step).encode()
        if hmac.compare_digest(given, due) and step > max(authenticator.last_step, begun_step):
            found = step
    if found is None:
        raise TotpRefusedError
    return replace(authenticator, last_step=found)
