"""What a signed-on person may go to: links of the bar on every page, and of an agreement by its number.

Shows only addresses whose route takes the person's duty; the route itself decides again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.staff import Duty, Person

__all__ = ["AGREEMENT_PAGES", "StaffBar", "StaffLink", "agreement_pages_for", "bar_for", "local_path"]

_LONGEST_PATH: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLink:
    """One way on.

    Attributes:
        href: Path of a page; for pages of an agreement, what its number follows.
        due: Duties that the page takes.
    """

    href: str
    zh: str
    en: str
    due: frozenset[Duty]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffBar:
    """The bar of one page.

    Attributes:
        path: The page's own path, so that its link is marked.
        by_session: The browser holds a session that can be ended.
    """

    person: Person
    links: tuple[StaffLink, ...]
    path: str
    by_session: bool


def _link(href: str, zh: str, en: str, *due: Duty) -> StaffLink:
    return StaffLink(href=href, zh=zh, en=en, due=frozenset(due or Duty))


_PAGES: Final = (
    _link("/staff", "工作台", "Desk"),
    _link("/questions", "签署人的问题", "Questions", Duty.SUPPLIER_DESK, Duty.REVIEWER),
    _link("/deadlines", "超期清单", "Deadlines"),
    _link("/dashboard", "数据看板", "Dashboard"),
    _link("/imports", "集团户导入", "Group import", Duty.DRAFTER),
    _link("/seals", "印章", "Seals", Duty.SUPPLIER_DESK, Duty.REVIEWER, Duty.SEAL_CUSTODIAN),
    _link("/callbacks", "系统回调", "Callbacks", Duty.SUPPLIER_DESK),
)
AGREEMENT_PAGES: Final = {
    "agreements": _link("/agreements/", "看合同", "Agreement"),
    "drafts": _link("/drafts/", "改草稿", "Draft", Duty.DRAFTER),
    "reviews": _link("/reviews/", "审核", "Review", Duty.REVIEWER),
}


def bar_for(person: Person, path: str, *, by_session: bool) -> StaffBar:
    """The bar as this person sees it."""
    links = tuple(link for link in _PAGES if person.duty in link.due)
    return StaffBar(person=person, links=links, path=path, by_session=by_session)


def agreement_pages_for(duty: Duty) -> dict[str, StaffLink]:
    """Pages of an agreement that this duty may open, by the word its button sends."""
    return {word: link for word, link in AGREEMENT_PAGES.items() if duty in link.due}


def local_path(wanted: str) -> str:
    """Where to go after login: a path of this service, or the desk for anything else."""
    plain = wanted.isascii() and wanted.isprintable() and " " not in wanted and "\\" not in wanted
    local = wanted.startswith("/") and not wanted.startswith(("//", "/login", "/logout"))
    return wanted if plain and local and len(wanted) <= _LONGEST_PATH else "/staff"
