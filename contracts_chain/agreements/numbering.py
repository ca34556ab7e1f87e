"""Contract numbers and the short check code printed beside them.

Pattern of reference §7.4: ``SG`` + unit 6 + department 2 + type 2 + year 2 + serial 5,
``(Bn)`` for the n-th supplement; it also stands in the QR code of every page. The
type codes ``GY`` (supply) and ``BD`` (dispatch) are placeholders of the province
profile. Serial numbers are taken by ``workflows.numbers``: this module names the series,
formats and parses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = [
    "ContractNumber",
    "ContractNumberError",
    "SeriesExhaustedError",
    "check_code",
    "contract_number",
    "main_series",
    "parse_contract_number",
    "supplement_number",
    "supplement_series",
]

_PATTERN: Final = re.compile(
    r"SG(?P<unit>[A-Z]{4}[0-9]{2})(?P<department>[A-Z]{2})(?P<type_code>[A-Z]{2})"
    r"(?P<year>[0-9]{2})(?P<serial>[0-9]{5})(?:\(B(?P<supplement>[1-9][0-9]*)\))?"
)
_GREATEST_SERIAL: Final = 99_999
_CHECK_DOMAIN: Final = b"contracts-chain/check-code/v1\n"


class ContractNumberError(RejectedError):
    """Not a contract number of this pattern."""

    code = "contract_number"

    def __init__(self, text: str) -> None:
        """Keep the text as given."""
        super().__init__(
            f"{text!r} is not a contract number; write one like SGZJMZ00YXGY2600001 or …(B1)",
            f"“{text}”不是合同编号；请按 SGZJMZ00YXGY2600001 或带（B1）后缀的形式填写",
        )
        self.text = text


class SeriesExhaustedError(RejectedError):
    """Five digits are used up for this unit, department, type and year."""

    code = "number_series_exhausted"

    def __init__(self, series: str) -> None:
        """Name the series."""
        super().__init__(
            f"the series {series} has its {_GREATEST_SERIAL} numbers; configure a further department code",
            f"编号序列 {series} 的 {_GREATEST_SERIAL} 个流水号已用完；请增设部门代码后再起草",
        )
        self.series = series


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractNumber:
    """The parts of a number.

    Attributes:
        unit: Four letters and two digits, e.g. ``ZJMZ00``.
        department: Two letters.
        type_code: Two letters, from the province profile.
        year: 2000–2099.
        serial: 1–99999 within unit, department, type and year.
        supplement: 0 for the main contract, n for ``(Bn)``.
    """

    unit: str
    department: str
    type_code: str
    year: int
    serial: int
    supplement: int = 0

    @property
    def text(self) -> str:
        """The printed form."""
        main = f"SG{self.unit}{self.department}{self.type_code}{self.year % 100:02d}{self.serial:05d}"
        return f"{main}(B{self.supplement})" if self.supplement else main


def main_series(*, unit: str, department: str, type_code: str, year: int) -> str:
    """Within which main contracts are counted: unit, department, type and year."""
    return f"{unit}{department}{type_code}{year}"


def supplement_series(main: str) -> str:
    """Within which the supplements of a main contract are counted.

    Raises:
        ContractNumberError: ``main`` is not a main contract's number.
    """
    if parse_contract_number(main).supplement:
        raise ContractNumberError(main)
    return f"{main}(B)"


def contract_number(*, unit: str, department: str, type_code: str, year: int, serial: int) -> str:
    """Format the number of a main contract: ``SGZJMZ00YXGY2600001``.

    Raises:
        SeriesExhaustedError: A serial over 99,999.
        ContractNumberError: A part outside its pattern or range.
    """
    if serial > _GREATEST_SERIAL:
        raise SeriesExhaustedError(
            main_series(unit=unit, department=department, type_code=type_code, year=year)
        )
    number = ContractNumber(unit=unit, department=department, type_code=type_code, year=year, serial=serial)
    if not 2000 <= year <= 2099 or parse_contract_number(number.text) != number:
        raise ContractNumberError(number.text)
    return number.text


def parse_contract_number(text: str) -> ContractNumber:
    """Take a printed number apart; the inverse of ``ContractNumber.text``.

    Raises:
        ContractNumberError: Another form, or serial 0.
    """
    found = _PATTERN.fullmatch(text)
    if found is None or int(found["serial"]) == 0:
        raise ContractNumberError(text)
    return ContractNumber(
        unit=found["unit"],
        department=found["department"],
        type_code=found["type_code"],
        year=2000 + int(found["year"]),
        serial=int(found["serial"]),
        supplement=int(found["supplement"] or 0),
    )


def supplement_number(main: str, index: int) -> str:
    """Number the ``index``-th supplement (1, 2, …) of a main contract: ``…(B1)``.

    Raises:
        ContractNumberError: ``main`` is not a main contract's number, or index < 1.
    """
    parsed = parse_contract_number(main)
    if parsed.supplement or index < 1:
        raise ContractNumberError(f"{main}(B{index})")
    return replace(parsed, supplement=index).text


def check_code(number: str, terms_sha256: Bytes32) -> str:
    """Eight hex digits that tie a printed number to its terms, for ``/q/{no}-{check}``.

    The QR code stands inside the PDF, so it cannot hold the PDF's own digest; it holds
    the first four bytes of SHA-256 over a domain line, the number, a newline and the
    digest of the attached ``terms.json``. No secret: it stops number guessing and
    mistyping, and proves nothing by itself.
    """
    return sha256(_CHECK_DOMAIN + number.encode() + b"\n" + bytes(terms_sha256)).hex()[:8]
