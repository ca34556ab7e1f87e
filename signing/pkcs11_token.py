"""One logged-in session with a PKCS#11 token, shared by every key that lives in it.

Decides how a token is named (RFC 7512 URI), when a lost session is opened again (before each use)
and what the errors of a token mean to a person. The PIN comes from a file and is never kept in a
message; a refused PIN is never tried twice, for tokens lock after a few. A token logs in a whole
process at once, hence one session for each token and a lock around it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, TypeVar
from urllib.parse import parse_qsl, unquote

import pkcs11
from pkcs11 import exceptions as p11

from kernel.errors import FaultError, RejectedError, UndecidedError

__all__ = [
    "TokenAbsentError",
    "TokenAddress",
    "TokenAddressError",
    "TokenKeyMissingError",
    "TokenPinError",
    "TokenRefusedError",
    "TokenSession",
]

T = TypeVar("T")
PROBE_BITS: Final = 64
LOST: Final = (
    p11.SessionHandleInvalid,
    p11.SessionClosed,
    p11.DeviceRemoved,
    p11.DeviceError,
    p11.UserNotLoggedIn,
    p11.KeyHandleInvalid,
    p11.ObjectHandleInvalid,
)
ABSENT: Final = (p11.TokenNotPresent, p11.NoSuchToken, p11.TokenNotRecognised, p11.SlotIDInvalid)
WRONG_PIN: Final = (p11.PinIncorrect, p11.PinInvalid, p11.PinLenRange, p11.PinExpired, p11.PinLocked)


class TokenAddressError(RejectedError):
    """The text names no token, or leaves out module, object or PIN file."""

    code = "token_address"

    def __init__(self, missing: str) -> None:
        """Keep what is missing; the address itself may hold a path nobody should see."""
        super().__init__(
            f"this is no complete PKCS#11 address: {missing} is missing; write "
            "pkcs11:token=…;object=…?module-path=…&pin-source=…",
            f"PKCS#11 地址不完整，缺少 {missing}；请写作 pkcs11:token=…;object=…?module-path=…&pin-source=…",
        )


class TokenAbsentError(UndecidedError):
    """The token is not there now."""

    code = "token_absent"

    def __init__(self, token: str) -> None:
        """Keep the token's label."""
        super().__init__(
            f"the token '{token}' does not answer; plug it in or start its service, then try again",
            f"密码设备“{token}”未响应；请插入设备或启动其服务后重试",
            retry_after=10,
        )
        self.token = token


class TokenPinError(FaultError):
    """The token refused the PIN; it is not tried again."""

    code = "token_pin"

    def __init__(self, token: str) -> None:
        """Keep the token's label, never the PIN."""
        super().__init__(
            f"the token '{token}' refused the PIN; correct the PIN file before the token locks itself",
            f"密码设备“{token}”不接受该口令；请更正口令文件，以免设备锁定",
        )
        self.token = token


class TokenKeyMissingError(FaultError):
    """The token holds no such key, or several."""

    code = "token_key_missing"

    def __init__(self, token: str, label: str) -> None:
        """Keep both names."""
        super().__init__(
            f"the token '{token}' holds not exactly one key '{label}'; check the label or generate the key",
            f"密码设备“{token}”中没有唯一的密钥“{label}”；请核对标签或生成该密钥",
        )
        self.token = token
        self.label = label


class TokenRefusedError(FaultError):
    """The module cannot be loaded, or the token refused the operation."""

    code = "token_refused"

    def __init__(self, token: str, reason: str) -> None:
        """Keep the token's label and its own word for the reason."""
        super().__init__(
            f"the token '{token}' refused ({reason}); see its log and the runbook on keys",
            f"密码设备“{token}”拒绝操作（{reason}）；请查看设备日志和密钥运维手册",
        )
        self.token = token
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAddress:
    """Where one key lives.

    Attributes:
        module: Shared library of the token's maker.
        token: Label of the token.
        label: Label of the key, the same for both halves of a pair.
        pin_file: Holds the user PIN; one trailing line break is not part of it.
    """

    module: Path
    token: str
    label: str
    pin_file: Path

    @classmethod
    def parse(cls, uri: str) -> TokenAddress:
        """Read ``pkcs11:token=T;object=O?module-path=M&pin-source=P`` (RFC 7512 §2.3).

        Raises:
            TokenAddressError: One of the four parts is missing.
        """
        scheme, _, rest = uri.partition(":")
        path, _, query = rest.partition("?")
        named = dict(part.partition("=")[::2] for part in path.split(";"))
        parts = {name: unquote(value) for name, value in named.items()} | dict(parse_qsl(query))
        missing = [one for one in ("token", "object", "module-path", "pin-source") if not parts.get(one)]
        if scheme != "pkcs11" or missing:
            raise TokenAddressError(", ".join(missing) or "pkcs11:")
        return cls(
            module=Path(parts["module-path"]),
            token=parts["token"],
            label=parts["object"],
            pin_file=Path(parts["pin-source"].removeprefix("file:")),
        )


class TokenSession:
    """Use ``of``: one for each token in this process."""

    _known: ClassVar[dict[tuple[Path, str], TokenSession]] = {}
    _guard: ClassVar = threading.Lock()

    def __init__(self, module: Path, token: str) -> None:
        """Open nothing yet."""
        self._module = module
        self._token = token
        self._lock = threading.RLock()
        self._session: pkcs11.Session | None = None
        self._pin = ""

    @classmethod
    def of(cls, address: TokenAddress) -> TokenSession:
        """The session of this token, not opened before it is used."""
        with cls._guard:
            key = (address.module, address.token)
            return cls._known.setdefault(key, cls(*key))

    def use(self, pin_file: Path, deed: Callable[[pkcs11.Session], T]) -> T:
        """Do something in the session, which is opened again first if it was lost.

        Args:
            pin_file: Read at each use; must agree with the PIN the session was opened with.
            deed: Called once with a logged-in read-write session.

        Raises:
            TokenAbsentError: The token does not answer.
            TokenPinError: The PIN is another one.
            TokenRefusedError: Anything else the module says.
        """
        with self._lock:
            session = self._alive(self._read(pin_file))
            try:
                return deed(session)
            except p11.PKCS11Error as problem:
                raise self._reading(problem) from problem

    def _alive(self, pin: str) -> pkcs11.Session:
        """A session that has just answered; a search in a dead one would leave the library locked."""
        session = self._opened(pin)
        try:
            session.generate_random(PROBE_BITS)
        except LOST:
            self._drop()
            return self._opened(pin)
        except p11.PKCS11Error as problem:
            raise self._reading(problem) from problem
        return session

    def _opened(self, pin: str) -> pkcs11.Session:
        if self._session is not None:
            if pin != self._pin:  # the token would not ask again: the process is logged in
                raise TokenPinError(self._token)
            return self._session
        try:
            self._session = self._found().open(rw=True, user_pin=pin)
        except p11.PKCS11Error as problem:
            raise self._reading(problem) from problem
        self._pin = pin
        return self._session

    def _found(self) -> pkcs11.Token:
        library = pkcs11.lib(str(self._module))
        try:
            return library.get_token(token_label=self._token)
        except p11.NoSuchToken:
            library.reinitialize()  # a module looks at its slots when it begins
            return library.get_token(token_label=self._token)

    def _drop(self) -> None:
        """Forget the session and have the module look at its slots anew; other tokens' sessions too."""
        self._session = None
        try:
            pkcs11.lib(str(self._module)).reinitialize()
        except p11.PKCS11Error as problem:
            raise self._reading(problem) from problem

    def _read(self, pin_file: Path) -> str:
        try:
            return pin_file.read_text().removesuffix("\n")
        except (OSError, UnicodeDecodeError) as problem:
            raise TokenPinError(self._token) from problem

    def _reading(self, problem: p11.PKCS11Error) -> FaultError | UndecidedError:
        if isinstance(problem, WRONG_PIN):
            return TokenPinError(self._token)
        if isinstance(problem, (*ABSENT, *LOST)):
            return TokenAbsentError(self._token)
        return TokenRefusedError(self._token, str(problem) or type(problem).__name__)
