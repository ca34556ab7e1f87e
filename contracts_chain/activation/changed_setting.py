"""One member of ``activation.json`` changed: what the whole then says, or why it cannot say so.

Decides nothing about whom to believe; that is its owner's. A change that leaves a file which the
process would refuse is refused here, and so is a name that the file does not hold: a mistyped one
must not look as if it were set.
"""

from __future__ import annotations

from typing import Final, cast

from contracts_chain.activation.configuration import ActivationConfiguration, ConfigurationError
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json
from kernel.errors import RejectedError

__all__ = ["SettingRefusedError", "SettingUnknownError", "changed_setting", "differing_members"]


_OWNERS: Final = frozenset({"attestation_days", "kek", "results_days"})
"""No setting of the service names them."""


class SettingUnknownError(RejectedError):
    """``activation.json`` has no such member; nothing was changed."""

    code = "activation_setting_unknown"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        """Keep the name, and those there are."""
        listed = ", ".join(known)
        super().__init__(
            f"activation.json has nothing named {name}; nothing was changed, name one of: {listed}",
            f"activation.json 中没有 {name}，未作任何更改；请指定其中之一：{listed}",
        )
        self.name = name
        self.known = known


class SettingRefusedError(RejectedError):
    """With this value the process would not start, or would believe anybody; nothing was changed."""

    code = "activation_setting_refused"

    def __init__(self, name: str, reason: str) -> None:
        """Keep the member and what is wrong; never the value."""
        super().__init__(
            f"{name} cannot be set so ({reason}); nothing was changed, give another value",
            f"{name} 不能这样设置（{reason}），未作任何更改；请改用其他值",
        )
        self.name = name
        self.reason = reason


def changed_setting(kept: ActivationConfiguration, name: str, value: str | None) -> ActivationConfiguration:
    """The configuration with one member, or one key of a member that holds several, set or taken away.

    Args:
        kept: As the file stands.
        name: ``rp_name``, ``tsa_urls``, …; ``providers.NAME``, ``hall_clerks.NAME``, ``authority.token``, ….
        value: A text as it is; anything else as JSON. ``None`` takes a provider or a clerk away.

    Raises:
        SettingUnknownError: The file has no such member, or no such key to take away.
        SettingRefusedError: Not of the form due.
    """
    told = dict(kept.as_json())
    member, _, key = name.partition(".")
    holder = told.get(member)
    if member == "schema" or member not in told or (key and not isinstance(holder, dict)):
        raise SettingUnknownError(name, tuple(sorted(set(told) - {"schema"})))
    if not key:
        told[member] = _read(name, value, told[member])
    else:
        told[member] = _with_key(name, key, value, dict(cast("JsonObject", holder)))
    try:
        return ActivationConfiguration.parse(canonical_bytes(told))
    except ConfigurationError as problem:
        raise SettingRefusedError(name, problem.reason) from problem


def differing_members(one: ActivationConfiguration, other: ActivationConfiguration) -> tuple[str, ...]:
    """Members, sorted, in which two configurations differ, but those that are the owner's own affair."""
    ours, theirs = one.as_json(), other.as_json()
    return tuple(sorted(name for name in ours if ours[name] != theirs[name] and name not in _OWNERS))


def _with_key(name: str, key: str, value: str | None, holder: JsonObject) -> JsonObject:
    if value is not None:
        return {**holder, key: _read(name, value, holder.get(key, ""))}
    if key not in holder:
        raise SettingUnknownError(name, tuple(sorted(holder)))
    return {one: held for one, held in holder.items() if one != key}


def _read(name: str, value: str | None, standing: JsonValue) -> JsonValue:
    """A text where a text stands, else JSON."""
    if value is None:
        raise SettingRefusedError(name, "every member is due, it can only be set")
    if isinstance(standing, str):
        return value
    try:
        return parse_json(value.encode())
    except (ValueError, RecursionError) as problem:
        raise SettingRefusedError(name, "JSON is due here") from problem
