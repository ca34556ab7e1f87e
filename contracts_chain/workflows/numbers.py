"""Takes the next number of a series, in the transaction that stores its bearer.

A series is unit, department, type and year in Beijing; supplements count within their main
contract. The series stays locked until that transaction ends, so a rolled-back draft gives
its number back and none is lost, whoever crashes (reference §7.4). Must never be called
without storing the bearer in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from contracts_chain.agreements.numbering import (
    contract_number,
    main_series,
    supplement_number,
    supplement_series,
)
from contracts_chain.workflows.office import UtilityProfile
from contracts_chain.workflows.ports import UnitOfWork
from kernel.clock import BEIJING

__all__ = ["Series", "main_numbers", "next_supplement", "supplement_numbers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One gap-free series: what it is counted under, and how a serial is written."""

    key: str
    write: Callable[[int], str]

    def hold(self, work: UnitOfWork) -> None:
        """Keep others from taking a number until the transaction ends, without taking one."""
        work.numbers.hold(self.key)

    def take(self, work: UnitOfWork) -> str:
        """The next number.

        Raises:
            SeriesExhaustedError: The year has its 99,999 contracts of this type.
        """
        return self.write(work.numbers.next_serial(self.key))


def main_numbers(utility: UtilityProfile, type_code: str, now: datetime) -> Series:
    """The series of main contracts of one type; its year is that of ``now`` in Beijing."""
    unit, department, year = utility.unit, utility.department, now.astimezone(BEIJING).year

    def write(serial: int) -> str:
        return contract_number(
            unit=unit, department=department, type_code=type_code, year=year, serial=serial
        )

    key = main_series(unit=unit, department=department, type_code=type_code, year=year)
    return Series(key=key, write=write)


def supplement_numbers(main_number: str) -> Series:
    """The series ``(B1)``, ``(B2)``, … of one main contract.

    Raises:
        ContractNumberError: ``main_number`` is itself a supplement's, or no number.
    """
    return Series(key=supplement_series(main_number), write=partial(supplement_number, main_number))


def next_supplement(work: UnitOfWork, main_number: str) -> str:
    """The next ``(Bn)`` of a main contract, from 1.

    Raises:
        ContractNumberError: ``main_number`` is itself a supplement's, or no number.
    """
    return supplement_numbers(main_number).take(work)
