"""Two custodians' windows ask for the key of one seal at once: there is one key, and both get it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from memory_office import MORNING, ca_directory
from seal_behaviour import a_seal

from api.seal_keys import StandingSealKeys
from kernel.clock import FixedClock
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.software_key import SoftwareKey

A_MOMENT = 0.5
"""Longer than an unhindered second request takes; a hindered one is awaited afterwards."""


def key_in(request: bytes) -> bytes:
    public = x509.load_der_x509_csr(request).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_a_seal_whose_key_is_asked_for_twice_at_once_has_one_key(tmp_path: Path) -> None:
    ca = TestCa.open(ca_directory(), KeyEncryptionKey.of(bytes(32)), FixedClock(MORNING))
    keys = StandingSealKeys(tmp_path / "seals", KeyEncryptionKey.of(bytes(range(32))), ca, None)
    seal, generate, others = a_seal("twice"), SoftwareKey.generate, []

    with ThreadPoolExecutor(1) as beside:

        def while_another_asks() -> SoftwareKey:
            made = generate()
            if not others:
                others.append(beside.submit(keys.request, seal))
                wait(others, A_MOMENT)
            return made

        with patch.object(SoftwareKey, "generate", while_another_asks):
            first = keys.request(seal)
            second = others[0].result()
    assert key_in(first) == key_in(second)
