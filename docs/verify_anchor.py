# ruff: noqa: INP001 - a program on its own, not a package
"""Verify steps 7, 8 and 9 of an evidence package with nothing but Python's standard library.

    python verify_anchor.py EVIDENCE.json TRUST.json      (or PACKAGE.asice TRUST.json)

    7 inclusion  the hash of every record climbs to the root that the chain holds (RFC 9162),
                 and once more under SM3 where the evidence was renewed
    8 anchor     header -> receipt -> event of the trusted contract; the package says the same,
                 signed by the log and by enough of the trusted witnesses
    9 seals      a quorum of the trusted validators signed that header (Besu QBFT)

Exit code: 0 proven, 10 refuted, 20 undecided, 30 unreadable, 1 for a wrong call.
Written to be read from top to bottom by a court's expert. It shares no line with the
product; both are held to the same test vectors. Nothing is fetched from a network.
"""

import base64
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path


class Refuted(Exception):  # noqa: N818 - these three are verdicts
    """The evidence contradicts the claim."""


class Undecided(Exception):  # noqa: N818
    """What is needed to decide is not at hand."""


class Unreadable(Exception):  # noqa: N818
    """The file is not of the documented form."""


DEEPEST = 100
EXIT = {"proven": 0, "refuted": 10, "undecided": 20, "unreadable": 30}


# ---- Keccak-256: Ethereum's hash (Keccak with the padding of 2011, not FIPS 202) ---------------

ROUNDS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip
TURNS = (1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44)
LANES = (10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1)
STEPS = tuple(zip(LANES, TURNS, strict=True))
MASK = 2**64 - 1


def turn(word, by):
    """Rotate 64 bits to the left."""
    return ((word << by) | (word >> (64 - by))) & MASK


def permute(state):
    """Apply Keccak-f[1600] to 25 lanes in place; the rotations are written out, for time."""
    for constant in ROUNDS:
        column = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        for x in range(5):
            mixed = column[x - 1] ^ turn(column[(x + 1) % 5], 1)
            for y in (x, x + 5, x + 10, x + 15, x + 20):
                state[y] ^= mixed
        carried = state[1]
        for lane, by in STEPS:
            state[lane], carried = ((carried << by) | (carried >> (64 - by))) & MASK, state[lane]
        for y in (0, 5, 10, 15, 20):
            a, b, c, d, e = state[y : y + 5]
            state[y] = a ^ (~b & c)
            state[y + 1] = b ^ (~c & d)
            state[y + 2] = c ^ (~d & e)
            state[y + 3] = d ^ (~e & a)
            state[y + 4] = e ^ (~a & b)
        state[0] ^= constant


def keccak(content):
    """Keccak-256 of bytes."""
    padded = bytearray(content + b"\x01" + b"\x00" * (135 - len(content) % 136))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), 136):
        for lane in range(17):
            state[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


# ---- SM3: China's hash (GB/T 32905-2016), for renewed evidence -----------------------------------

SM3_START = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip


def turn32(word, by):
    """Rotate 32 bits to the left."""
    by %= 32
    return ((word << by) | (word >> (32 - by))) & 0xFFFFFFFF


def sm3(content):
    """SM3 of bytes."""
    padded = content + b"\x80" + b"\x00" * (-(len(content) + 9) % 64) + (8 * len(content)).to_bytes(8, "big")
    state = list(SM3_START)
    for start in range(0, len(padded), 64):
        state = sm3_block(state, padded[start : start + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def sm3_block(state, block):
    """Compress one block of 64 bytes (§5.3)."""
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        mixed = words[j - 16] ^ words[j - 9] ^ turn32(words[j - 3], 15)
        mixed ^= turn32(mixed, 15) ^ turn32(mixed, 23)
        words.append(mixed ^ turn32(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        first = turn32((turn32(a, 12) + e + turn32(constant, j)) & 0xFFFFFFFF, 7)
        ff, gg = (a ^ b ^ c, e ^ f ^ g) if j < 16 else ((a & b) | (a & c) | (b & c), (e & f) | (~e & g))
        one = (ff + d + (first ^ turn32(a, 12)) + (words[j] ^ words[j + 4])) & 0xFFFFFFFF
        two = (gg + h + first + words[j]) & 0xFFFFFFFF
        a, b, c, d = one, a, turn32(b, 9), c
        e, f, g, h = two ^ turn32(two, 9) ^ turn32(two, 17), e, turn32(f, 19), g
    return [word ^ old for word, old in zip((a, b, c, d, e, f, g, h), state, strict=True)]


# ---- RLP, canonical form only (Ethereum yellow paper, appendix B) --------------------------------


def rlp_encode(item):
    """Encode bytes or a list of such."""
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else rlp_prefix(len(item), 0x80) + item
    payload = b"".join(rlp_encode(inner) for inner in item)
    return rlp_prefix(len(payload), 0xC0) + payload


def rlp_prefix(length, base):
    """Length byte or bytes before a payload."""
    if length < 56:
        return bytes([base + length])
    size = minimal(length)
    return bytes([base + 55 + len(size)]) + size


def minimal(number):
    """Big-endian without leading zeros."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def rlp_decode(content):
    """Decode one item; refuse any encoding but the one canonical."""
    item, end = rlp_item(content, 0, 0)
    if end != len(content) or rlp_encode(item) != content:
        raise Refuted("not canonical RLP")
    return item


def rlp_item(content, at, depth):
    """Item at a position, and where it ends."""
    if at >= len(content) or depth > 16:
        raise Refuted("RLP is cut off or nested too deep")
    first = content[at]
    if first < 0x80:
        return content[at : at + 1], at + 1
    short = first - (0xC0 if first >= 0xC0 else 0x80)
    start, length = at + 1, short
    if short > 55:
        start = at + 1 + short - 55
        length = int.from_bytes(content[at + 1 : start], "big")
    end = start + length
    if end > len(content):
        raise Refuted("RLP is cut off")
    if first < 0xC0:
        return content[start:end], end
    items = []
    while start < end:
        inner, start = rlp_item(content[:end], start, depth + 1)
        items.append(inner)
    return items, end


# ---- Merkle-Patricia trie proof ------------------------------------------------------------------


def trie_value(root, key, nodes):
    """Value under a key; every node hashes to the reference that led to it, and all are used."""
    path = [nibble for byte in key for nibble in (byte >> 4, byte & 15)]
    reference, left = root, list(nodes)
    while True:
        node = trie_node(reference, left, len(left) == len(nodes))
        if isinstance(node, list) and len(node) == 17:
            if not path:
                value = node[16]
                break
            reference, path = node[path[0]], path[1:]
        elif isinstance(node, list) and len(node) == 2:
            part, is_leaf = hex_prefix(node[0])
            if path[: len(part)] != part or (is_leaf and path != part):
                raise Refuted("the key is not in the trie")
            if is_leaf:
                value = node[1]
                break
            reference, path = node[1], path[len(part) :]
        else:
            raise Refuted("not a trie node")
    if left or not isinstance(value, bytes) or not value:
        raise Refuted("superfluous trie nodes, or no value")
    return value


def trie_node(reference, left, is_root):
    """The node a reference means: in place if it is short, else the next one given, by its hash."""
    if isinstance(reference, list):
        if len(rlp_encode(reference)) >= 32:
            raise Refuted("a long node stands in place of its hash")
        return reference
    if not left or keccak(left[0]) != reference or (len(left[0]) < 32 and not is_root):
        raise Refuted("a trie node is missing or changed")
    return rlp_decode(left.pop(0))


def hex_prefix(item):
    """Nibbles of a node's path, and whether it is a leaf."""
    if not isinstance(item, bytes) or not item or item[0] > 0x3F or (not item[0] & 16 and item[0] & 15):
        raise Refuted("a trie path is malformed")
    nibbles = [nibble for byte in item for nibble in (byte >> 4, byte & 15)]
    return nibbles[1 if item[0] & 16 else 2 :], bool(item[0] & 32)


# ---- secp256k1: who made a seal (SEC 1 §4.1.6) ---------------------------------------------------

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
    1,
)


# Points are kept as (x, y, z) with x/z² and y/z³ their coordinates; z is 0 at infinity.
INFINITY = (0, 1, 0)


def double(point):
    """Add a point to itself."""
    x, y, z = point
    square = y * y % P
    middle, slope = 4 * x * square % P, 3 * x * x % P
    far = (slope * slope - 2 * middle) % P
    return far, (slope * (middle - far) - 8 * square * square) % P, 2 * y * z % P


def add(one, two):
    """Add two points."""
    if not one[2] or not two[2]:
        return two if not one[2] else one
    first, second = one[2] * one[2] % P, two[2] * two[2] % P
    x, y = one[0] * second % P, one[1] * second * two[2] % P
    run, rise = (two[0] * first - x) % P, (two[1] * first * one[2] - y) % P
    if not run:
        return INFINITY if rise else double(one)
    square = run * run % P
    cube, middle = run * square % P, x * square % P
    far = (rise * rise - cube - 2 * middle) % P
    return far, (rise * (middle - far) - y * cube) % P, run * one[2] * two[2] % P


def sum_of_products(a, first, b, second):
    """Add a times the first point and b times the second, doubling once for both."""
    both, total = add(first, second), INFINITY
    for bit in range(255, -1, -1):
        total = double(total)
        if a >> bit & 1:
            total = add(total, both if b >> bit & 1 else first)
        elif b >> bit & 1:
            total = add(total, second)
    return total


def sealer(digest, seal):
    """Address of the key that signed a digest."""
    r, s, v = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big"), seal[64]
    if v > 1 or not 0 < r < N or not 0 < s < N:
        raise Refuted("a seal is out of range")
    y = pow(r**3 + 7, (P + 1) // 4, P)
    if y * y % P != (r**3 + 7) % P:
        raise Refuted("a seal is no signature")
    if y & 1 != v:
        y = P - y
    inverse = pow(r, -1, N)
    key = sum_of_products(-int.from_bytes(digest, "big") * inverse % N, G, s * inverse % N, (r, y, 1))
    if not key[2]:
        raise Refuted("a seal is no signature")
    scale = pow(key[2], -1, P)
    x, y = key[0] * scale**2 % P, key[1] * scale**3 % P
    return keccak(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:]


# ---- Ed25519: the log's signature under its checkpoint (RFC 8032) --------------------------------

Q = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q


def ed_point(content):
    """Decode a point; kept as (x, y, z, t) with x/z, y/z its coordinates and t = xy/z."""
    number = int.from_bytes(content, "little")
    y, odd = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if x * x % Q != square:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    if y >= Q or x * x % Q != square or (x == 0 and odd):
        raise Refuted("not a point of Ed25519")
    x = Q - x if x & 1 != odd else x
    return x, y, 1, x * y % Q


def ed_add(one, two):
    """Add two points (RFC 8032 §5.1.4)."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % Q, (one[1] + one[0]) * (two[1] + two[0]) % Q
    c, d = 2 * one[3] * two[3] * D % Q, 2 * one[2] * two[2] % Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q


def ed_sum(a, first, b, second):
    """Add a times the first point and b times the second, doubling once for both."""
    both, total = ed_add(first, second), (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        total = ed_add(total, total)
        if a >> bit & 1:
            total = ed_add(total, both if b >> bit & 1 else first)
        elif b >> bit & 1:
            total = ed_add(total, second)
    return total


def ed_verify(key, signature, message):
    """Require a valid signature: s times the base, less k times the key, is the point R (§5.1.7)."""
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= L:
        raise Refuted("a signature under the checkpoint is malformed")
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, t = ed_point(key)
    base = ed_point((4 * pow(5, -1, Q) % Q).to_bytes(32, "little"))
    found, due = ed_sum(scalar, base, challenge, (-x % Q, y, z, -t % Q)), ed_point(signature[:32])
    if any((found[axis] * due[2] - due[axis] * found[2]) % Q for axis in (0, 1)):
        raise Refuted("a signature under the checkpoint is false")


# ---- Reading the two files -----------------------------------------------------------------------


def pairs(found):
    """An object without doubled keys."""
    if len(dict(found)) != len(found):
        raise Unreadable("a key occurs twice")
    return dict(found)


def no_float(text):
    """Refuse numbers that are not integers."""
    raise Unreadable(f"{text} is no integer")


def read_json(content):
    """Strict JSON."""
    try:
        text = content.decode("utf-8")
        value = json.loads(text, object_pairs_hook=pairs, parse_float=no_float, parse_constant=no_float)
        canonical(value)  # half characters, deep nesting and great numbers have no canonical bytes
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"not JSON: {problem}") from problem
    return value


def members(value, names):
    """Require an object of exactly these members, return their values."""
    if not isinstance(value, dict) or set(value) != set(names.split()):
        raise Unreadable(f"an object of {names} is due")
    return [value[name] for name in names.split()]


def raw(value, length=None):
    """Bytes of lower-case hex, with or without 0x in front."""
    text = value.removeprefix("0x") if isinstance(value, str) else ""
    if not isinstance(value, str) or not re.fullmatch(r"(?:[0-9a-f]{2})*", text):
        raise Unreadable("lower-case hex is due")
    if length is not None and len(text) != 2 * length:
        raise Unreadable(f"{length} bytes of hex are due")
    return bytes.fromhex(text)


def natural(value):
    """An integer from 0 to 2**53 - 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise Unreadable("an integer from 0 is due")
    return value


def nodes(value):
    """A list of trie nodes."""
    if not isinstance(value, list):
        raise Unreadable("a list is due")
    return [raw(node) for node in value]


def canonical(value):
    """RFC 8785 for values without floats: keys by UTF-16 code units, no blanks, UTF-8."""
    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def ordered(value, depth=0):
    """The same value with sorted keys."""
    if isinstance(value, dict | list) and depth >= DEEPEST:
        raise Unreadable("nested too deep")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: ordered(value[name], depth + 1) for name in names}
    if isinstance(value, list):
        return [ordered(inner, depth + 1) for inner in value]
    if isinstance(value, int) and abs(value) >= 2**53:
        raise Unreadable("an integer is out of range")
    return value


def load(path):
    """evidence.json, from the file itself or out of a package."""
    content = Path(path).read_bytes()
    if not content.startswith(b"PK"):
        return read_json(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            require_plain(package, content)
            if package.getinfo("evidence.json").file_size > 64 * 2**20:
                raise Unreadable("evidence.json is too large")
            return read_json(package.read("evidence.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, zlib.error) as problem:
        raise Unreadable(f"not a package: {problem}") from problem


def require_plain(package, content):
    """One archive and nothing around it: other programs could else see another evidence.json."""
    at = 0
    for member in package.infolist():
        odd = member.flag_bits or member.extra or member.comment or member.compress_type not in (0, 8)
        if odd or member.header_offset != at:
            raise Unreadable(f"{member.filename!a} is not plain, or does not follow the member before")
        at += 30 + len(member.filename.encode()) + member.compress_size
    names = {name.lower() for name in package.namelist()}
    if at != package.start_dir or content[-22:-18] != b"PK\5\6" or len(names) != len(package.namelist()):
        raise Unreadable("the package holds bytes of no member, or a member twice")


# ---- The three steps -----------------------------------------------------------------------------

FIXED = {0: 32, 1: 32, 2: 20, 3: 32, 4: 32, 5: 32, 6: 256, 13: 32, 14: 8}
NO_OMMERS = bytes.fromhex("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347")
MOST_SIGNATURES = 64
QBFT = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")


def header_fields(content):
    """Decode a block header and check the form of its fields."""
    fields = rlp_decode(content)
    if not isinstance(fields, list) or not 15 <= len(fields) <= 21:
        raise Refuted("not a block header")
    if any(not isinstance(field, bytes) for field in fields):
        raise Refuted("a header field is a list")
    if any(len(fields[at]) != length for at, length in FIXED.items()):
        raise Refuted("a header field has another length")
    if any(len(fields[at]) > 8 or fields[at][:1] == b"\x00" for at in (7, 8, 9, 10, 11)):
        raise Refuted("a header number is not minimal")
    if any(len(field) > 32 for field in fields[15:]) or int.from_bytes(fields[11], "big") > 253402300799:
        raise Refuted("a header field is out of range")
    if fields[13] == QBFT and fields[8]:
        qbft_extra(fields)
    return fields


def qbft_extra(fields):
    """The five items of a QBFT header's extraData: vanity, validators, vote, round, seals."""
    extra = rlp_decode(fields[12])
    if not isinstance(extra, list) or len(extra) != 5:
        raise Refuted("extraData has not five items")
    vanity, listed, vote, round_number, seals = extra
    if not isinstance(vanity, bytes) or len(vanity) != 32:
        raise Refuted("extraData has no vanity")
    for items, length in ((listed, 20), (seals, 65)):
        if not isinstance(items, list) or any(not isinstance(i, bytes) or len(i) != length for i in items):
            raise Refuted("extraData lists something else")
    if vote != [] and not (
        isinstance(vote, list) and len(vote) == 2 and isinstance(vote[0], bytes) and len(vote[0]) == 20
        and vote[1] in (b"\xff", b"")
    ):  # fmt: skip
        raise Refuted("extraData holds no vote")
    if not isinstance(round_number, bytes) or len(round_number) > 4 or round_number[:1] == b"\x00":
        raise Refuted("extraData holds no round")
    return extra


EVENT = (
    "account_proof chain_id header receipt_index receipt_proof registry root sequence size"
    " transaction_hash transaction_index transaction_proof"
)


def anchored_checkpoint(anchor, chain):
    """Header -> receipt -> event: sequence, size and root as the chain holds them."""
    members(anchor, EVENT)
    topics, content = registry_event(anchor, chain, b"Anchored(uint64,uint64,bytes32)")
    if len(topics) != 1 or len(content) != 64:
        raise Refuted("the event has another shape")
    event = int.from_bytes(topics[0], "big"), int.from_bytes(content[:32], "big"), content[32:]
    if event != claimed_event(anchor):
        raise Refuted("the chain anchored another checkpoint than claimed")
    return event


def claimed_event(anchor):
    """Sequence, size and root as the proof claims them."""
    return natural(anchor["sequence"]), natural(anchor["size"]), raw(anchor["root"], 32)


def registry_event(anchor, chain, signature):
    """Topics and data of the one event of this kind that the trusted registry emitted under the header."""
    trusted = raw(chain["registry"], 20)
    if natural(anchor["chain_id"]) != chain["chain_id"] or raw(anchor["registry"], 20) != trusted:
        raise Refuted("the proof is of another chain or registry")
    if natural(anchor["receipt_index"]) != natural(anchor["transaction_index"]):
        raise Refuted("transaction and receipt stand in two places")
    fields = header_fields(raw(anchor["header"]))
    key = rlp_encode(minimal(anchor["receipt_index"]))
    logs = successful_logs(trie_value(fields[5], key, nodes(anchor["receipt_proof"])))
    found = [log for log in logs if log[0] == trusted and log[1][:1] == [keccak(signature)]]
    if len(found) != 1 or any(len(topic) != 32 for topic in found[0][1]):
        raise Refuted("the registry emitted no such event")
    account = rlp_decode(trie_value(fields[3], keccak(trusted), nodes(anchor["account_proof"])))
    code_hash = raw(chain["registry_code_hash"], 32)
    if not isinstance(account, list) or len(account) != 4 or account[3] != code_hash:
        raise Refuted("other code stands at the registry's address")
    claimed, path = raw(anchor["transaction_hash"], 32), nodes(anchor["transaction_proof"])
    if path:
        check_transaction(trie_value(fields[4], key, path), claimed, chain["chain_id"], trusted)
    return found[0][1][1:], found[0][2]


def successful_logs(receipt):
    """Logs of a receipt of a transaction that succeeded: address, topics, data."""
    decoded = rlp_decode(receipt[1:] if receipt[0] < 0x80 else receipt)
    if not isinstance(decoded, list) or len(decoded) != 4 or not isinstance(decoded[3], list):
        raise Refuted("not a receipt")
    if decoded[0] != b"\x01":
        raise Refuted("the anchoring transaction failed")
    logs = decoded[3]
    if any(not isinstance(log, list) or len(log) != 3 or not isinstance(log[1], list) for log in logs):
        raise Refuted("not a receipt")
    return logs


def check_transaction(content, claimed, chain_id, registry):
    """The transaction is the claimed one, made for this chain and registry (EIP-1559)."""
    if keccak(content) != claimed or content[0] != 2:
        raise Refuted("the transaction is not the claimed one")
    fields = rlp_decode(content[1:])
    if not isinstance(fields, list) or len(fields) != 12:
        raise Refuted("the transaction has another shape")
    if fields[0] != minimal(chain_id) or fields[5] != registry:
        raise Refuted("the transaction was made for another chain or contract")


def climb(computed, index, size, path, root, digest):
    """From a leaf's hash to the root of a tree of this size, sibling by sibling (RFC 9162 §2.1.3.2)."""
    first, last = natural(index), size - 1
    if first >= size:
        raise Refuted("a record stands outside the log")
    for sibling in (raw(node, 32) for node in path):
        if last == 0:
            raise Refuted("a path is too long")
        if first & 1 or first == last:
            computed = digest(b"\x01" + sibling + computed)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            computed = digest(b"\x01" + computed + sibling)
        first, last = first >> 1, last >> 1
    if last or computed != root:
        raise Refuted(f"record {index} leads to {computed.hex()}, the chain holds {root.hex()}")


def sha256(content):
    """SHA-256 of bytes."""
    return hashlib.sha256(content).digest()


def step_7(evidence, trust, event):
    """Every record's leaf climbs to the anchored root."""
    _, size, root = event
    if not evidence["records"]:
        raise Refuted("there is no record")
    for logged in evidence["records"]:
        record, index, path = members(logged, "record index inclusion")
        climb(sha256(b"\x00" + canonical(record)), index, size, path, root, sha256)
    told = f"{len(evidence['records'])} records are in the log of {size} leaves"
    renewed = None
    if "renewal" in evidence:
        try:
            renewed = renewal(evidence, trust["chain"], event)
            told += f", and under SM3 since {renewed}"
        except Undecided as problem:  # a renewal that cannot be judged takes nothing away
            told += f"; the renewal under SM3 is not judged: {problem}"
    distrusted, now = trust["distrusted_digests"], datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    until = distrusted.get("sha256", now + "later")
    if now >= until and (renewed is None or renewed >= until or now >= distrusted.get("sm3", now + "later")):
        raise Undecided(f"the trust file believes SHA-256 alone no longer since {until}")
    return told


def renewal(evidence, chain, event):
    """Every record once more, under the SM3 root that the chain holds; returns that block's time."""
    algorithm, anchor, inclusion = members(evidence["renewal"], "algorithm anchor inclusion")
    members(anchor, EVENT + " algorithm twin_root")
    if algorithm != "sm3" or anchor["algorithm"] != "sm3" or not isinstance(inclusion, list):
        raise Unreadable("the renewal is of another form")
    topics, content = registry_event(anchor, chain, b"TwinAnchored(uint64,uint8,uint64,bytes32,bytes32)")
    if len(topics) != 2 or len(content) != 96:
        raise Refuted("the renewal's event has another shape")
    twin = int.from_bytes(topics[0], "big"), int.from_bytes(content[:32], "big"), content[32:64]
    claimed = (claimed_event(anchor), 1, raw(anchor["twin_root"], 32))
    if (twin, int.from_bytes(topics[1], "big"), content[64:]) != claimed:
        raise Refuted("the chain holds another renewal than claimed")
    step_9(raw(anchor["header"]), chain)
    if twin != event if twin[0] == event[0] else (twin[0] < event[0]) != (twin[1] < event[1]):
        raise Refuted("the renewal is of another log")
    if [one["index"] for one in inclusion] != [logged["index"] for logged in evidence["records"]]:
        raise Refuted("the renewal's paths are not those of the records")
    for one, logged in zip(inclusion, evidence["records"], strict=True):
        index, path = members(one, "index path")
        if not isinstance(path, list) or len(path) > 64:
            raise Unreadable("a path is no list of hashes")
        climb(sm3(b"\x00" + canonical(logged["record"])), index, twin[1], path, content[64:], sm3)
    seconds = int.from_bytes(header_fields(raw(anchor["header"]))[11], "big")
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def step_8(evidence, trust, event):
    """The package names the same checkpoint as the chain, signed by the trusted log."""
    sequence, size, root = event
    note, claimed_size, claimed_root, claimed_sequence = members(
        evidence["checkpoint"], "note size root sequence"
    )
    if (natural(claimed_sequence), natural(claimed_size), raw(claimed_root, 32)) != event:
        raise Refuted("the package names another checkpoint than the chain")
    origin, key = trust["log"]["origin"], raw(trust["log"]["public_key"], 32)
    text, signatures = signed_note(note)
    lines = text.split("\n")
    if not re.fullmatch(r"[^\n]+\n(?:0|[1-9][0-9]{0,18})\n[A-Za-z0-9+/]{43}=\n(?:[^\n]+\n)*", text):
        raise Unreadable("the signed note is no checkpoint")
    unbase64(lines[2])
    if lines[0] != origin:
        raise Refuted("the signed note is of another log")
    own = signatures_of(signatures, origin, b"\x01", key)
    if not own:
        raise Refuted("the trusted log did not sign the note")
    for signature in own:
        ed_verify(key, signature, text.encode())
    if len(lines) != 4:
        raise Unreadable("the checkpoint has extension lines, which version 1 does not use")
    if text != f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n":
        raise Refuted("the signed note is about another checkpoint")
    told = witnessed(text, signatures, trust)
    return f"checkpoint {sequence} with root {root.hex()} is on the chain{told}"


def signed_note(note):
    """Text of a note, and name and content of each signature line below it (C2SP signed-note)."""
    if not isinstance(note, str) or any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in note):
        raise Unreadable("the signed note is no text")
    text, empty, below = note.rpartition("\n\n")
    lines = below[:-1].split("\n")
    if not empty or not below.endswith("\n") or len(lines) > MOST_SIGNATURES:
        raise Unreadable("the signed note has another form")
    signatures = []
    for line in lines:
        name, _, encoded = line.removeprefix("\u2014 ").partition(" ")
        content = unbase64(encoded)
        if line != f"\u2014 {name} {encoded}" or not name or re.search(r"[\s+]", name) or len(content) < 5:
            raise Unreadable("a line of the signed note is no signature")
        signatures.append((name, content))
    return text + "\n", signatures


def signatures_of(signatures, name, kind, key):
    """Signatures by one key; other lines are passed over."""
    identity = hashlib.sha256(name.encode() + b"\n" + kind + key).digest()[:4]
    return [content[4:] for found, content in signatures if (found, content[:4]) == (name, identity)]


def witnessed(text, signatures, trust):
    """At least the quorum of trusted witnesses cosigned the checkpoint (C2SP tlog-cosignature v1)."""
    operators = []
    for witness in trust["witnesses"]:
        key = raw(witness["public_key"], 32)
        found = signatures_of(signatures, witness["name"], b"\x04", key)
        for signature in found:
            seconds = int.from_bytes(signature[:8], "big")
            if seconds > 253402300799:
                raise Refuted("a cosignature claims an impossible time")
            ed_verify(key, signature[8:], f"cosignature/v1\ntime {seconds}\n{text}".encode())
        operators += [witness["operator"]] if found else []
    if len(operators) < trust["witness_quorum"]:
        raise Refuted(f"{len(operators)} witnesses cosigned, {trust['witness_quorum']} are needed")
    return ", cosigned by " + ", ".join(operators) if operators else ""


def unbase64(text):
    """Bytes of base64 in its one form."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        raise Unreadable("not base64") from None
    if base64.b64encode(content).decode() != text:
        raise Unreadable("not base64 in its one form")
    return content


def step_9(header, chain):
    """A quorum of the validators trusted for this height sealed the header."""
    fields = header_fields(header)
    number = int.from_bytes(fields[8], "big")
    sets = [
        known for known in chain["validator_sets"]
        if known["from_block"] <= number and (known["to_block"] is None or number <= known["to_block"])
    ]  # fmt: skip
    if len(sets) != 1:
        raise Undecided(f"the trust file names {len(sets)} validator sets for block {number}")
    operators = {raw(member["address"], 20): member["operator"] for member in sets[0]["members"]}
    if (fields[13], fields[7], fields[14], fields[1]) != (QBFT, b"\x01", b"\x00" * 8, NO_OMMERS):
        raise Refuted("a constant of QBFT headers differs")
    vanity, listed, vote, round_number, seals = qbft_extra(fields)
    if listed != (sorted(operators) if sets[0]["listed"] else []) or (vote and not sets[0]["listed"]):
        raise Refuted("the header lists other validators")
    # What validators sign: the header with the same extraData, but without seals.
    unsealed = rlp_encode([vanity, listed, vote, round_number, []])
    digest = keccak(rlp_encode([*fields[:12], unsealed, *fields[13:]]))
    found = [sealer(digest, seal) for seal in seals]
    if any(address not in operators for address in (*found, fields[2])) or len(set(found)) != len(found):
        raise Refuted("a sealer is unknown or sealed twice")
    needed = (2 * len(operators) + 2) // 3
    if len(found) < needed:
        raise Refuted(f"{len(found)} sealed, {needed} are needed")
    return f"block {number} is sealed by " + ", ".join(operators[address] for address in found)


def verify(evidence, trust):
    """Run the three steps; return (step, verdict, detail) of each."""
    event = outcome(lambda: (form(evidence), anchored_checkpoint(evidence["anchor"], trust["chain"]))[1])
    nine = outcome(lambda: (form(evidence), step_9(raw(evidence["anchor"]["header"]), trust["chain"]))[1])
    if event[0] == "proven":
        seven = outcome(lambda: step_7(evidence, trust, event[1]))
        eight = outcome(lambda: step_8(evidence, trust, event[1]))
    else:
        seven, eight = ("undecided", "step 8 is not proven"), event
    return [(7, *seven), (8, *eight), (9, *nine)]


def form(evidence):
    """The members evidence.json has in schema 1, and those of each record."""
    later = [name for name in ("renewal", "cross_anchors") if isinstance(evidence, dict) and name in evidence]
    members(
        evidence,
        "schema kind number slots records checkpoint anchor status executed not_before_header "
        + " ".join(later),
    )
    if evidence["schema"] != 1 or not isinstance(evidence["records"], list):
        raise Unreadable("not evidence of schema 1")
    for logged in evidence["records"]:
        record, _, path = members(logged, "record index inclusion")
        members(record, "schema kind subject document occurred_utc actor previous details salt")
        if not isinstance(path, list) or len(path) > 64:
            raise Unreadable("an inclusion path is no list of hashes")
    if not isinstance(evidence["anchor"], dict) or "header" not in evidence["anchor"]:
        raise Unreadable("there is no anchor")


def outcome(work):
    """Verdict and result, or verdict and reason."""
    try:
        return "proven", work()
    except Refuted as problem:
        return "refuted", str(problem)
    except Undecided as problem:
        return "undecided", str(problem)
    except Unreadable as problem:
        return "unreadable", str(problem)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        return "unreadable", f"unexpected content ({type(problem).__name__}: {problem})"


def overall(results):
    """Refuted before unreadable before undecided before proven."""
    verdicts = [verdict for _, verdict, _ in results]
    return next(word for word in ("refuted", "unreadable", "undecided", "proven") if word in verdicts)


def main(arguments):
    """Print one line a step; return the exit code."""
    if len(arguments) != 2:
        print("usage: verify_anchor.py EVIDENCE.json|PACKAGE.asice TRUST.json", file=sys.stderr)
        return 1
    try:
        evidence, trust = load(arguments[0]), read_json(Path(arguments[1]).read_bytes())
    except OSError as problem:
        print(problem, file=sys.stderr)
        return 1
    except Unreadable as problem:
        print(f"unreadable: {problem}")
        return EXIT["unreadable"]
    results = verify(evidence, trust)
    for step, verdict, detail in results:
        print(f"step {step}: {verdict}: {detail}")
    print(overall(results))
    return EXIT[overall(results)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
