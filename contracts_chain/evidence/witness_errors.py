"""What goes wrong between a log and those who cosign its checkpoints.

The first four are a witness's refusals (C2SP tlog-witness gives each its HTTP status); the
last two are what the log makes of the answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.evidence.checkpoint import Checkpoint
from kernel.errors import FaultError, RefutedError, RejectedError, UndecidedError

__all__ = [
    "CheckpointForkError",
    "InconsistentCheckpointError",
    "MalformedSubmissionError",
    "MissingWitness",
    "OldSizeError",
    "UnknownLogError",
    "WitnessForkError",
    "WitnessMemoryError",
    "WitnessQuorumError",
]


class MalformedSubmissionError(RejectedError):
    """The body of add-checkpoint is not of the prescribed form."""

    code = "malformed_submission"

    def __init__(self, problem: str) -> None:
        """Keep the problem."""
        super().__init__(
            f"not a submission of a checkpoint: {problem}; send old size, proof, empty line and signed note",
            f"提交内容格式不符（{problem}）；应依次为旧大小、一致性证明、空行和带签名的检查点",
        )


class UnknownLogError(RejectedError):
    """This witness does not watch a log of that name."""

    code = "unknown_log"

    def __init__(self, origin: str) -> None:
        """Keep the origin asked for."""
        super().__init__(
            f"this witness does not watch a log named {origin!r}; ask its operator to add it",
            f"本见证人未登记名为 {origin!r} 的日志；请联系其运营方登记",
        )


class OldSizeError(RejectedError):
    """The submission starts from another size than the newest one cosigned."""

    code = "old_size"

    def __init__(self, *, held: int) -> None:
        """Keep the size to start from."""
        super().__init__(
            f"the newest cosigned checkpoint has {held} leaves; send the consistency proof from there",
            f"最近联署的检查点含 {held} 个叶；请提交自该大小起的一致性证明",
        )
        self.held = held


class CheckpointForkError(RefutedError):
    """The log signed two different roots for one size."""

    code = "checkpoint_fork"

    def __init__(self, *, held: Checkpoint, shown: Checkpoint) -> None:
        """Keep both checkpoints."""
        super().__init__(
            f"the log shows two histories of {held.size} leaves: root {held.root.hex()} was cosigned, "
            f"root {shown.root.hex()} is submitted; both notes are kept as evidence",
            f"日志出现两种历史：{held.size} 个叶时已联署的根为 {held.root.hex()}，现提交的根为 "
            f"{shown.root.hex()}；两份检查点均已留存为证据",
        )
        self.held = held
        self.shown = shown


class InconsistentCheckpointError(RefutedError):
    """The proof does not show that the checkpoint extends the newest one cosigned."""

    code = "inconsistent_checkpoint"

    def __init__(self, *, held: Checkpoint, shown: Checkpoint, reason: RefutedError) -> None:
        """Keep both checkpoints."""
        super().__init__(
            f"nothing shows that the checkpoint of {shown.size} leaves extends the one of {held.size} "
            f"with root {held.root.hex()} ({reason.en}); send a right proof, or explain the fork",
            f"无法证明 {shown.size} 个叶的检查点延续了 {held.size} 个叶、根为 {held.root.hex()} 的检查点"
            f"（{reason.zh}）；请提交正确的证明，否则即为分叉",
        )
        self.held = held
        self.shown = shown


class WitnessMemoryError(FaultError):
    """What the witness cosigned last cannot be read; it must not sign before that is mended."""

    code = "witness_memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingWitness:
    """Who did not cosign, and why, in both languages."""

    name: str
    en: str
    zh: str


class WitnessQuorumError(UndecidedError):
    """Too few witnesses cosigned the checkpoint; it waits."""

    code = "witness_quorum"

    def __init__(self, *, have: int, need: int, missing: tuple[MissingWitness, ...]) -> None:
        """Keep who is missing."""
        listed = "; ".join(f"{one.name}: {one.en}" for one in missing)
        listed_zh = "；".join(f"{one.name}：{one.zh}" for one in missing)
        super().__init__(
            f"{have} witnesses cosigned, {need} are needed ({listed}); nothing is lost, it is tried again",
            f"已有 {have} 个见证人联署，需要 {need} 个（{listed_zh}）；内容未丢失，将自动重试",
            retry_after=5,
        )
        self.have = have
        self.need = need
        self.missing = missing


class WitnessForkError(RefutedError):
    """A witness holds a checkpoint signed by our own log key that ours does not extend: an alarm."""

    code = "witness_fork"

    def __init__(self, *, witness: str, held: Checkpoint, ours: Checkpoint) -> None:
        """Keep the witness and both checkpoints."""
        super().__init__(
            f"ALARM: {witness} cosigned {held.origin} at {held.size} leaves with root {held.root.hex()}; "
            f"our checkpoint of {ours.size} leaves with root {ours.root.hex()} does not extend it. "
            "Stop anchoring, keep the database as it is and find out who changed the log",
            f"警报：见证人 {witness} 已为 {held.origin} 联署 {held.size} 个叶、"
            f"根 {held.root.hex()} 的检查点，"
            f"而本方 {ours.size} 个叶、根 {ours.root.hex()} 的检查点并非其延续。"
            "请停止上链，保持数据库原状，查明何人改动了日志",
        )
        self.witness = witness
        self.held = held
        self.ours = ours
