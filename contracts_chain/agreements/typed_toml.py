"""TOML files of this package (rule packs, profiles, templates) read as dataclasses.

They ship with the program, so a file that does not fit is a broken installation, not
a bad request.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TypeVar

from contracts_chain.agreements.typed_json import Problem, typed_from
from kernel.digests import sha256
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["PackagedFileBrokenError", "packaged_sha256", "typed_resource"]

_T = TypeVar("_T")


class PackagedFileBrokenError(FaultError):
    """A file of this package is missing or does not have its form."""

    code = "packaged_file_broken"

    def __init__(self, name: str, fault: str) -> None:
        """Keep which file and what is wrong with it."""
        super().__init__(
            f"{name}: {fault}; install the package again", f"{name} 损坏（{fault}）；请重新安装程序"
        )
        self.name = name
        self.fault = fault


def packaged_sha256(package: str, name: str) -> Bytes32:
    """SHA-256 of a file of this package as it is installed.

    Raises:
        PackagedFileBrokenError: Missing.
    """
    try:
        return sha256(files(package).joinpath(name).read_bytes())
    except OSError as problem:
        raise PackagedFileBrokenError(name, str(problem)) from problem


def typed_resource(kind: type[_T], package: str, name: str) -> _T:
    """Read a TOML file of a package as a dataclass.

    Raises:
        PackagedFileBrokenError: Missing, not TOML, or of another form.
    """
    try:
        content = tomllib.loads(files(package).joinpath(name).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise PackagedFileBrokenError(name, str(problem)) from problem
    problems: list[Problem] = []
    value = typed_from(kind, content, "", problems)
    if value is None:
        raise PackagedFileBrokenError(name, "; ".join(problem.en for problem in problems))
    return value
