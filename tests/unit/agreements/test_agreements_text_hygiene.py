"""What no honest text holds is refused by rule and by name; rare characters pass."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.text_hygiene import LONGEST_NAME, LONGEST_TEXT, blemishes
from contracts_chain.agreements.typed_json import Problem, read_text

RARE = ("㛃", "䶮", "喆", "赟", "𠮷", "〇", "\ufa0e", "\U0002ceb0", "\U00030000", "\U00031350")
NAMES = (
    *RARE,
    "王㛃",
    "阿卜杜拉·买买提",
    "古丽•热娜",
    "示例（浙江）有限公司",
    "José Müller",
    "Example #1 Co., Ltd.",
    "91110000600037341L",
)
PROSE = (
    "Ⅱ段母线 cosφ≥0.90，35kV±5%，Ω、μF、℃、㎡、①②",
    "第一行\n第二行",
    "　　本合同“……”——无",
    "≤100％",
    "10kV〔2026〕1号",
)
HIDDEN = (
    "王\u202e明",
    "王\u2067明",
    "王\u200b明",
    "王\u200d明",
    "张\u00a0三",
    "王\ufe00",
    "葛\U000e0100",
    "\u3164",
    "e\u0301",
    "王\x07",
    "\ue000",
    "\ufeff无",
    "מ",
)
TWINS = ("⼯程", "北京\uf900", "\U0002f800", "Аlpha", "Αlpha", "ＡＢＣ", "１２３", "𝐀", "ﬁ", "⺀")
TWINS_IN_NAMES = ("王‧明", "王・明", "ı", "カ", "Ⅱ", "℃", "○", "①")


def rules(text: str, *, names: bool) -> list[str]:
    return [found.rule for found in blemishes(text, names=names)]


@pytest.mark.parametrize("text", NAMES)
def test_rare_characters_and_proper_names_pass(text: str) -> None:
    assert rules(text, names=True) == []
    assert rules(text, names=False) == []


@pytest.mark.parametrize("text", PROSE)
def test_a_technical_text_passes(text: str) -> None:
    assert rules(text, names=False) == []


@pytest.mark.parametrize("text", HIDDEN)
@pytest.mark.parametrize("names", [True, False])
def test_what_cannot_be_seen_or_turns_the_line_is_refused(text: str, names: bool) -> None:
    assert "R-TEXT-2" in rules(text, names=names)


@pytest.mark.parametrize("text", TWINS)
@pytest.mark.parametrize("names", [True, False])
def test_look_alikes_are_refused_everywhere(text: str, names: bool) -> None:
    assert rules(text, names=names) == ["R-TEXT-3"]


@pytest.mark.parametrize("text", TWINS_IN_NAMES)
def test_names_take_the_stated_repertoire_only(text: str) -> None:
    assert rules(text, names=True) == ["R-TEXT-3"]
    assert rules(text, names=False) == []


def test_a_name_has_no_line_break_and_a_text_may() -> None:
    assert rules("王\n明", names=True) == ["R-TEXT-2"]


@pytest.mark.parametrize(("names", "longest"), [(True, LONGEST_NAME), (False, LONGEST_TEXT)])
def test_a_text_that_is_too_long_is_refused_with_both_lengths(names: bool, longest: int) -> None:
    assert rules("长" * longest, names=names) == []
    (found,) = blemishes("长" * 10_000, names=names)
    assert found.rule == "R-TEXT-1"
    assert str(longest) in found.zh
    assert "10000" in found.zh


def test_the_character_and_the_one_to_write_are_named_in_both_languages() -> None:
    problems: list[Problem] = []
    read_text("王\u202e明", "consumer.legal_rep.name", problems, names=True)
    read_text("⼯", "consumer.name", problems, names=True)
    hidden, twin = problems
    assert (hidden.path, hidden.code) == ("consumer.legal_rep.name", "R-TEXT-2")
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in hidden.en
    assert "从右至左强制符（U+202E RIGHT-TO-LEFT OVERRIDE）" in hidden.zh
    assert "第 2 个字符" in hidden.zh
    assert twin.code == "R-TEXT-3"
    assert "“工”（U+5DE5）" in twin.zh


def test_each_rule_is_told_once_a_text_however_often_it_is_broken() -> None:
    assert rules("\u202e\u202eＡＢ\u200b" + "长" * 300, names=True) == ["R-TEXT-1", "R-TEXT-2", "R-TEXT-3"]


@given(st.characters(), st.booleans())
def test_no_accepted_character_changes_by_compatibility_within_a_name(char: str, names: bool) -> None:
    if rules(char, names=True) == []:
        folded = unicodedata.normalize("NFKC", char)
        assert folded == char or char in "（），；：！？…"
    if rules(char, names=False) == []:
        assert unicodedata.category(char) not in {"Cf", "Cs", "Co", "Mn"}
        assert unicodedata.bidirectional(char) not in {"R", "AL"}


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=50))
def test_every_common_ideograph_passes(text: str) -> None:
    assert rules(text, names=True) == []
