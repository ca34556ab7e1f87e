"""The embedded server, started for real, stopped, killed, orphaned and squatted upon."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from contracts_chain.storage.embedded_postgres import (
    DataDirectoryLockedError,
    EmbeddedPostgres,
    PostgresStartError,
    SocketDirectoryError,
)
from contracts_chain.storage.postgres_installation import (
    Account,
    ServerProgramsError,
    account_for,
    programs_usable_by,
    run_as,
    wheel_programs,
)

OWNER = """
import sys
from pathlib import Path
import psycopg
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres.start(Path(sys.argv[1]))
with psycopg.connect(server.conninfo) as connection:
    connection.execute("CREATE TABLE kept (line text)")
    connection.execute("INSERT INTO kept VALUES ('committed before the kill')")
print(server.server_pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(tmp_path / "pg") as running:
        yield running


def keep_a_line(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.conninfo) as connection:
        connection.execute("CREATE TABLE kept (line text)")
        connection.execute("INSERT INTO kept VALUES ('合同')")


def kept_lines(server: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(server.conninfo) as connection:
        return [row[0] for row in connection.execute("SELECT line FROM kept")]


def wait_for_the_end_of(pid: int) -> None:
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([watched], [], [], 20)
    finally:
        os.close(watched)
    assert ended, f"process {pid} still runs"


def start_an_owner(directory: Path) -> tuple[subprocess.Popen[str], int]:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


def end(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.communicate()


def processes_of_session(session: int) -> set[int]:
    found = set()
    for entry in filter(lambda path: path.name.isdigit(), Path("/proc").iterdir()):
        try:
            if os.getsid(int(entry.name)) == session:
                found.add(int(entry.name))
        except ProcessLookupError:
            continue
    return found


def kill_the_watcher_of(server_pid: int) -> None:
    names = {pid: Path(f"/proc/{pid}/comm").read_text().strip() for pid in processes_of_session(server_pid)}
    watchers = [pid for pid, name in names.items() if name == "sh"]
    assert watchers
    for pid in watchers:
        os.kill(pid, signal.SIGKILL)
        wait_for_the_end_of(pid)


def test_rows_survive_a_stop_and_a_start_under_the_same_url(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path / "pg") as first:
        keep_a_line(first)
        url = first.url
    with EmbeddedPostgres.start(tmp_path / "pg") as second:
        assert second.url == url == EmbeddedPostgres.url_for(tmp_path / "pg")
        assert kept_lines(second) == ["合同"]


def test_sqlalchemy_connects_with_the_url(server: EmbeddedPostgres) -> None:
    engine = create_engine(server.url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "contracts_chain"
    engine.dispose()


def test_stopping_twice_is_harmless(server: EmbeddedPostgres) -> None:
    server.stop()
    server.stop()
    assert server.server_pid is None


def test_committed_rows_survive_kill_9_of_the_server(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path / "pg") as first:
        keep_a_line(first)
        assert first.server_pid is not None
        os.kill(first.server_pid, signal.SIGKILL)
    with EmbeddedPostgres.start(tmp_path / "pg") as second:
        assert kept_lines(second) == ["合同"]


def test_a_server_without_its_watcher_is_stopped_all_the_same(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contracts_chain.storage.embedded_postgres.STOP_SECONDS", 0.1)
    assert server.server_pid is not None
    pid = server.server_pid
    kill_the_watcher_of(pid)
    server.stop()
    wait_for_the_end_of(pid)


def test_the_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner, server_pid = start_an_owner(tmp_path / "pg")
    end(owner)
    wait_for_the_end_of(server_pid)
    with EmbeddedPostgres.start(tmp_path / "pg") as second:
        assert kept_lines(second) == ["committed before the kill"]


def test_a_server_whose_owner_and_watcher_were_killed_is_ended_by_the_next_start(tmp_path: Path) -> None:
    owner, server_pid = start_an_owner(tmp_path / "pg")
    kill_the_watcher_of(server_pid)
    end(owner)
    assert Path(f"/proc/{server_pid}/comm").read_text().strip() == "postgres"
    with EmbeddedPostgres.start(tmp_path / "pg") as second:
        wait_for_the_end_of(server_pid)
        assert kept_lines(second) == ["committed before the kill"]


def test_a_stale_pid_file_naming_a_living_stranger_does_not_keep_the_server_down(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path / "pg") as first:
        keep_a_line(first)
        pid_file = tmp_path / "pg" / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        owner = pid_file.stat()
    account = account_for(tmp_path / "pg" / "cluster")
    identity = {} if account.uid == os.geteuid() else {"user": account.uid, "group": account.gid}
    stranger = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, **identity)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with EmbeddedPostgres.start(tmp_path / "pg") as second:
            assert kept_lines(second) == ["合同"]
        assert stranger.poll() is None
    finally:
        stranger.communicate()


def test_a_second_start_in_the_same_process_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(DataDirectoryLockedError):
        EmbeddedPostgres.start(server.data_directory)
    assert server.server_pid is not None


def test_a_second_start_in_another_process_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    owner, _ = start_an_owner(tmp_path / "pg")
    with pytest.raises(DataDirectoryLockedError):
        EmbeddedPostgres.start(tmp_path / "pg")
    end(owner)
    EmbeddedPostgres.start(tmp_path / "pg").stop()


def test_a_path_longer_than_a_socket_name_works(tmp_path: Path) -> None:
    directory = tmp_path.joinpath(*["a folder with a rather long 名称"] * 6)
    assert len(os.fsencode(directory)) > 107
    with EmbeddedPostgres.start(directory) as running:
        keep_a_line(running)


def test_no_ancestor_directory_is_opened_to_others(tmp_path: Path) -> None:
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    with EmbeddedPostgres.start(private / "out" / "pg") as running:
        keep_a_line(running)
    for directory in (private, private / "out" / "pg", private / "out" / "pg" / "cluster"):
        assert directory.stat().st_mode & 0o077 == 0
        assert directory.stat().st_uid == os.geteuid() or directory.name == "cluster"


def test_the_server_never_runs_as_root(server: EmbeddedPostgres) -> None:
    status = Path(f"/proc/{server.server_pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert "0" not in uids


def test_nobody_comes_in_by_network_or_without_peer_authentication(server: EmbeddedPostgres) -> None:
    as_owner = server.conninfo.replace(
        "user=contracts_chain dbname=contracts_chain", "user=postgres dbname=postgres"
    )
    with psycopg.connect(as_owner) as connection:
        rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
        assert rules == [("local", "peer")]
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_the_application_is_no_superuser(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.conninfo) as connection:
        row = connection.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == (False, False)


def test_a_first_start_killed_half_way_is_begun_again(tmp_path: Path) -> None:
    torn = tmp_path / "pg" / "cluster.part"
    torn.mkdir(parents=True)
    (torn / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres.start(tmp_path / "pg") as running:
        keep_a_line(running)


def test_a_cluster_the_server_refuses_gives_the_words_of_its_log(tmp_path: Path) -> None:
    EmbeddedPostgres.start(tmp_path / "pg").stop()
    (tmp_path / "pg" / "cluster" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(PostgresStartError, match="pg_control"):
        EmbeddedPostgres.start(tmp_path / "pg")


def test_a_socket_directory_prepared_by_somebody_else_is_refused(tmp_path: Path) -> None:
    with EmbeddedPostgres.start(tmp_path / "pg") as running:
        squatted = Path(psycopg.conninfo.conninfo_to_dict(running.conninfo)["host"])
    squatted.symlink_to(tmp_path)
    try:
        with pytest.raises(SocketDirectoryError):
            EmbeddedPostgres.start(tmp_path / "pg")
    finally:
        squatted.unlink()


def test_programs_below_a_closed_directory_run_as_the_server_account(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    original = closed / "pginstall18"
    subprocess.run(["/bin/cp", "-a", str(wheel_programs()), str(original)], check=True)
    account = account_for(tmp_path / "absent")
    with tempfile.TemporaryDirectory(dir="/tmp") as open_to_all:
        Path(open_to_all).chmod(0o755)
        cache = Path(open_to_all) / "cache"
        usable = programs_usable_by(account, original, cache=cache)
        assert "18" in run_as(account, [usable / "bin" / "postgres", "--version"])
        assert programs_usable_by(account, original, cache=cache) == usable


def test_programs_that_do_not_run_are_a_fault_with_their_words() -> None:
    account = Account(name="", uid=os.geteuid(), gid=os.getegid())
    with pytest.raises(ServerProgramsError, match="check the installation"):
        run_as(account, ["/nonexistent/postgres"])
    with pytest.raises(ServerProgramsError, match="nonsense"):
        run_as(account, [wheel_programs() / "bin" / "initdb", "--nonsense"])
