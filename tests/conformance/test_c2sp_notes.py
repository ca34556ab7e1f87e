"""Notes, checkpoints, cosignatures and a witness's answers against what Go wrote (tests/vectors/c2sp)."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fake_witnesses import FakeMemory

from api.witness_app import create_witness_app, verifier_key
from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    TrustedWitness,
    cosign,
    load_log_key,
    log_public_key,
    read_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
    verify_note,
)
from contracts_chain.evidence.signed_note import KeyKind, key_id, read_note
from contracts_chain.evidence.witness import Witness
from contracts_chain.evidence.witness_submission import Submission
from kernel.clock import FixedClock
from kernel.sized_bytes import Bytes32, RootHash

VECTORS = Path(__file__).parents[1] / "vectors" / "c2sp"
GO = json.loads((VECTORS / "notes.json").read_text("utf-8"))
SPECIFIED = json.loads((VECTORS / "specification.json").read_text("utf-8"))
SUMDB = json.loads((VECTORS / "sumdb.json").read_text("utf-8"))

ORIGIN: str = GO["origin"]
LOG_KEY = load_log_key(bytes.fromhex(GO["log_seed"]))
LOG_PUBLIC = Bytes32.from_hex(GO["log_public_key"])
WITNESS_KEY = load_log_key(bytes.fromhex(GO["witness_seed"]))
WITNESS = TrustedWitness(
    name=GO["witness"], public_key=Bytes32.from_hex(GO["witness_public_key"]), operator="Go"
)


def checkpoint_of(vector: dict[str, object]) -> Checkpoint:
    return Checkpoint(
        origin=ORIGIN, size=int(str(vector["size"])), root=RootHash.from_hex(str(vector["root"]))
    )


def cosigned_at(note: str) -> datetime:
    """The time in the witness's line, read by hand."""
    line = next(line for line in note.split("\n") if line.startswith(f"\u2014 {WITNESS.name} "))
    return datetime.fromtimestamp(int.from_bytes(base64.b64decode(line.split(" ")[2])[4:12]), UTC)


def test_keys_of_one_seed_are_go_s_keys() -> None:
    assert log_public_key(LOG_KEY) == LOG_PUBLIC
    assert log_public_key(WITNESS_KEY) == WITNESS.public_key


@pytest.mark.parametrize("vector", GO["notes"], ids=lambda vector: str(vector["size"]))
def test_a_checkpoint_is_signed_byte_for_byte_as_go_signs_it(vector: dict[str, object]) -> None:
    assert sign_checkpoint(checkpoint_of(vector), LOG_KEY) == vector["note"]
    assert verify_note(str(vector["note"]), LOG_PUBLIC, ORIGIN) == checkpoint_of(vector)


@pytest.mark.parametrize("vector", GO["cosigned"], ids=lambda vector: str(vector["size"]))
def test_a_checkpoint_is_cosigned_byte_for_byte_as_go_cosigns_it(vector: dict[str, object]) -> None:
    note = str(vector["note"])
    at = cosigned_at(note)
    ours = cosign(checkpoint_of(vector), name=WITNESS.name, key=WITNESS_KEY, at=at)
    assert sign_checkpoint(checkpoint_of(vector), LOG_KEY) + ours == note
    (found,) = verify_cosignatures(note, [WITNESS], 1)
    assert (found.name, found.time_utc) == (WITNESS.name, at)
    assert verify_note(note, LOG_PUBLIC, ORIGIN) == checkpoint_of(vector)


def test_an_extension_line_is_signed_along() -> None:
    checkpoint = read_checkpoint(GO["extended"])
    assert checkpoint.extension_lines == ("extension",)
    ours = cosign(checkpoint, name=WITNESS.name, key=WITNESS_KEY, at=cosigned_at(GO["extended"]))
    assert sign_checkpoint(checkpoint, LOG_KEY) + ours == GO["extended"]


def test_the_witness_shows_its_key_as_go_writes_it() -> None:
    witness = Witness(
        name=WITNESS.name, key=WITNESS_KEY, logs={}, memory=FakeMemory(), clock=FixedClock(datetime.now(UTC))
    )
    assert verifier_key(witness) == GO["witness_vkey"]


async def posted(witness: Witness, body: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=create_witness_app(witness))
    async with httpx.AsyncClient(transport=transport, base_url="http://witness.test") as client:
        return await client.post("/add-checkpoint", content=body.encode())


def test_the_witness_answers_every_request_as_specified_and_signs_what_go_signed() -> None:
    moments = [cosigned_at(one["response"]) for one in GO["exchanges"] if one["status"] == 200]
    clock = FixedClock(moments[0])
    witness = Witness(
        name=WITNESS.name, key=WITNESS_KEY, logs={ORIGIN: (LOG_PUBLIC,)}, memory=FakeMemory(), clock=clock
    )
    for exchange in GO["exchanges"]:
        if exchange["status"] == 200:
            clock.advance(cosigned_at(exchange["response"]) - clock.now())
        answer = asyncio.run(posted(witness, exchange["request"]))
        assert answer.status_code == exchange["specified_status"], exchange["name"]
        if exchange["status"] == 200:
            assert answer.text == exchange["response"], exchange["name"]
        if exchange["content_type"]:
            assert answer.headers["Content-Type"] == exchange["content_type"], exchange["name"]
            assert answer.text == exchange["response"], exchange["name"]


def test_the_published_note_of_sumdb_is_read_and_its_signature_holds() -> None:
    name, identity, key = SUMDB["vkey"].split("+", 2)
    public_key = Bytes32(base64.b64decode(key)[1:])
    assert key_id(name, KeyKind.ED25519, public_key).hex() == identity
    note = read_note(SUMDB["note"])
    (signature,) = note.by(name, bytes.fromhex(identity))
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, note.text.encode())


def test_the_examples_of_the_specification_have_the_form_we_read() -> None:
    note = SPECIFIED["cosigned"]
    assert read_checkpoint(note).size == 20852163
    log, witness = read_note(note).signatures
    assert len(log.signature) == 64
    assert int.from_bytes(witness.signature[:8]) == SPECIFIED["cosigned_time"]
    assert len(witness.signature) == 8 + 64
    body = SPECIFIED["submission"].encode()
    submission = Submission.parse(body)
    assert (submission.old_size, len(submission.path)) == (20852014, 4)
    assert submission.body() == body
