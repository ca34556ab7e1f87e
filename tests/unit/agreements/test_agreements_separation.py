"""One person, one part: by account and by identity document, on whichever side."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.separation import (
    Part,
    SeparationOfDutiesError,
    person_of_document,
    verify_part,
)
from contracts_chain.agreements.terms.codes import IdType
from kernel.ids import PersonId

PEOPLE = st.sampled_from([PersonId(name) for name in "abcde"])
RESIDENT = "11010519491231002X"


@pytest.mark.parametrize(("held", "wanted"), list(permutations(Part, 2)))
def test_who_has_one_part_is_refused_every_other(held: Part, wanted: Part) -> None:
    with pytest.raises(SeparationOfDutiesError) as refused:
        verify_part({PersonId("a"): held}, wanted, [PersonId("b"), PersonId("a")])
    assert (refused.value.person, refused.value.held, refused.value.wanted) == ("a", held, wanted)
    assert held.zh in refused.value.zh
    assert wanted.zh in refused.value.zh


@pytest.mark.parametrize("part", list(Part))
def test_a_part_may_be_taken_twice(part: Part) -> None:
    verify_part({PersonId("a"): part}, part, [PersonId("a")])


@given(st.dictionaries(PEOPLE, st.sampled_from(Part)), st.sampled_from(Part), st.sets(PEOPLE))
def test_a_part_is_given_exactly_to_those_without_another(
    held: dict[PersonId, Part], wanted: Part, persons: set[PersonId]
) -> None:
    clash = any(held.get(person, wanted) is not wanted for person in persons)
    if clash:
        with pytest.raises(SeparationOfDutiesError):
            verify_part(held, wanted, persons)
    else:
        verify_part(held, wanted, persons)


def test_a_document_names_one_person_however_it_is_typed_and_never_shows_its_number() -> None:
    person = person_of_document(IdType.RESIDENT_ID, RESIDENT)
    assert person == person_of_document(IdType.RESIDENT_ID, " 11010519491231002x ")
    assert person != person_of_document(IdType.USCC, RESIDENT)
    assert RESIDENT not in person
    with pytest.raises(SeparationOfDutiesError) as refused:
        verify_part({person: Part.SIGNER}, Part.DRAFTER, [person])
    assert person not in refused.value.en + refused.value.zh
