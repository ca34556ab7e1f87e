"""What ``--help`` shows in a window of 80 columns: every word whole, nothing wider than the window."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from typer.main import get_command
from typer.testing import CliRunner

from api.cli import app

COLUMNS = 80
COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_80_columns_and_cuts_no_word(command: str) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": str(COLUMNS)})
    assert done.exit_code == 0
    assert "…" not in done.output
    assert all(cell_len(line) <= COLUMNS for line in done.output.splitlines())


def test_help_says_in_both_languages_what_every_command_does() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        words = command.help or ""
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words), name
        assert any("a" <= letter <= "z" for letter in words.lower()), name


def test_what_only_stands_in_for_a_court_says_so() -> None:
    done = CliRunner().invoke(app, ["judicial-sandbox", "--help"], env={"COLUMNS": str(COLUMNS)})
    assert "SANDBOX" in done.output
    assert "不具法律效力" in done.output
