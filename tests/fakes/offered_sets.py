"""Many offered contracts of one signer, in memory: what a set is signed of."""

from __future__ import annotations

from dataclasses import replace

from memory_office import MemoryOffice, sample

from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review

__all__ = ["offered_set"]


def offered_set(world: MemoryOffice, count: int) -> list[str]:
    """Numbers of so many contracts, each for an account of its own."""
    numbers = []
    for at in range(count):
        number = world.draft(replace(sample(), cust_no=f"{3300000000000 + at}"), order_no=f"ORDER-{at}")
        submit_for_review(world.office, number, by="li")
        approve(world.office, number, reviewer="zhao")
        offer(world.office, number, by="desk")
        numbers.append(number)
    return numbers
