"""The papers: every link leads somewhere, both READMEs say the same, nothing names one machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
COMMANDS = re.compile(r"^(?:make|contracts-chain|python)\s.*?(?=\s+#|$)", re.MULTILINE)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(paper: Path) -> None:
    for target in LINK.findall(paper.read_text("utf-8")):
        assert (paper.parent / target).exists(), f"{paper.name} links to {target}"


def test_both_readmes_give_the_same_commands_and_chapters() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert COMMANDS.findall(english) == COMMANDS.findall(chinese)
    assert english.count("\n## ") == chinese.count("\n## ")
    assert english.count("\n| ") == chinese.count("\n| ")


def test_every_decision_and_format_is_listed_in_its_index() -> None:
    for folder in ("adr", "formats"):
        index = (ROOT / "docs" / folder / "README.md").read_text("utf-8")
        for paper in (ROOT / "docs" / folder).glob("*.*"):
            assert paper.name == "README.md" or f"({paper.name})" in index, paper.name
