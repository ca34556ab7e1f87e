"""Two makers of one label: one key is made, whoever they are and however close they come."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import KeyType, MechanismFlag
from soft_token import SoftToken

from signing.pkcs11_key import Pkcs11Key, Pkcs11KeyWrap, TokenKeyExistsError

CHILD = Path(__file__).with_name("pkcs11_making_child.py")
ROUNDS = 4


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return SoftToken.made(tmp_path_factory.mktemp("makers"), "makers")


def test_of_two_programs_that_make_one_label_at_once_one_makes_the_key(token: SoftToken) -> None:
    known = Pkcs11Key.generate(token.address("known"))
    both = [
        subprocess.Popen(
            [sys.executable, str(CHILD), token.uri("known")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        assert [answer(one) for one in both] == ["ready", "ready"]
        for at in range(ROUNDS):
            for one in both:
                assert one.stdin is not None
                one.stdin.write(f"raced-{at}\n")
                one.stdin.flush()
            assert sorted(answer(one) for one in both) == ["exists", "made"]
            assert Pkcs11Key(token.address(f"raced-{at}")).public_key_der != known.public_key_der
    finally:
        for one in both:
            one.communicate(timeout=60)


def answer(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def rival_pair(session: pkcs11.Session, label: str) -> None:
    session.generate_keypair(
        KeyType.RSA, 2048, store=True, label=label, capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY
    )


def rival_secret(session: pkcs11.Session, label: str) -> None:
    session.generate_key(
        KeyType.AES, 256, store=True, label=label, id=b"rival", capabilities=MechanismFlag.ENCRYPT
    )


@pytest.mark.parametrize(
    ("kind", "rival"), [(Pkcs11Key, rival_pair), (Pkcs11KeyWrap, rival_secret)], ids=["pair", "secret"]
)
def test_what_another_machine_makes_meanwhile_stays_and_ours_is_taken_back(
    kind: type[Pkcs11Key] | type[Pkcs11KeyWrap],
    rival: Callable[[pkcs11.Session, str], None],
    token: SoftToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other has a PIN file of its own; it is faster between our look and our key."""
    address = token.address(f"meanwhile-{kind.__name__}")
    random = os.urandom

    def make_after_the_rival(count: int) -> bytes:
        monkeypatch.setattr(os, "urandom", random)
        token.use(lambda session: rival(session, address.label))
        return random(count)

    monkeypatch.setattr(os, "urandom", make_after_the_rival)
    with pytest.raises(TokenKeyExistsError):
        kind.generate(address)
    kind(address)  # exactly one is there: the rival's
    left = token.use(lambda session: len(list(session.get_objects({pkcs11.Attribute.LABEL: address.label}))))
    assert left == (2 if kind is Pkcs11Key else 1)
