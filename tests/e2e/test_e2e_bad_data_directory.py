"""A data directory that is locked, full, another's, damaged or left by a kill: one sentence, nothing lost."""

from __future__ import annotations

import re
import shutil
import signal
import socket
from pathlib import Path

from bad_commands import data_of, refused, two_at_a_time
from bad_files import is_free, locked, small_disk
from demo_run import Demo, contracts_chain
from pty_command import on_terminal

from devnet.launch import start as start_devnet


def test_a_chain_in_use_by_another_process_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    setting = data_of(demo, tmp_path / "data")
    with locked(tmp_path / "data" / "chain" / "lock"):
        refused(contracts_chain("fsck", **setting), 1, "directory_locked", str(tmp_path / "data" / "chain"))


def test_a_data_directory_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(contracts_chain("demo", "--out", tmp_path / "file"), 1, str(tmp_path / "file"))


def test_a_chain_that_does_not_answer_leaves_the_question_open(demo: Demo, tmp_path: Path) -> None:
    setting = data_of(demo, tmp_path / "data")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    refused(
        contracts_chain("fsck", **setting, CONTRACTS_CHAIN_CHAIN_RPC_URL=dead), 20, "chain_unavailable", dead
    )
    refused(
        contracts_chain("fsck", **setting, CONTRACTS_CHAIN_CHAIN_ID="5"), 1, "foreign_chain", "chain id 5"
    )


def test_another_chain_under_the_same_database_is_refused_and_none_is_begun(
    demo: Demo, tmp_path: Path
) -> None:
    setting = data_of(demo, tmp_path / "data")
    chain = tmp_path / "data" / "chain"
    shutil.rmtree(chain)
    refused(contracts_chain("fsck", **setting), 1, "foreign_chain", str(chain))
    assert not chain.exists()
    with start_devnet(chain, period=0):
        pass
    said = refused(contracts_chain("fsck", **setting), 1, "foreign_chain", str(chain), "创世区块", "genesis")
    assert len(set(re.findall(r"0x[0-9a-f]{64}", said))) == 2


def test_a_secret_that_was_lost_or_cut_is_never_replaced(demo: Demo, tmp_path: Path) -> None:
    setting = data_of(demo, tmp_path / "data")
    secret = tmp_path / "data" / "keys" / "log.sealed"
    secret.write_bytes(b"short")
    refused(contracts_chain("fsck", **setting), 1, "secret_unreadable", str(secret))
    assert secret.read_bytes() == b"short"


def test_a_demo_on_a_full_disk_says_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 10_000) as disk:
        said = refused(disk.run("demo", "--out", disk.folder / "out"), 1)
        assert disk.prefix or "disk_full" in said
        assert not (disk.folder / "out" / "summary.json").exists()


def test_an_installation_whose_disk_is_full_says_so_and_is_sound_afterwards(
    demo: Demo, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", 120_000) as disk:
        setting = data_of(demo, disk.folder / "data")
        disk.fill()
        said = refused(disk.run("fsck", **setting), 1)
        assert disk.prefix or "disk_full" in said or "store_full" in said
        (disk.folder / "ballast").unlink(missing_ok=True)
        assert contracts_chain("fsck", **setting).returncode == 0


def test_a_demo_killed_in_the_middle_leaves_a_sound_directory(tmp_path: Path) -> None:
    out = tmp_path / "out"
    setting = {"CONTRACTS_CHAIN_DATA_DIR": str(out / "data")}
    with on_terminal("demo", "--out", out) as running:
        running.wait_for("signs SG")
        for _, done in two_at_a_time(
            lambda arguments: contracts_chain(*arguments, **setting), (("fsck",), ("demo", "--out", out))
        ):
            refused(done, 1, "data_directory_locked")
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert contracts_chain("fsck", **setting).returncode == 0
    # and the next demo gets as far, until somebody presses Ctrl-C
    with on_terminal("demo", "--out", out) as running:
        running.wait_for("check terms")
        assert running.end(signal.SIGINT, group=True) == 130
        assert "Traceback" not in running.screen
        assert "已中断" in running.screen
        assert "Interrupted" in running.screen
    assert is_free(out / "data/postgres/lock")
    assert is_free(out / "data/chain/lock")
    assert not (out / "data/postgres/cluster/postmaster.pid").exists()


def test_an_interrupt_while_the_servers_start_stops_them_too(tmp_path: Path) -> None:
    with on_terminal("demo", "--out", tmp_path / "out") as running:
        running.wait_for("start PostgreSQL")
        assert running.end(signal.SIGINT) == 130
        assert "Traceback" not in running.screen
        assert "Interrupted" in running.screen
    lock = tmp_path / "out/data/postgres/lock"
    assert not lock.exists() or is_free(lock)
