"""A SoftHSM2 token with a directory of its own, and programs as independent judges."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pkcs11

from signing.pkcs11_token import TokenAddress, TokenSession

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "201611"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftToken:
    """One initialised token; ``address`` names keys in it."""

    directory: Path
    label: str

    @classmethod
    def made(cls, directory: Path, label: str) -> SoftToken:
        """Initialise a token; every SoftHSM2 of this process looks into ``directory`` from now on."""
        (directory / "tokens").mkdir(parents=True)
        configuration = directory / "softhsm2.conf"
        configuration.write_text(
            f"directories.tokendir = {directory / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        command = ["softhsm2-util", "--init-token", "--free", "--label", label]
        subprocess.run(
            [*command, "--pin", PIN, "--so-pin", "77777777"], check=True, capture_output=True, timeout=60
        )
        (directory / "pin").write_text(PIN + "\n")
        pkcs11.lib(str(MODULE)).reinitialize()
        return cls(directory=directory, label=label)

    def address(self, label: str, *, pin_file: Path | None = None) -> TokenAddress:
        """Where a key of this label lives."""
        return TokenAddress(
            module=MODULE, token=self.label, label=label, pin_file=pin_file or self.directory / "pin"
        )

    def uri(self, label: str) -> str:
        """The same as RFC 7512 writes it."""
        pin = self.directory / "pin"
        return f"pkcs11:token={self.label};object={label}?module-path={MODULE}&pin-source=file:{pin}"

    def unplug(self) -> Path:
        """Take the token away from the module; returns where it lies now."""
        away = self.directory / "away"
        (self.directory / "tokens").rename(away)
        (self.directory / "tokens").mkdir()
        pkcs11.lib(str(MODULE)).reinitialize()
        return away

    def plug_in(self, away: Path) -> None:
        """Put it back."""
        (self.directory / "tokens").rmdir()
        away.rename(self.directory / "tokens")

    def use(self, deed: object) -> object:
        """Do something in the shared session, as a colleague's program would."""
        return TokenSession.of(self.address("any")).use(self.directory / "pin", deed)  # type: ignore[arg-type]
