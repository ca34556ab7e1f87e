"""What can go wrong around the chain, and what the operator does about it.

Faults are the machine's: a taken port, a locked or foreign directory, a full disk.
They end the process with one sentence in each language and exit code 1; ``launch``
raises the same class again in the parent. Refuted errors mean that a block, a header
or a proposal breaks a consensus rule. Must never name HTTP or JSON-RPC.
"""

from __future__ import annotations

from pathlib import Path

from kernel.errors import FaultError, RefutedError, RejectedError, UndecidedError

__all__ = [
    "BallotRefusedError",
    "BrokenGenesisError",
    "BrokenHeaderError",
    "BrokenSettingsError",
    "DirectoryLockedError",
    "DoubleSealError",
    "ForeignChainError",
    "NotStartedError",
    "PeerAwayError",
    "PeerRefusedError",
    "PortInUseError",
    "ProposalRefusedError",
    "ReportedFaultError",
    "SealsRefutedError",
    "StoppedError",
    "StoreFullError",
    "TransactionRefusedError",
    "ValidatorCountError",
    "WithdrawnError",
    "directory_locked",
    "foreign_chain",
    "port_in_use",
    "store_full",
    "validator_count",
]


class PortInUseError(FaultError):
    """Another program listens on the chosen port."""

    code = "port_in_use"


class DirectoryLockedError(FaultError):
    """Another devnet process works in the directory."""

    code = "directory_locked"


class ForeignChainError(FaultError):
    """The directory holds another chain, or keys and blocks that do not belong together."""

    code = "foreign_chain"


class BrokenGenesisError(FaultError):
    """The operators and addresses given make no chain."""

    code = "broken_genesis"


class BrokenSettingsError(FaultError):
    """A file or option the operator gave cannot be used."""

    code = "broken_settings"


class ValidatorCountError(FaultError):
    """The number of validators asked for is not one the chain can have."""

    code = "validator_count"


class StoreFullError(FaultError):
    """The block store cannot grow: its map or the disk is full."""

    code = "store_full"


class NotStartedError(FaultError):
    """The devnet process ended, or stayed silent, before it was ready."""

    code = "devnet_not_started"


class ReportedFaultError(FaultError):
    """A fault of one operator's process, told on by the one that started it."""

    code = "devnet_fault"

    def __init__(self, reported: str, en: str, zh: str) -> None:
        """Keep the code that the process reported."""
        super().__init__(en, zh)
        self.reported = reported


class BrokenHeaderError(RefutedError):
    """Header or extraData bytes break Besu's QBFT layout."""

    code = "broken_header"


class SealsRefutedError(RefutedError):
    """The commit seals do not carry the block."""

    code = "seals_refuted"


class ProposalRefusedError(RefutedError):
    """A validator re-executed the proposal and found another result, or a broken rule."""

    code = "proposal_refused"


class DoubleSealError(RefutedError):
    """A second block at a height and round this validator has already sealed."""

    code = "double_seal"


class BallotRefusedError(RejectedError):
    """A vote about the validator set is forged, spent, or changes nothing."""

    code = "ballot_refused"


class PeerRefusedError(RejectedError):
    """Another node refuses a message, and ``word`` says why in one stable word."""

    code = "peer_refused"

    def __init__(self, word: str, en: str, zh: str) -> None:
        """Keep the word beside the sentences."""
        super().__init__(en, zh)
        self.word = word


class PeerAwayError(UndecidedError):
    """Another node gives no usable answer now."""

    code = "peer_away"


class StoppedError(UndecidedError):
    """The node is being stopped while a block waits for seals; nothing is lost."""

    code = "stopped"


class WithdrawnError(UndecidedError):
    """A proposal was given up before it could be sealed; its transactions wait for the next."""

    code = "proposal_withdrawn"


class TransactionRefusedError(RejectedError):
    """The pool does not take the transaction; ``en`` is the word Ethereum clients look for."""

    code = "transaction_refused"


def port_in_use(port: int) -> PortInUseError:
    """Name the port."""
    return PortInUseError(
        f"port {port} is in use; stop the other program or choose another --http-port (0 = any free one)",
        f"端口 {port} 已被占用；请停止占用它的程序，或用 --http-port 另选端口（0 表示任一空闲端口）",
    )


def directory_locked(directory: Path) -> DirectoryLockedError:
    """Name the directory."""
    return DirectoryLockedError(
        f"{directory} is in use by another devnet process; stop that one or choose another --dir",
        f"目录 {directory} 正被另一个开发链进程使用；请先停止该进程，或用 --dir 另选目录",
    )


def foreign_chain(directory: Path, *, en: str, zh: str) -> ForeignChainError:
    """Name the directory and what does not fit."""
    return ForeignChainError(
        f"{directory} does not hold this chain: {en}; choose an empty --dir or restore the right one",
        f"目录 {directory} 中的数据不属于本链：{zh}；请用 --dir 另选空目录，或恢复正确的数据",
    )


def validator_count(directory: Path, *, asked: int, held: int) -> ValidatorCountError:
    """Name both numbers."""
    return ValidatorCountError(
        f"the chain in {directory} has {held} validators but {asked} were asked for; "
        f"start with --validators {held} or choose another --dir",
        f"目录 {directory} 中的链有 {held} 个验证人，而要求的是 {asked} 个；"
        f"请用 --validators {held} 启动，或用 --dir 另选目录",
    )


def store_full(directory: Path, *, map_mib: int) -> StoreFullError:
    """Name the store and its present limit in MiB."""
    return StoreFullError(
        f"the block store in {directory} is full (map of {map_mib} MiB, or the disk); "
        "free disk space or start again with a larger --map-mib; no sealed block is lost",
        f"目录 {directory} 的区块库已满（映射上限 {map_mib} MiB，或磁盘空间不足）；"
        "请清理磁盘，或用更大的 --map-mib 重新启动；已封印的区块没有丢失",
    )
