"""When things happen: seasons, weekdays, hours of the day, and how long people take."""

from datetime import datetime, time, timedelta
from random import Random

from gridloop.base.common.worktime import CalendarMissing, LimitUnit, WorkTime
from gridloop.core.cases.models import Clock

DAYS = 365
NEVER = timedelta(days=10_000)
_WEEK = (1.15, 1.05, 1.0, 1.0, 1.05, 0.72, 0.6)
_YEAR = (0.85, 0.7, 0.95, 1.0, 1.05, 1.2, 1.3, 1.25, 1.1, 1.0, 1.0, 0.9)
_RESIDENT_HOURS = (
    *(0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 2.5, 4.5, 5.5, 5, 4),
    *(3, 3.5, 4.5, 5, 4.6, 4, 3.5, 4, 4, 3, 1.8, 0.7),
)
_WORKER_HOURS = (0, 0, 0, 0, 0, 0, 0.3, 1.5, 5, 7, 6, 4, 1, 4, 6, 6, 5, 2, 0.8, 0.4, 0.2, 0, 0, 0)


class Rhythm:
    """The pace of the town up to `now`."""

    def __init__(self, work: WorkTime, now: datetime) -> None:
        self.work = work
        self.now = now
        self.first = now - timedelta(days=DAYS)

    def month(self, at: datetime) -> int:
        return at.astimezone(self.work.zone).month

    def report_times(self, rng: Random, count: int) -> list[datetime]:
        """Return `count` moments of the last year, in order, busier by season and on working days."""
        days = [self.first + timedelta(days=n) for n in range(DAYS + 1)]
        weights = [self._weight(day) for day in days]
        times: list[datetime] = []
        while len(times) < count:
            at = self._moment(rng, rng.choices(days, weights)[0], _RESIDENT_HOURS)
            if self.first < at < self.now:
                times.append(at)
        return sorted(times)

    def on_duty(self, rng: Random, at: datetime) -> datetime:
        """Return a moment of the same day at which a grid worker is on the round, if that is past."""
        moved = self._moment(rng, at, _WORKER_HOURS)
        return moved if self.first < moved < self.now else at

    def after(self, rng: Random, at: datetime, minutes: float) -> datetime:
        """Return when about this many minutes have been worked after `at`."""
        try:
            moment = self.work.resume(at, max(1, round(minutes)), LimitUnit.WORKING_HOUR)
        except CalendarMissing:
            return at + NEVER
        return moment + timedelta(seconds=rng.randrange(5, 55))

    def before(self, at: datetime, minutes: float) -> datetime:
        """Return when this many minutes of work were still to come until `at`."""
        return self.work.resume(at, -max(1, round(minutes)), LimitUnit.WORKING_HOUR)

    def into(self, rng: Random, at: datetime, clock: Clock | None, share: float) -> datetime:
        """Return the moment at which `share` of the deadline's time is used up, counted from `at`."""
        if clock is None:
            return self.after(rng, at, 480 * share)
        if clock.unit == LimitUnit.MINUTE:
            return at + max(timedelta(minutes=1), (clock.due_at - clock.started_at) * share)
        try:
            minutes = self.work.working_minutes(clock.started_at, clock.due_at)
        except CalendarMissing:
            return at + NEVER
        return self.after(rng, at, minutes * share)

    def _weight(self, day: datetime) -> float:
        local = day.astimezone(self.work.zone)
        return _WEEK[local.weekday()] * _YEAR[local.month - 1] * self._growth(day)

    def _growth(self, day: datetime) -> float:
        return 0.85 + 0.3 * (day - self.first) / (self.now - self.first)

    def _moment(self, rng: Random, day: datetime, hours: tuple[float, ...]) -> datetime:
        hour = rng.choices(range(24), hours)[0]
        local = day.astimezone(self.work.zone).date()
        moment = time(hour, rng.randrange(60), rng.randrange(60))
        return datetime.combine(local, moment, self.work.zone)
