"""Text that is not what it seems: refused before anybody relies on it.

R-TEXT-1 too long · R-TEXT-2 invisible, or turns the direction of reading · R-TEXT-3 looks like
another character. Names, addresses and codes of persons and parties take a stated repertoire
only; other texts take what a technical contract needs (Ⅱ ℃ Ω φ ① and full-width punctuation).
Rare but proper characters pass everywhere: every unified ideograph of GB 18030 and later
extensions, and the dots of minority names (· •). Whether a font draws them is asked elsewhere.

Must never correct a text silently: a person decides what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["LONGEST_NAME", "LONGEST_TEXT", "Blemish", "blemishes"]

LONGEST_TEXT: Final = 4000
LONGEST_NAME: Final = 200
_HAN: Final = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    "\U00020000-\U0002a6df\U0002a700-\U0002ebe0\U0002ebf0-\U0002ee5d\U00030000-\U0003134a"
    "\U00031350-\U000323af"
)
"""Unified ideographs, the twelve in the compatibility block among them, and 〇."""
_NAME_SIGNS: Final = "·•（）〔〕【】《》「」“”‘’、，。；：—–…\u00d8\u00f8\u00c6\u00e6\u00df"
_PLAIN: Final = re.compile(rf"[\x20-\x7e{_HAN}（）〔〕《》“”、，。；：—·]*")
_PROSE_BREAKS: Final = "\n\u3000"
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\ufffd")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn", "Mc", "Me"})
_TURNING: Final = frozenset({"R", "AL", "AN"})
_LETTERS: Final = ("LATIN ", "GREEK ", "HIRAGANA ", "KATAKANA", "HANGUL ", "BOPOMOFO ", "TIBETAN ", "YI ")
_GREEK_TWINS: Final = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳ")
_KINDS: Final = (
    (re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"), "方向控制符"),
    (re.compile("[\u00ad\u034f\u180e\u200b-\u200d\u2060-\u2064\ufeff]"), "零宽字符"),
    (re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]"), "异体字选择符"),
    (re.compile("[\u2e80-\u2fdf\u31c0-\u31ef]"), "部首或笔画"),
    (re.compile("[\uf900-\ufaff\U0002f800-\U0002fa1f]"), "兼容汉字"),
    (re.compile("[\uff01-\uff5e]"), "全角字母、数字或符号"),
    (re.compile("[\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f]"), "西里尔字母"),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), "希腊字母"),
    (re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d]"), "假名"),
)
_KINDS_BY_CATEGORY: Final = {
    "Cc": "控制字符",
    "Cn": "未定义字符",
    "Co": "专用区字符",
    "Cs": "残缺字符",
    "Zs": "特殊空格",
    "Mn": "组合符号",
    "Mc": "组合符号",
    "Me": "组合符号",
}
_NAMES_ZH: Final = {
    "\n": "换行",
    "\t": "制表符",
    "\u00a0": "不换行空格",
    "\u200b": "零宽空格",
    "\u200d": "零宽连接符",
    "\u202e": "从右至左强制符",
    "\u202d": "从左至右强制符",
    "\u2066": "从左至右隔离符",
    "\u2067": "从右至左隔离符",
    "\u3000": "全角空格",
    "\ufeff": "零宽不换行空格",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blemish:
    """One character, or the length, that a text must not have.

    Attributes:
        rule: ``R-TEXT-1`` … ``R-TEXT-3``.
        en: Which character, where, and what to do.
        zh: The same in Chinese.
    """

    rule: str
    en: str
    zh: str


def blemishes(text: str, *, names: bool) -> Iterator[Blemish]:
    """The first offence against each rule.

    Args:
        text: A field's value.
        names: Whether it names a person, a party, an account or a paper, so that only the
            stated repertoire is taken.
    """
    longest = LONGEST_NAME if names else LONGEST_TEXT
    if len(text) > longest:
        yield Blemish(
            rule="R-TEXT-1",
            en=f"at most {longest} characters, this has {len(text)}; shorten it",
            zh=f"不得超过 {longest} 字，现有 {len(text)} 字；请缩短",
        )
    if _PLAIN.fullmatch(text) is not None:
        return
    told: set[str] = set()
    for place, char in enumerate(text[:LONGEST_TEXT], start=1):
        rule = _rule(char, names=names)
        if rule is not None and rule not in told:
            told.add(rule)
            yield _told(rule, char, place)


def _rule(char: str, *, names: bool) -> str | None:
    """The rule that a character breaks."""
    if _PLAIN.fullmatch(char) is not None or (not names and char in _PROSE_BREAKS):
        return None
    if _is_unseen(char):
        return "R-TEXT-2"
    if names:
        return None if char in _NAME_SIGNS or _is_accented(char) else "R-TEXT-3"
    return "R-TEXT-3" if _is_twin(char) else None


def _is_unseen(char: str) -> bool:
    """Nothing to see, a mark that changes its neighbour, or a sign that turns the line."""
    turns = unicodedata.bidirectional(char) in _TURNING
    return turns or char in _BLANK or unicodedata.category(char) in _UNSEEN


def _is_accented(char: str) -> bool:
    """A Latin letter with accents, in one code point: é, ü; not ı, which is an i without its dot."""
    parts = unicodedata.normalize("NFD", char)
    return len(parts) > 1 and parts[0].isascii() and unicodedata.normalize("NFKC", char) == char


def _is_twin(char: str) -> bool:
    """Drawn like another character that stands in its place in honest text."""
    if any(form.fullmatch(char) for form, _ in _KINDS[3:5]) or char in _GREEK_TWINS:
        return True
    is_letter = unicodedata.category(char).startswith("L") or char.isdecimal()
    if not is_letter:
        return False
    settled = unicodedata.normalize("NFKC", char) == char
    return not (settled and unicodedata.name(char, "").startswith(_LETTERS))


def _told(rule: str, char: str, place: int) -> Blemish:
    named = f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()
    kind = _NAMES_ZH.get(char) or _kind(char)
    if rule == "R-TEXT-2":
        return Blemish(
            rule=rule,
            en=f"character {place} is {named}, invisible or turning the text around; delete it",
            zh=f"第 {place} 个字符是{kind}（{named}），不可见或会改变文字方向；请删除",
        )
    right = unicodedata.normalize("NFKC", char)
    if right != char and len(right) == 1:
        return Blemish(
            rule=rule,
            en=f"character {place}, {char}, is {named}, not {right} (U+{ord(right):04X}); write the latter",
            zh=f"第 {place} 个字符“{char}”是{kind}（{named}），"
            f"不是“{right}”（U+{ord(right):04X}）；请改用后者",
        )
    return Blemish(
        rule=rule,
        en=f"character {place}, {char}, is {named}, which only looks like a proper character; type that one",
        zh=f"第 {place} 个字符“{char}”是{kind}（{named}），形似常用字符，不得使用；"
        "请用规范汉字、英文字母或数字重新输入",
    )


def _kind(char: str) -> str:
    by_form = next((word for form, word in _KINDS if form.fullmatch(char)), None)
    return by_form or _KINDS_BY_CATEGORY.get(unicodedata.category(char), "非规定字符")
