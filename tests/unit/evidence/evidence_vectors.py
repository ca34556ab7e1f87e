"""Honest evidence, and for each case one place in evidence or trust that holds something else.

`python tests/unit/evidence/evidence_vectors.py` makes tests/vectors/package/anchor_steps.json anew.
Certificates, and so leaves, differ from run to run; the stored file is one run, kept.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from coincurve import PrivateKey

VECTORS = Path(__file__).parents[2] / "vectors" / "package" / "anchor_steps.json"


def applied(base: dict[str, Any], vector: dict[str, Any]) -> tuple[Any, Any]:
    """Evidence and trust of a case."""
    whole = deepcopy(base)
    place = whole
    for key in vector["path"][:-1]:
        place = place[key]
    if vector["path"]:
        place[vector["path"][-1]] = vector["value"]
    return whole["evidence"], whole["trust"]


def vectors_of(case: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The honest base, and name, path and value of each case."""
    honest = json.loads(case.contents().evidence)
    base = {"evidence": honest, "trust": json.loads(json.dumps(case.trust.as_json()))}
    anchor, records, size = honest["anchor"], honest["records"], honest["checkpoint"]["size"]
    path = records[1]["inclusion"]
    evidence: list[tuple[str, list[str | int], Any]] = [
        ("no records", ["records"], []),
        ("another salt", ["records", 0, "record", "salt"], "00" * 32),
        ("another detail", ["records", 0, "record", "details"], {"more": "yes"}),
        ("wrong index", ["records", 2, "index"], records[2]["index"] + 1),
        ("index beyond the log", ["records", 2, "index"], 10_000),
        ("path too long", ["records", 1, "inclusion"], [*path, "00" * 32]),
        ("path too short", ["records", 1, "inclusion"], path[:-1]),
        ("interior node as leaf", ["records", 0, "inclusion"], records[0]["inclusion"][1:]),
        ("checkpoint of another size", ["checkpoint", "size"], size + 1),
        ("checkpoint of another root", ["checkpoint", "root"], "11" * 32),
        ("checkpoint of another sequence", ["checkpoint", "sequence"], 8),
        ("note is no note", ["checkpoint", "note"], "hello"),
        ("anchor of another root", ["anchor", "root"], "11" * 32),
        ("anchor of another chain id", ["anchor", "chain_id"], 1),
        ("anchor of another registry", ["anchor", "registry"], "0x" + "07" * 20),
        ("transaction hash changed", ["anchor", "transaction_hash"], _flip(anchor["transaction_hash"])),
        ("transaction index changed", ["anchor", "transaction_index"], 0),
        ("receipt at another index", ["anchor", "receipt_index"], 0),
        ("receipt node missing", ["anchor", "receipt_proof"], anchor["receipt_proof"][:-1]),
        ("receipt node superfluous", ["anchor", "receipt_proof"], [*anchor["receipt_proof"], "0x80"]),
        ("receipt node changed", ["anchor", "receipt_proof", 0], _flip(anchor["receipt_proof"][0])),
        ("account node missing", ["anchor", "account_proof"], anchor["account_proof"][:-1]),
        ("account node changed", ["anchor", "account_proof", 0], _flip(anchor["account_proof"][0])),
        ("header cut off", ["anchor", "header"], anchor["header"][:-2]),
        ("header with a byte more", ["anchor", "header"], anchor["header"] + "00"),
        ("header not hexadecimal", ["anchor", "header"], "0xzz"),
        ("unknown member", ["more"], 1),
    ]
    sets: list[str | int] = ["chain", "validator_sets", 0]
    trust: list[tuple[str, list[str | int], Any]] = [
        ("note signed by a stranger", ["log", "public_key"], "22" * 32),
        ("note of another log", ["log", "origin"], "another.test/log"),
        ("no validator set at this height", [*sets, "to_block"], 5),
        ("other validators trusted", [*sets, "members", 0, "address"], "0x" + "09" * 20),
        ("other code trusted", ["chain", "registry_code_hash"], "0x" + "00" * 32),
    ]
    return base, [
        {"name": "honest", "path": [], "value": None},
        *({"name": name, "path": ["evidence", *at], "value": value} for name, at, value in evidence),
        *({"name": name, "path": ["trust", *at], "value": value} for name, at, value in trust),
        *_other_chains(case),
        *_other_headers(case),
        *_other_notes(case),
        *_other_trees(case),
        *_renewals(case),
    ]


Place = list[str | int]
HEADER: Place = ["evidence", "anchor", "header"]


def _vector(name: str, path: Place, value: Any) -> dict[str, Any]:
    return {"name": name, "path": path, "value": value}


def _other_headers(case: Any) -> list[dict[str, Any]]:
    """The anchor's own header, changed where the name says and sealed again by true validators."""
    from evidence_headers import ORDER, keys, long_form, malleated, resealed, with_r, with_s, with_v

    honest, own = case.evidence.anchor.header, case.chain.keys
    stranger: PrivateKey = keys(1, b"a stranger")[0]
    changes: dict[str, Callable[[], bytes]] = {
        "sealed again": lambda: resealed(honest, own[:3]),
        "one seal of four": lambda: resealed(honest, own[:1]),
        "no seal": lambda: resealed(honest, ()),
        "duplicated seal": lambda: resealed(honest, own[:3], seals=lambda s: [s[0], s[1], s[1]]),
        "duplicated seal beside a quorum": lambda: resealed(honest, own[:3], seals=lambda s: [*s, s[0]]),
        "malleated seal beside itself": lambda: resealed(
            honest, own[:3], seals=lambda s: [*s, malleated(s[0])]
        ),
        "malleated seal in place of a third": lambda: resealed(
            honest, own[:2], seals=lambda s: [*s, malleated(s[0])]
        ),
        "unknown validator in the quorum": lambda: resealed(honest, [*own[:2], stranger]),
        "unknown validator beside a quorum": lambda: resealed(honest, [*own[:3], stranger]),
        "v of two": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], with_v(s[2], 2)]),
        "v of 27": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], with_v(s[2], s[2][64] + 27)]),
        "r of zero": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], with_r(s[2], 0)]),
        "r of n": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], with_r(s[2], ORDER)]),
        "s of zero": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], with_s(s[2], 0)]),
        "s of n": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], with_s(s[2], ORDER)]),
        "a seal of 64 bytes": lambda: resealed(honest, own[:3], seals=lambda s: [*s[:2], s[2][:64]]),
        "round zero seals on a round one block": lambda: resealed(
            honest, own[:3], round_number=b"\x01", sealed_round=b""
        ),
        "round one seals on a round zero block": lambda: resealed(
            honest, own[:3], round_number=b"", sealed_round=b"\x01"
        ),
        "validator left out of the list": lambda: resealed(honest, own[:3], validators=own[:3]),
        "validator added to the list": lambda: resealed(honest, own, validators=[*own, stranger]),
        "validators in another order": lambda: resealed(honest, own[:3], validators=own[::-1]),
        "wrong mixHash": lambda: resealed(honest, own[:3], fields={13: bytes(32)}),
        "wrong difficulty": lambda: resealed(honest, own[:3], fields={7: b"\x02"}),
        "difficulty of zero": lambda: resealed(honest, own[:3], fields={7: b""}),
        "wrong nonce": lambda: resealed(honest, own[:3], fields={14: bytes(7) + b"\x01"}),
        "with ommers": lambda: resealed(honest, own[:3], fields={1: bytes(32)}),
        "proposed by a stranger": lambda: resealed(honest, own[:3], fields={2: bytes(20)}),
        "number with a leading zero": lambda: resealed(honest, own[:3], fields={8: b"\x00\x01"}),
        "non-canonical header": lambda: long_form(honest),
        "non-canonical extraData": lambda: resealed(
            honest, own[:3], written=lambda extra: long_form(_encoded(extra))
        ),
        "bytes after extraData": lambda: resealed(
            honest, own[:3], written=lambda extra: _encoded(extra) + b"\x00"
        ),
        "a sixth item in extraData": lambda: resealed(
            honest, own[:3], written=lambda extra: _encoded([*extra, b""])
        ),
        "round with a leading zero": lambda: resealed(honest, own[:3], round_number=b"\x00"),
        "fourteen fields": lambda: _fields(honest, 14),
        "header of a number": lambda: b"\x01",
    }
    found = [_vector(name, HEADER, "0x" + change().hex()) for name, change in changes.items()]
    removed = case.trust.as_json()["chain"]["validator_sets"][0]["members"][1:]
    return [
        *found,
        _vector("sealed by a removed validator", ["trust", "chain", "validator_sets", 0, "members"], removed),
    ]


def _encoded(item: Any) -> bytes:
    import rlp

    return bytes(rlp.encode(item))


def _fields(header: bytes, count: int) -> bytes:
    import rlp

    return _encoded(rlp.decode(header)[:count])


def _other_notes(case: Any) -> list[dict[str, Any]]:
    """What the log or its witnesses signed, in place of the honest note."""
    from evidence_case import LOG_KEY, ORIGIN, WITNESS_KEYS, cosigned_note

    from contracts_chain.evidence.checkpoint import Checkpoint, sign_checkpoint

    known = case.evidence.checkpoint
    body = Checkpoint(origin=ORIGIN, size=known.size, root=known.root)
    names = list(WITNESS_KEYS)
    longer = Checkpoint(origin=ORIGIN, size=known.size + 1, root=known.root)
    once = cosigned_note(body, names[:1])
    notes = {
        "size lie signed by the log": cosigned_note(longer),
        "extension line": cosigned_note(replace(body, extension_lines=("more",))),
        "no witness": sign_checkpoint(body, LOG_KEY),
        "one witness of two": once,
        "one witness twice": once + once.splitlines(keepends=True)[-1],
        "three witnesses": cosigned_note(body, names),
        "cosignature of another checkpoint": once
        + cosigned_note(longer, names[1:2]).splitlines(keepends=True)[-1],
        "note without its last line's end": known.note[:-1],
        "note with a carriage return": known.note.replace("\n", "\r\n"),
        "note with a stranger's line": known.note + "\u2014 someone.else AAAAAAAA\n",
        "note with a line that is no signature": known.note + "hello\n",
    }
    return [_vector(name, ["evidence", "checkpoint", "note"], note) for name, note in notes.items()]


def _other_trees(case: Any) -> list[dict[str, Any]]:
    """Paths and proofs that lead elsewhere."""
    anchor, records = case.evidence.anchor.to_json(), case.evidence.records
    receipts, accounts = list(anchor["receipt_proof"]), list(anchor["account_proof"])
    absent = {**anchor, "receipt_index": 5, "transaction_index": 5, "transaction_proof": []}
    kept = [logged.record for logged in records]
    own = json.loads(case.relogged([replace(kept[0], actor="person:99"), *kept[1:]]).contents().evidence)
    honest = json.loads(case.contents().evidence)
    node = hashlib.sha256(b"\x01" + records[0].record.leaf() + records[0].inclusion[0]).hexdigest()
    return [
        _vector("own root in the package", ["evidence"], {**own, "anchor": honest["anchor"]}),
        _vector(
            "index of another size",
            ["evidence", "records", 0, "index"],
            records[0].index + case.evidence.checkpoint.size,
        ),
        _vector(
            "interior node among the siblings",
            ["evidence", "records", 0, "inclusion"],
            [node, *(one.hex() for one in records[0].inclusion[1:])],
        ),
        _vector(
            "a path of 65 hashes", ["evidence", "records", 0, "inclusion"], ["00" * 32 for _ in range(65)]
        ),
        _vector(
            "absence of a receipt offered as presence",
            ["evidence", "anchor"],
            {**absent, "receipt_proof": receipts[:-1]},
        ),
        _vector("receipt of another index", ["evidence", "anchor"], absent),
        _vector("receipt nodes in another order", ["evidence", "anchor", "receipt_proof"], receipts[::-1]),
        _vector("account node superfluous", ["evidence", "anchor", "account_proof"], [*accounts, "0x80"]),
        _vector("no account proof", ["evidence", "anchor", "account_proof"], []),
        _vector("no receipt proof", ["evidence", "anchor", "receipt_proof"], []),
        _vector("no transaction proof", ["evidence", "anchor", "transaction_proof"], []),
        _vector(
            "transaction node missing",
            ["evidence", "anchor", "transaction_proof"],
            list(anchor["transaction_proof"])[:-1],
        ),
        _vector(
            "receipt node with bytes after it",
            ["evidence", "anchor", "receipt_proof", len(receipts) - 1],
            receipts[-1] + "00",
        ),
    ]


def _renewals(case: Any) -> list[dict[str, Any]]:
    """Evidence renewed under SM3, honestly and not, and outside places' words beside it."""
    from evidence_later import cross_anchored, renewed

    later = json.loads(cross_anchored(renewed(case)).contents().evidence)
    honest = later["renewal"]
    at: Place = ["evidence", "renewal"]
    paths = honest["inclusion"]
    elsewhere = {**paths[0], "index": paths[0]["index"] + 1}
    past, future = {"sha256": "2026-11-01T00:00:00Z"}, {"sha256": "2999-01-01T00:00:00Z"}
    return [
        _vector("renewed", at, honest),
        _vector("with cross-anchors", ["evidence", "cross_anchors"], later["cross_anchors"]),
        _vector("renewal with another twin root", at, _changed(honest, "twin_root", "11" * 32)),
        _vector("renewal of another size", at, _changed(honest, "size", honest["anchor"]["size"] + 1)),
        _vector("renewal under another algorithm", at, {**honest, "algorithm": "sha3"}),
        _vector("renewal with a path too few", at, {**honest, "inclusion": paths[:-1]}),
        _vector("renewal with another index", at, {**honest, "inclusion": [elsewhere, *paths[1:]]}),
        _vector(
            "renewal with a sibling changed",
            at,
            {**honest, "inclusion": [{**paths[0], "path": ["00" * 32, *paths[0]["path"][1:]]}, *paths[1:]]},
        ),
        _vector("renewal by the anchor's own receipt", at, _with_anchor(honest, case)),
        _vector("SHA-256 trusted no longer", ["trust", "distrusted_digests"], past),
        _vector("SHA-256 trusted still", ["trust", "distrusted_digests"], future),
    ]


def _changed(renewal: dict[str, Any], member: str, value: Any) -> dict[str, Any]:
    return {**renewal, "anchor": {**renewal["anchor"], member: value}}


def _with_anchor(renewal: dict[str, Any], case: Any) -> dict[str, Any]:
    return {**renewal, "anchor": {**renewal["anchor"], **case.evidence.anchor.to_json()}}


def _other_chains(case: Any) -> list[dict[str, Any]]:
    changes: dict[str, dict[str, Any]] = {
        "receipt failed": {"status": 0},
        "event of another contract": {"emitter": bytes(20)},
        "another event": {"topic": bytes(32)},
        "other code at the address": {"code_hash": bytes(32)},
        "sealed by another chain": {"secret": b"another chain"},
        "two seals of four": {"sealers": 2},
        "four seals of four": {"sealers": 4},
        "round two": {"round_number": 2},
    }
    records = [logged.record for logged in case.evidence.records]
    return [
        {
            "name": name,
            "path": ["evidence", "anchor"],
            "value": case.relogged(records, replace(case.chain, **change)).evidence.anchor.to_json(),
        }
        for name, change in changes.items()
    ]


def _flip(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def main() -> None:
    """Write the stored vectors with the verdicts of the standalone program."""
    root = Path(__file__).parents[3]
    sys.path[:0] = [str(root), str(root / "docs"), str(Path(__file__).parent)]
    import evidence_case
    import verify_anchor  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory() as folder:
        base, cases = vectors_of(evidence_case.build(Path(folder)))
    for vector in cases:
        results = verify_anchor.verify(*applied(base, vector))
        vector["verdicts"] = [word for _, word, _ in results]
        print(vector["name"], vector["verdicts"])
    written = {"origin": __doc__, "base": base, "cases": cases}
    VECTORS.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
