"""A program of its own that makes a key for each label it is told, at the moment it is told."""

from __future__ import annotations

import sys
from dataclasses import replace

from signing.pkcs11_key import Pkcs11Key, TokenKeyExistsError
from signing.pkcs11_token import TokenAddress


def main(uri: str) -> None:
    """Answer each label on standard input with ``made`` or ``exists``."""
    address = TokenAddress.parse(uri)
    Pkcs11Key(address)  # logged in before the race begins
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            Pkcs11Key.generate(replace(address, label=line.strip()))
            print("made", flush=True)
        except TokenKeyExistsError:
            print("exists", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
