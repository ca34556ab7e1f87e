"""Drafts, findings, changes and readiness as machines read them, and what a request for them lacks."""

from __future__ import annotations

from contracts_chain.agreements.lifecycle import Deed
from contracts_chain.agreements.terms_json import terms_json
from contracts_chain.workflows.draft_errors import FieldChange
from contracts_chain.workflows.draft_ports import DraftVersion, ReviewNote
from contracts_chain.workflows.draft_view import DraftView, FieldFinding
from contracts_chain.workflows.preflight import PreflightItem
from kernel.clock import utc_text
from kernel.errors import RejectedError

__all__ = [
    "BaseVersionMissingError",
    "change_json",
    "deed_json",
    "draft_json",
    "finding_json",
    "preflight_json",
    "version_json",
]


class BaseVersionMissingError(RejectedError):
    """A draft is saved over a version that the clerk names, never blindly."""

    code = "base_version_missing"

    def __init__(self) -> None:
        """Say which header."""
        super().__init__(
            'send If-Match: "N", the draft version you began from, as the ETag of the draft gave it',
            '请用 If-Match: "N" 写明修改所依据的草稿版本（读取草稿时的 ETag）',
        )


def draft_json(view: DraftView) -> dict[str, object]:
    """A draft as staff machines see it; ``draft_version`` is also the ETag."""
    dossier = view.dossier
    return {
        "number": dossier.number,
        "state": dossier.state.value,
        "draft_version": dossier.draft_version,
        "sha256": dossier.current_sha256.hex() if dossier.current_sha256 else None,
        "pages": dossier.pages,
        "rule_pack": dossier.rule_pack,
        "profile": dossier.profile,
        "file": terms_json(view.terms),
        "findings": [finding_json(finding) for finding in view.findings],
        "versions": [version_json(version) for version in view.versions],
        "reviews": [_review_json(review) for review in view.reviews],
        "allowed": [deed_json(deed) for deed in view.allowed],
    }


def finding_json(finding: FieldFinding) -> dict[str, object]:
    """One finding, at its field."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "field": finding.path,
        "label": finding.label,
        "en": finding.en,
        "zh": finding.zh,
        "source": finding.source,
    }


def version_json(version: DraftVersion) -> dict[str, object]:
    """Who saved which version, and its PDF."""
    return {
        "version": version.version,
        "saved_by": version.saved_by,
        "saved_utc": utc_text(version.saved_utc),
        "sha256": version.document_sha256.hex() if version.document_sha256 else None,
        "pages": version.pages,
        "rule_pack": version.rule_pack,
        "template": version.template,
    }


def change_json(change: FieldChange) -> dict[str, object]:
    """A field that somebody else changed, with all three values."""
    return {
        "field": change.path,
        "label": change.label,
        "base": change.base,
        "theirs": change.theirs,
        "mine": change.mine,
        "by": change.by,
        "at_utc": utc_text(change.at),
        "collides": change.collides,
    }


def deed_json(deed: Deed) -> dict[str, str]:
    """A deed with its Chinese word."""
    return {"deed": deed.value, "zh": deed.zh}


def preflight_json(item: PreflightItem) -> dict[str, object]:
    """One thing that signing will need."""
    return {
        "name": item.name,
        "name_zh": item.zh_name,
        "hard": item.hard,
        "code": item.code,
        "en": item.en,
        "zh": item.zh,
    }


def _review_json(review: ReviewNote) -> dict[str, object]:
    return {
        "version": review.version,
        "verdict": review.verdict,
        "reviewer": review.reviewer,
        "reviewed_utc": utc_text(review.reviewed_utc),
        "reason": review.reason,
        "remarks": [{"field": one.path, "text": one.text} for one in review.remarks],
    }
