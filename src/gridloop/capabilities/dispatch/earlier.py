"""
Cases that belong together with others: linked, merged, by the same reporter, at the same spot. One statement.

Nothing of them is told but which unit had them: the other case may be one that the reader may not see.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from gridloop.base.common.ids import first_id
from gridloop.core.cases.models import Case

DAYS = 90
NEAR_DEGREES = 0.0005  # some fifty metres
_VALUES = {"linked": 1.0, "place": 0.8, "reporter": 0.6}

# For each case the newest of each kind; every branch is read from the new end of an index.
_SQL = """
    WITH asked AS (
        SELECT c.id, c.region_id, c.lon, c.lat, c.is_confidential, coalesce(k.parent_id, k.id) AS main,
               r.phone_index
        FROM cases_case c
        LEFT JOIN catalogue_category k ON k.id = c.category_id
        LEFT JOIN cases_reporter r ON r.case_id = c.id
        WHERE c.id = ANY(%(cases)s)
    )
    SELECT asked.id, found.how, o.unit_id, found.id
    FROM asked
    CROSS JOIN LATERAL (
        (SELECT 'linked' AS how, l.second_id AS id FROM cases_caselink l WHERE l.first_id = asked.id
         ORDER BY l.second_id DESC LIMIT 3)
        UNION ALL
        (SELECT 'linked', l.first_id FROM cases_caselink l WHERE l.second_id = asked.id
         ORDER BY l.first_id DESC LIMIT 3)
        UNION ALL
        (SELECT 'linked', d.id FROM cases_case d WHERE d.merged_into_id = asked.id ORDER BY d.id DESC LIMIT 3)
        UNION ALL
        (SELECT 'reporter', x.id FROM cases_reporter p JOIN cases_case x ON x.id = p.case_id
         WHERE p.phone_index = asked.phone_index AND NOT asked.is_confidential AND NOT x.is_confidential
           AND x.id < asked.id AND x.id >= %(since)s
         ORDER BY x.id DESC LIMIT 1)
        UNION ALL
        (SELECT 'place', x.id FROM cases_case x JOIN catalogue_category y ON y.id = x.category_id
         WHERE x.region_id = asked.region_id AND x.id < asked.id AND x.id >= %(since)s
           AND coalesce(y.parent_id, y.id) = asked.main
           AND abs(x.lon - asked.lon) < %(near)s AND abs(x.lat - asked.lat) < %(near)s
         ORDER BY x.id DESC LIMIT 1)
    ) found
    JOIN cases_workorder o ON o.case_id = found.id AND o.role = 'lead'
         AND o.state IN ('issued', 'handling', 'done', 'filed')
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier case of one unit that belongs together with the one asked for."""

    how: str
    unit_id: int

    @property
    def value(self) -> float:
        return _VALUES[self.how]

    def words(self, unit: str) -> str:
        return {
            "linked": _("与本案关联或重复的案件由%(unit)s办理"),
            "place": _("同一地点近期同类案件由%(unit)s办理"),
            "reporter": _("同一上报人近期的案件由%(unit)s办理"),
        }[self.how] % {"unit": unit}


def earlier_of(cases: Sequence[Case], at: datetime) -> dict[UUID, list[Earlier]]:
    """Return for each case what belongs together with it, the strongest tie first."""
    since = first_id(at - timedelta(days=DAYS))
    given: dict[str, Any] = {"cases": [case.pk for case in cases], "since": since, "near": NEAR_DEGREES}
    found: dict[UUID, list[Earlier]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SQL, given)
        for case_id, how, unit_id, _other in cursor.fetchall():
            found[case_id].append(Earlier(how, unit_id))
    return {key: sorted(ties, key=lambda tie: -tie.value) for key, ties in found.items()}
