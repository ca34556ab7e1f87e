"""What pyHanko lets a later revision of our own contracts touch: less than its own defaults (rules V4, V5).

Its strict policy, made for every program's files, lets a revision after the signature say anything in
the catalogue's ``/Version``, ``/MarkInfo`` and ``/Extensions``, in the form's ``/NeedAppearances``,
``/DA``, ``/DR`` and ``/Q``, and in the flags of a signed field. None of that is validation data.

Decides the entries alone: fields, seals and archive timestamps are written, the rest stays as the first
signer saw it. pyHanko's two indulgences, objects nothing refers to and objects written twice, are off.
"""

from __future__ import annotations

from typing import Final

from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    CatalogModificationRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)

__all__ = ["CONTRACT_POLICY", "OPENING_POLICY"]

_ALWAYS: Final = frozenset({"/Type"})
_FILLING: Final = _ALWAYS | {"/V", "/AP"}
"""What signing writes in a field, and sealing in its seams."""
_CATALOGUE: Final = frozenset({"/AcroForm", "/DSS", "/Metadata", "/Extensions"})
"""Each has a judge of its own: form, store, ``document_metadata`` and ``archive_material``."""
_FORM: Final = frozenset({"/Fields"})


def _policy(catalogue: frozenset[str], form: frozenset[str]) -> StandardDiffPolicy:
    return StandardDiffPolicy(
        [
            CatalogModificationRule(catalogue),  # type: ignore[no-untyped-call]
            *DEFAULT_DIFF_POLICY.global_rules[1:],
        ],
        FormUpdatingRule(
            [
                SigFieldCreationRule(),  # type: ignore[no-untyped-call]
                SigFieldModificationRule(always_modifiable=_ALWAYS, value_update_keys=_FILLING),
                GenericFieldModificationRule(always_modifiable=_ALWAYS, value_update_keys=_FILLING),
            ],
            ignored_acroform_keys=form,
        ),
        ignore_orphaned_objects=False,
        ignore_identical_objects=False,
    )


CONTRACT_POLICY: Final = _policy(_CATALOGUE, _FORM)
"""After a signature."""
OPENING_POLICY: Final = _policy(_CATALOGUE | {"/Perms", "/Version"}, _FORM | {"/SigFlags"})
"""From the agreed bytes to the first signature, which certifies and names the version it needs."""
