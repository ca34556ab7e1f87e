"""What the sandbox provider remembers and answers: sessions, the script, and attestations.

Pure but for the clock. Sessions live in memory and are lost with the process, as its users must
be able to bear. The script decides by document number, else by default, what a session comes to.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.agreements.identity.attestation import (
    AttestationClaims,
    AttestedOrganisation,
    sign_attestation,
)
from kernel.clock import Clock

__all__ = ["PROVIDER", "Act", "Asked", "SandboxDesk", "Session", "read_act", "read_asked"]

PROVIDER: Final = "identity-sandbox"
_TRIES: Final = 3
_PLAIN: Final = frozenset({"pass", "retake", "drop_callback", "down", "duplicate"})
_LONGEST_DELAY: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the script does with a session; ``word`` is one of the documented words."""

    word: str = "pass"
    reason: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came in; the same members as ``IdentityRequest``."""

    key: str
    nonce: str
    method: str
    name: str
    id_type: str
    id_no: str
    phone: str
    return_url: str
    callback_url: str
    organisation: AttestedOrganisation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One check; ``due_utc`` is when a delayed outcome becomes known.

    Attributes:
        amount_fen: What was paid to the organisation's account, for the bank check.
    """

    id: str
    asked: Asked
    amount_fen: int
    state: str = "pending"
    reason: str = ""
    tries_left: int = _TRIES
    due_utc: datetime | None = None
    attestation: bytes | None = None


@dataclass
class SandboxDesk:
    """Sessions by id and by idempotency key, and the script by document number."""

    seed: bytes
    clock: Clock
    _sessions: dict[str, Session] = field(default_factory=dict)
    _by_key: dict[str, str] = field(default_factory=dict)
    _script: dict[str, Act] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def write_script(self, person: str, act: Act) -> None:
        """Decide what becomes of a person's sessions from now on; ``default`` is everybody else."""
        with self._lock:
            self._script[person] = act

    def act_of(self, id_no: str) -> Act:
        """What the script says of a person."""
        return self._script.get(id_no, self._script.get("default", Act()))

    def open(self, asked: Asked) -> Session:
        """A session; the same key gives the same one."""
        with self._lock:
            known = self._by_key.get(asked.key)
            if known is not None:
                return self._sessions[known]
            session = Session(id=secrets.token_hex(12), asked=asked, amount_fen=1 + secrets.randbelow(99))
            self._sessions[session.id] = session
            self._by_key[asked.key] = session.id
            return session

    def find(self, session: str) -> Session | None:
        """As it stands now; an outcome that is not due yet still shows as pending."""
        with self._lock:
            found = self._sessions.get(session)
            if found is None or found.due_utc is None or self.clock.now() >= found.due_utc:
                return found
            return replace(found, state="pending", attestation=None)

    def settle(self, session: str, act: Act | None = None) -> Session | None:
        """The person did what the page asks; the script, or ``act``, says what comes of it."""
        with self._lock:
            found = self._sessions.get(session)
            if found is None or found.state in {"passed", "refused"}:
                return found
            settled = self._outcome(found, act or self.act_of(found.asked.id_no))
            self._sessions[session] = settled
            return settled

    def wrong_amount(self, session: str) -> Session | None:
        """The amount typed is not the one paid: one try less, refused after the last."""
        with self._lock:
            found = self._sessions.get(session)
            if found is None or found.state != "pending":
                return found
            left = found.tries_left - 1
            changed = replace(found, tries_left=left, reason="amount_wrong")
            changed = changed if left else replace(changed, state="refused")
            self._sessions[session] = changed
            return changed

    def _outcome(self, session: Session, act: Act) -> Session:
        if act.word == "refuse":
            return replace(session, state="refused", reason=act.reason, tries_left=0)
        if act.word == "retake":
            left = session.tries_left - 1
            state = "retake" if left else "refused"
            return replace(session, state=state, reason=act.reason or "glare_lower_left", tries_left=left)
        due = self.clock.now() + timedelta(seconds=act.seconds) if act.word == "delay" else None
        attestation = sign_attestation(self._claims(session, due), self.seed)
        return replace(session, state="passed", reason="", due_utc=due, attestation=attestation)

    def _claims(self, session: Session, due: datetime | None) -> AttestationClaims:
        asked = session.asked
        return AttestationClaims(
            issuer=PROVIDER,
            method=asked.method,
            name=asked.name,
            id_type=asked.id_type,
            id_no=asked.id_no,
            phone=asked.phone,
            session=session.id,
            nonce=asked.nonce,
            issued_utc=(due or self.clock.now()).replace(microsecond=0),
            sandbox=True,
            organisation=asked.organisation,
        )


def read_act(words: str) -> Act:
    """``pass``, ``refuse:REASON``, ``retake``, ``delay:SECONDS``, ``drop_callback``, ``down``, ``duplicate``.

    Raises:
        ValueError: None of these.
    """
    word, _, rest = words.partition(":")
    if word in _PLAIN and not rest:
        return Act(word=word)
    if word in {"refuse", "retake"} and rest.isidentifier():
        return Act(word=word, reason=rest)
    if word == "delay" and rest.isdecimal() and int(rest) <= _LONGEST_DELAY:
        return Act(word=word, seconds=int(rest))
    raise ValueError(f"{words!r} is no act of the script")


def read_asked(value: Mapping[str, object], key: str) -> Asked:
    """A request's members.

    Raises:
        ValueError: One is missing, unknown or no text.
    """
    texts = ("nonce", "method", "name", "id_type", "id_no", "phone", "return_url", "callback_url")
    found = {name: value.get(name) for name in texts}
    if not all(isinstance(text, str) and text for text in found.values()) or not key:
        raise ValueError("a member of the request is missing")
    organisation = value.get("organisation")
    named = None
    if isinstance(organisation, Mapping):
        named = AttestedOrganisation(name=str(organisation["name"]), uscc=str(organisation["uscc"]))
    return Asked(key=key, **{name: str(text) for name, text in found.items()}, organisation=named)
