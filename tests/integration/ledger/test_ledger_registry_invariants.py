"""No sequence of calls by anyone shortens, reorders or forks the log, or bends a status.

Random callers send true and false calls to the registry on py-evm; a model in Python says
what each must do, and after every accepted head all earlier ones are held against it.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ledger_rfc9162 import consistency, inclusion, log, root
from registry_backends import EvmBackend, account, call
from registry_changes import ALLOWED, IN_FORCE, NONE, SUPERSEDED, Change, set_statuses
from registry_model import ANCHOR, STATUS, Checkpoint, RegistryModel

from contracts_chain.ledger.registry_calls import TWIN_SM3, anchor_call, twin_call
from contracts_chain.ledger.status_word import status_slot
from kernel.sized_bytes import Bytes32, LeafHash

MOST = 24
TRUNK, BRANCH = log("trunk", MOST), log("branch", MOST)
NAMES = ("anchorer", "keeper", "admin", "stranger", "heir")
# the rightful caller most of the time: a refusal teaches little once it is seen
WRITERS = st.sampled_from(("anchorer",) * 10 + NAMES)
KEEPERS = st.sampled_from(("keeper",) * 10 + NAMES)
ADMINS = st.sampled_from((None,) * 6 + NAMES)
"""``None``: whoever the call is for just now."""
FLAWS = (
    *("sequence held", "sequence skipped", "shrunk", "size less", "size more", "size much more"),
    *("other start", "cut", "longer", "flipped", "empty"),
)
ROLES = st.sampled_from([ANCHOR, STATUS])
EVM = EvmBackend()


class AnyCalls(RuleBasedStateMachine):
    """One registry and its model."""

    def __init__(self) -> None:
        super().__init__()
        EVM.deploy()
        self.model = RegistryModel()
        self.logs: list[list[bytes]] = [TRUNK]

    @initialize(fork=st.integers(0, MOST - 2))
    def lay_out_a_fork_and_a_reordering(self, fork: int) -> None:
        swapped = [*TRUNK[:fork], TRUNK[fork + 1], TRUNK[fork], *TRUNK[fork + 2 :]]
        self.logs = [TRUNK, TRUNK, TRUNK, [*TRUNK[:fork], *BRANCH[fork:]], swapped]

    @rule(
        name=WRITERS,
        which=st.sampled_from([0, 0, 0, 0, 3, 4]),
        grow=st.integers(1, 6),
        flaw=st.sampled_from([*["none"] * 12, *FLAWS]),
    )
    def anchor(self, name: str, which: int, grow: int, flaw: str) -> None:
        sequence, held_size, _ = self.model.head
        sequence += {"sequence held": 0, "sequence skipped": 2}.get(flaw, 1)
        size = min(held_size + (grow if flaw != "shrunk" else -grow % (held_size or 1)), MOST)
        leaves = tuple(self.logs[which][: max(size, 1)])
        path = _flawed(_path(held_size + (flaw == "other start"), leaves), flaw)
        claimed = len(leaves) + {"size less": -1, "size more": 1, "size much more": 4}.get(flaw, 0)
        payload = anchor_call(sequence, claimed, root(leaves), path)
        expected = self.model.may_write(name, ANCHOR) and self.model.takes(
            sequence, claimed, root(leaves), path
        )
        assert EVM.send(name, payload).succeeded == expected
        if expected:
            self.model.accepted.append(Checkpoint(size=claimed, leaves=leaves))
            self.model.is_twinned = False
            self.model.check_history()

    @rule(name=WRITERS, step=st.sampled_from([0, 0, 0, 1, -1]))
    def twin(self, name: str, step: int) -> None:
        sequence = self.model.head[0] + step
        if sequence < 0:
            return
        payload = twin_call(sequence, Bytes32(b"\x07" * 32))
        is_due = step == 0 and sequence > 0 and not self.model.is_twinned
        expected = self.model.may_write(name, ANCHOR) and is_due
        assert EVM.send(name, payload).succeeded == expected
        self.model.is_twinned |= expected

    @rule(
        name=KEEPERS,
        wanted=st.lists(
            st.tuples(
                st.integers(0, 5),  # few keys, so that a second change is frequent
                st.integers(0, 4),
                st.integers(0, 5),
                st.sampled_from([*["none"] * 20, "arrow", "place", "path", "leaf", "successor"]),
            ),
            max_size=3,
        ),
    )
    def set_statuses(self, name: str, wanted: list[tuple[int, int, int, str]]) -> None:
        if not self.model.accepted:
            return
        changes: list[Change] = []
        for one in wanted:
            words = self.model.after(changes) or self.model.words
            changes.append(self._change(words, *one))
        words = self.model.after(changes)
        expected = self.model.may_write(name, STATUS) and words is not None
        assert EVM.send(name, set_statuses(*changes)).succeeded == expected
        if expected and words is not None:
            self.model.words = words

    def _change(
        self, words: dict[bytes, tuple[int, bytes]], index: int, turn: int, successor: int, flaw: str
    ) -> Change:
        leaves = self.model.accepted[-1].leaves
        index, successor = index % len(leaves), successor % len(leaves)
        held, _ = words.get(leaves[index], (NONE, bytes(32)))
        arrows = sorted(to for start, to in ALLOWED if start == held) or [IN_FORCE]
        status = turn if flaw == "arrow" else arrows[turn % len(arrows)]
        path = inclusion(index, leaves)
        named = (status == SUPERSEDED) != (flaw == "successor")
        return Change(
            key=BRANCH[0] if flaw == "leaf" else leaves[index],
            status=status,
            index=index + (flaw == "place"),
            path=[*path, Bytes32(bytes(32))] if flaw == "path" else path,
            successor=leaves[successor] if named else bytes(32),
            successor_index=successor if named else 0,
            successor_path=inclusion(successor, leaves) if named else (),
        )

    @rule(deed=st.sampled_from(["role", "role", "offer", "accept", "accept", "pause"]), draw=st.data())
    def administer(self, deed: str, draw: st.DataObject) -> None:
        name, to = draw.draw(ADMINS), draw.draw(st.sampled_from(NAMES))
        admin = name or self.model.admin
        match deed:
            case "role":
                self._change_a_role(admin, draw.draw(ROLES), to, gives=draw.draw(st.booleans()))
            case "offer":
                self._offer(admin, to)
            case "accept":
                self._accept(name or self.model.pending or to)
            case _:
                self._pause(admin, stop=draw.draw(st.sampled_from([False, False, True])))

    def _change_a_role(self, name: str, role: int, to: str, *, gives: bool) -> None:
        verb = "grant" if gives else "revoke"
        outcome = EVM.send(name, call(f"{verb}(uint8,address)", role, account(to)))
        assert outcome.succeeded == (name == self.model.admin)
        if outcome.succeeded:
            held = self.model.roles.get(to, 0)
            self.model.roles[to] = held | role if gives else held & ~role

    def _offer(self, name: str, to: str) -> None:
        outcome = EVM.send(name, call("offerAdmin(address)", account(to)))
        assert outcome.succeeded == (name == self.model.admin)
        if outcome.succeeded:
            self.model.pending = to

    def _accept(self, name: str) -> None:
        outcome = EVM.send(name, call("acceptAdmin()"))
        assert outcome.succeeded == (name == self.model.pending)
        if outcome.succeeded:
            self.model.admin, self.model.pending = name, None

    def _pause(self, name: str, *, stop: bool) -> None:
        outcome = EVM.send(name, call("setPaused(bool)", stop))
        assert outcome.succeeded == (name == self.model.admin)
        if outcome.succeeded:
            self.model.is_paused = stop

    @invariant()
    def the_head_is_the_models(self) -> None:
        sequence, size, held_root = self.model.head
        flags = self.model.is_twinned << (128 + TWIN_SM3) | self.model.is_paused << 136
        assert EVM.slot((1).to_bytes(32)) == (sequence | size << 64 | flags).to_bytes(32)
        assert EVM.slot((2).to_bytes(32)) == held_root

    @invariant()
    def every_status_is_the_models(self) -> None:
        for key in (*TRUNK[:6], BRANCH[0]):
            status, successor = self.model.words.get(key, (NONE, bytes(32)))
            word = successor if status == SUPERSEDED else status.to_bytes(32)
            assert EVM.slot(status_slot(LeafHash(key))) == word


def _path(first: int, leaves: tuple[bytes, ...]) -> list[Bytes32]:
    return consistency(first, leaves) if 0 < first <= len(leaves) else []


def _flawed(path: list[Bytes32], flaw: str) -> list[Bytes32]:
    if flaw == "cut":
        return path[:-1]
    if flaw == "longer":
        return [*path, Bytes32(b"\x01" * 32)]
    if flaw == "flipped":
        return [Bytes32(bytes([step[0] ^ 1]) + step[1:]) for step in path]
    return [] if flaw == "empty" else path


def _bounds(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


class TestAnyCalls(AnyCalls.TestCase):
    settings = _bounds(25, 30)


@pytest.mark.long
class TestAnyCallsAtLength(AnyCalls.TestCase):
    settings = _bounds(300, 60)
