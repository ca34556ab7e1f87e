"""The figures of the 电力营商环境: a page with charts drawn on the server, JSON, CSV.

Every staff member reads them; they hold no name and no contract's content.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api import dashboard_words
from api.csv_sheet import csv_file
from api.deadline_words import day_zh
from api.routes.desk import AtDesk, OnDuty
from api.routes.pages import PageRoute, page
from api.staff import Duty, Person
from contracts_chain.agreements.service_levels import PROVINCES, service_levels
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.workflows.figures import Figures, figures_of
from kernel.clock import BEIJING, beijing_text, utc_text

__all__ = ["pages", "router"]

router = APIRouter(prefix="/api/v1")
pages = APIRouter(route_class=PageRoute, include_in_schema=False)

Province = Annotated[str, Query(pattern=f"^(?:{'|'.join(PROVINCES)})$")]
AnyStaff = Annotated[Person, Depends(OnDuty(*Duty))]
_SIGNATURE, _POWER = "申请到签订", "申请到送电"


@router.get("/figures", summary="Average times from application to signature and to power (any staff)")
def get_figures(desk: AtDesk, person: AnyStaff, province: Province = PROVINCES[0]) -> dict[str, object]:
    """By voltage group, class, month, district; promises beside them."""
    del person
    figures = figures_of(desk.office, province)
    return {
        "province": province,
        "taken_utc": utc_text(figures.taken_utc),
        "to_signature": [dashboard_words.figure_json(row) for row in figures.signature],
        "to_power": [dashboard_words.figure_json(row) for row in figures.power],
        "without_application": figures.undated,
        "promises": _promises(figures),
        "stages": [
            {"group": row.group, "orders": row.orders, "average": str(row.average)} for row in figures.stages
        ],
        "standing_at": {row.step.value: row.orders for row in figures.standing_at},
        "overdue": {"orders": figures.overdue_orders, "steps": figures.overdue_steps},
    }


@pages.get("/dashboard")
def show_dashboard(
    request: Request, desk: AtDesk, person: AnyStaff, province: Province = PROVINCES[0]
) -> Response:
    """Findings as titles, charts, the same numbers as tables, definitions."""
    del person
    figures = figures_of(desk.office, province)
    return page(
        request,
        "dashboard.html",
        words=dashboard_words,
        figures=figures,
        provinces=[service_levels(code) for code in PROVINCES],
        taken=beijing_text(figures.taken_utc),
        provisional_from=day_zh(house_calendar().provisional_from),
    )


@pages.get("/dashboard.csv")
def figures_csv(desk: AtDesk, person: AnyStaff, province: Province = PROVINCES[0]) -> Response:
    """Every row of both figures for Excel."""
    del person
    figures = figures_of(desk.office, province)
    rows = [
        dashboard_words.figure_cells(measure, row)
        for measure, span in ((_SIGNATURE, figures.signature), (_POWER, figures.power))
        for row in span
    ]
    day = figures.taken_utc.astimezone(BEIJING).date().isoformat()
    return csv_file(f"figures-{province}-{day}.csv", dashboard_words.FIGURES_HEAD, rows)


def _promises(figures: Figures) -> list[dict[str, object]]:
    return [
        {
            "group": promise.target.group.value,
            "days": promise.target.days,
            "unit": promise.target.unit.value,
            "reached": None if promise.reached is None else str(promise.reached),
            "kept": promise.kept,
            "count": promise.count,
            "source": promise.target.source,
        }
        for promise in figures.promises
    ]
