"""
Who is meant by the words of a chain: people in office, by what their posts may do and for where.

Asking costs no statement: posts are kept in memory, as they are for every request.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from gridloop.capabilities.oversight.models import Whom
from gridloop.core.org.posts import people_of


@dataclass(frozen=True, slots=True)
class Holder:
    """In whose hands a deadline lies: unit and person where there are any, and where the case lies."""

    unit_id: int | None
    person_id: int | None
    region_path: str


@dataclass(slots=True)
class Recipients:
    """
    The people in office on a day. What was asked once is kept: a sweep asks the same of thousands of cases.

    What the centre itself has in hand has no unit: its operators are then the handlers, and the leaders on
    duty stand where a unit's lead would.
    """

    on: date
    _kept: dict[tuple[str, int | None, str], frozenset[int]] = field(default_factory=dict)

    def of(self, whom: Iterable[str], holder: Holder) -> set[int]:
        """Return the keys of all who are meant."""
        return {user for one in whom for user in _MEANT[Whom(one)](self, holder)}

    def unit(self, holder: Holder) -> frozenset[int]:
        """Who takes the unit's work orders there; anybody of the unit who does, where nobody is for there."""
        if holder.unit_id is None:
            return self.centre(holder)
        near = self.able("case.sign_for", holder.region_path, holder.unit_id)
        return near or self.able("case.sign_for", "", holder.unit_id)

    def handler(self, holder: Holder) -> frozenset[int]:
        """The person who has it in hand while still in the unit, everybody who could be otherwise."""
        if holder.person_id is not None and holder.person_id in self.able("", "", holder.unit_id):
            return frozenset({holder.person_id})
        return self.unit(holder)

    def unit_lead(self, holder: Holder) -> frozenset[int]:
        if holder.unit_id is None:
            return self.leader(holder)
        return self.able("oversight.view", "", holder.unit_id)

    def centre(self, holder: Holder) -> frozenset[int]:
        return self.able("oversight.remind", holder.region_path) - self.leader(holder)

    def leader(self, holder: Holder) -> frozenset[int]:
        return self.able("oversight.supervise", holder.region_path)

    def able(self, permission: str, region_path: str, unit_id: int | None = None) -> frozenset[int]:
        """Return who holds a permission for a place, in one unit or in any."""
        key = permission, unit_id, region_path
        if key not in self._kept:
            units = None if unit_id is None else [unit_id]
            found = people_of(on=self.on, permission=permission, unit_ids=units, region_path=region_path)
            self._kept[key] = frozenset(found)
        return self._kept[key]


_MEANT: dict[Whom, Callable[[Recipients, Holder], frozenset[int]]] = {
    Whom.HANDLER: Recipients.handler,
    Whom.UNIT: Recipients.unit,
    Whom.UNIT_LEAD: Recipients.unit_lead,
    Whom.CENTRE: Recipients.centre,
    Whom.LEADER: Recipients.leader,
}
