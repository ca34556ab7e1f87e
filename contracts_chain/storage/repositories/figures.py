"""Figures of the 电力营商环境, counted by PostgreSQL where the rows are.

Working days between two days are two binary searches in the ascending list of working days
(``width_bucket``), so no table of days has to be kept in step with the calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import ARRAY, Connection, Date, Text, bindparam, text

from contracts_chain.agreements.process_steps import JOURNEY, ProcessStep
from contracts_chain.workflows.deadline_ports import FigureRow, StageRow, StepRow

__all__ = ["SqlFigures"]

_ORDERS: Final = """
    noted AS (
        SELECT order_no,
            min(recorded_utc) FILTER (WHERE kind = 'application_received') AS applied_utc,
            min(recorded_utc) FILTER (WHERE kind = 'energised') AS energised_utc,
            (array_agg(district ORDER BY id DESC) FILTER (WHERE district <> ''))[1] AS district,
            (array_agg(province ORDER BY id DESC) FILTER (WHERE province <> ''))[1] AS province
        FROM order_milestones GROUP BY order_no
    ),
    supply AS (
        SELECT DISTINCT ON (order_no) order_no, kind, profile FROM agreements
        WHERE state NOT IN ('rejected', 'withdrawn', 'lapsed')
        ORDER BY order_no, kind = 'GRID_DISPATCH', drafted_utc, number
    )
"""
_ENDS: Final = {
    ProcessStep.CONTRACT_EXECUTED: """
        SELECT a.kind, a.executed_utc AS ended_utc, n.applied_utc, n.district
        FROM agreements a JOIN noted n USING (order_no)
        WHERE a.executed_utc IS NOT NULL AND a.profile = :province
    """,
    ProcessStep.ENERGISED: """
        SELECT coalesce(s.kind, '') AS kind, n.energised_utc AS ended_utc, n.applied_utc, n.district
        FROM noted n LEFT JOIN supply s USING (order_no)
        WHERE n.energised_utc IS NOT NULL AND coalesce(n.province, s.profile, :province) = :province
    """,
}
_GROUP: Final = (
    "CASE WHEN kind = 'HV_SUPPLY' THEN 'HV' WHEN kind LIKE 'LV!_%' ESCAPE '!' THEN 'LV' ELSE '' END"
)
_SPANS: Final = """
    WITH {orders},
    ended AS ({ended}),
    days AS (
        SELECT kind, {group} AS voltage, coalesce(district, '') AS district,
            to_char(ended_utc AT TIME ZONE INTERVAL '8 hours', 'YYYY-MM') AS month,
            (applied_utc AT TIME ZONE INTERVAL '8 hours')::date AS first,
            (ended_utc AT TIME ZONE INTERVAL '8 hours')::date AS last
        FROM ended WHERE applied_utc <= ended_utc
    ),
    spans AS (
        SELECT *, last - first AS calendar, last >= :provisional_from AS provisional,
            width_bucket(last, :working_days) - width_bucket(first, :working_days) AS working
        FROM days
    )
    SELECT
        CASE grouping(voltage, kind, month, district)
            WHEN 15 THEN 'all' WHEN 7 THEN 'group' WHEN 11 THEN 'kind' WHEN 13 THEN 'month'
            WHEN 14 THEN 'district' ELSE 'group_month'
        END AS cut,
        concat_ws('/', voltage, kind, month, district) AS value,
        count(*) AS count,
        round(avg(working), 1) AS average,
        round(avg(calendar), 1) AS average_calendar,
        round(percentile_cont(0.5) WITHIN GROUP (ORDER BY working)::numeric, 1) AS p50,
        round(percentile_cont(0.9) WITHIN GROUP (ORDER BY working)::numeric, 1) AS p90,
        count(*) FILTER (WHERE provisional) AS provisional
    FROM spans
    GROUP BY GROUPING SETS ((), (voltage), (kind), (month), (district), (voltage, month))
    HAVING count(*) > 0
    ORDER BY 1, 2
"""
_UNDATED: Final = """
    WITH {orders}
    SELECT count(*) FROM agreements a LEFT JOIN noted n USING (order_no)
    WHERE a.executed_utc IS NOT NULL AND a.profile = :province
        AND (n.applied_utc IS NULL OR n.applied_utc > a.executed_utc)
"""
_STANDING: Final = """
    WITH {orders},
    ours AS (
        SELECT order_no FROM noted FULL JOIN supply USING (order_no)
        WHERE coalesce(noted.province, supply.profile, :province) = :province
    ),
    taken AS (
        SELECT order_no, kind AS step FROM order_milestones
        UNION SELECT order_no, 'contract_drafted' FROM agreements WHERE current_sha256 IS NOT NULL
        UNION SELECT order_no, 'contract_approved' FROM agreements WHERE approved_sha256 IS NOT NULL
        UNION SELECT order_no, 'contract_offered' FROM agreements a
            WHERE EXISTS (SELECT FROM ceremonies c WHERE c.number = a.number)
        UNION SELECT order_no, 'contract_executed' FROM agreements WHERE executed_utc IS NOT NULL
    ),
    farthest AS (
        SELECT order_no, max(array_position(:journey, step)) AS place
        FROM taken JOIN ours USING (order_no)
        GROUP BY order_no HAVING NOT bool_or(step = 'order_closed')
    )
    SELECT place, count(*) AS orders FROM farthest WHERE place IS NOT NULL GROUP BY place ORDER BY place
"""
_STAGES: Final = """
    WITH {orders},
    taken AS (
        SELECT s.kind, m.order_no, count(DISTINCT CASE
            WHEN m.kind = 'application_received' THEN 1
            WHEN m.kind = 'scheme_replied' THEN 2
            WHEN m.kind IN ('design_received', 'mid_inspection') THEN 3
            WHEN m.kind IN ('completion_inspection_asked', 'completion_inspection_passed',
                'acceptance_asked', 'accepted', 'energised') THEN 4
        END) AS stages
        FROM order_milestones m JOIN noted n USING (order_no) JOIN supply s USING (order_no)
        WHERE n.energised_utc IS NOT NULL AND coalesce(n.province, s.profile) = :province
        GROUP BY s.kind, m.order_no
    )
    SELECT {group} AS voltage, count(*) AS orders, round(avg(stages), 1) AS average
    FROM taken GROUP BY 1 HAVING {group} <> '' ORDER BY 1
"""


class SqlFigures:
    """Implements ``FigureRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def spans(
        self,
        ends: ProcessStep,
        *,
        province: str,
        working_days: Sequence[date],
        provisional_from: date,
    ) -> tuple[FigureRow, ...]:
        """One row a group, by every cut; groups without a value (no district said) keep the value empty."""
        query = text(_SPANS.format(orders=_ORDERS, ended=_ENDS[ends], group=_GROUP)).bindparams(
            bindparam("working_days", list(working_days), ARRAY(Date)),
            bindparam("provisional_from", provisional_from, Date),
            bindparam("province", province),
        )
        return tuple(FigureRow(**row) for row in self._connection.execute(query).mappings())

    def undated(self, province: str) -> int:
        """Executed, and no application recorded before it."""
        query = text(_UNDATED.format(orders=_ORDERS))
        return int(self._connection.execute(query, {"province": province}).scalar_one())

    def standing_at(self, province: str) -> tuple[StepRow, ...]:
        """In the order of the journey; steps at which no order stands are left out."""
        query = text(_STANDING.format(orders=_ORDERS)).bindparams(
            bindparam("province", province),
            bindparam("journey", [step.value for step in JOURNEY], ARRAY(Text)),
        )
        rows = self._connection.execute(query).mappings()
        return tuple(StepRow(step=JOURNEY[row["place"] - 1], orders=row["orders"]) for row in rows)

    def stages(self, province: str) -> tuple[StageRow, ...]:
        """High voltage first."""
        query = text(_STAGES.format(orders=_ORDERS, group=_GROUP))
        rows = self._connection.execute(query, {"province": province}).mappings()
        return tuple(
            StageRow(group=row["voltage"], orders=row["orders"], average=row["average"]) for row in rows
        )
