"""Who holds which post in the town, and who of them a visitor can log in as."""

from dataclasses import dataclass
from datetime import date
from random import Random

from gridloop.core.org import actions as org
from gridloop.core.org.models import Region, Unit
from gridloop.core.org.permissions import Role
from gridloop.demo import names
from gridloop.demo.regions import Village
from gridloop.demo.units import CENTRE, PLANS, committee_code

PASSWORD = "yunting-2026"  # noqa: S105  # of an invented town, printed for everybody to see
LOCAL = "committee"  # stands for the committee of the first community
HOME, GRID = "home", "grid"  # that community, and its first grid


@dataclass(frozen=True, slots=True)
class Seat:
    """A post to log in as: the unit's code, the role, and for which region (the town where none is named)."""

    login: str
    unit: str
    role: Role
    region: str = ""


SEATS: tuple[Seat, ...] = (
    Seat("zuoxi", CENTRE, Role.OPERATOR),
    Seat("lingdao", CENTRE, Role.LEADER),
    Seat("wangge", LOCAL, Role.GRID_WORKER, GRID),
    Seat("jingban", "law", Role.HANDLER),
    Seat("fuzeren", "law", Role.UNIT_LEAD),
    Seat("shuji", LOCAL, Role.SECRETARY, HOME),
    Seat("tiaojie", "mediation", Role.MEDIATOR),
    Seat("xiaofang", "fire", Role.INSPECTOR),
    Seat("lianluo", "enterprise", Role.LIAISON),
    Seat("shenji", "office", Role.AUDITOR),
    Seat("admin", CENTRE, Role.ADMIN),
    # One person, two posts: leads a department and takes turns as the leader on duty.
    Seat("lianggang", "safety", Role.UNIT_LEAD),
    Seat("lianggang", CENTRE, Role.LEADER),
)
LOGINS = tuple(dict.fromkeys(seat.login for seat in SEATS))
OPERATORS = 3  # on the night shift besides `zuoxi`


class _Staff:
    """Appoints people who are nobody."""

    def __init__(self, rng: Random, town: Region, since: date) -> None:
        self.rng, self.town, self.since = rng, town, since
        self.known: dict[str, object] = {}

    def seat(self, login: str, unit: Unit, role: Role, region: Region, password: str | None = None) -> None:
        """Appoint the person who logs in under this name, who is added at the first post."""
        if login not in self.known:
            self.known[login] = org.add_user(
                login, full_name=names.person(self.rng), phone=names.mobile(self.rng), password=password
            )
        org.appoint(self.known[login], unit, role, region, starts_on=self.since)  # type: ignore[arg-type]


def add_people(rng: Random, villages: list[Village], units: dict[str, Unit], *, since: date) -> None:
    """Add the people to log in as, a handler in every unit, and a worker in every grid."""
    town = units[CENTRE].region
    staff = _Staff(rng, town, since)
    home = villages[0]
    local = units[committee_code(home.region)]
    regions = {HOME: home.region, GRID: home.grids[0], "": town}
    for seat in SEATS:
        unit = local if seat.unit == LOCAL else units[seat.unit]
        staff.seat(seat.login, unit, seat.role, regions[seat.region], PASSWORD)
    for n in range(OPERATORS):
        staff.seat(f"zuoxi{n + 2}", units[CENTRE], Role.OPERATOR, town)
    for plan in PLANS:
        staff.seat(f"{plan.code}1", units[plan.code], Role.HANDLER, town)
    for village in villages:
        _seat_village(staff, village, units[committee_code(village.region)], is_home=village is home)


def _seat_village(staff: _Staff, village: Village, committee: Unit, *, is_home: bool) -> None:
    digits = village.region.code[9:12]
    if not is_home:
        staff.seat(f"shuji{digits}", committee, Role.SECRETARY, village.region)
    for grid in village.grids[1 if is_home else 0 :]:
        staff.seat(f"wg{grid.code[9:]}", committee, Role.GRID_WORKER, grid)
