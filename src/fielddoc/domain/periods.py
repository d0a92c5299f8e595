"""The last day of a period, counted as the law counts.

Criminal Procedure Law (2018), article 105: periods are in hours, days and months; the hour and the
day on which one begins are not counted; a last day that is a holiday moves to the first day after
it, but never for somebody in custody. Decision 0014 has the rest, with its sources.
"""

import calendar
import datetime

from fielddoc.domain.jurisdictions import DaysOff, Limit, days_off

_LONGEST_HOLIDAY_DAYS = 10
"""No run of days off that was announced so far is longer."""
_HOURS_A_DAY = 24


def last_day(limit: Limit, start: datetime.date) -> datetime.date:
    """Return the last day within a limit that began on `start`.

    A limit in hours ends on this day at the latest, whatever the hour at which it began: that hour
    is not counted.
    """
    if limit.hours:
        return _plus_days(start, -(-limit.hours // _HOURS_A_DAY))
    end = _plus_months(start, (limit.months or 0) + 12 * limit.years)
    return _plus_days(end, limit.days or 0)


def surely_within(limit: Limit, start: datetime.date) -> datetime.date:
    """Return the last day on which nothing can be late.

    The same as `last_day`, except for hours: of a day nobody tells the hour, so twelve hours may
    be over on the day on which they began.
    """
    if limit.hours:
        return _plus_days(start, (limit.hours + 1) // _HOURS_A_DAY - 1)
    return last_day(limit, start)


def soonest_end(limit: Limit, start: datetime.date) -> datetime.date:
    """Return the first day on which a limit that began on `start` can end."""
    if limit.hours:
        return _plus_days(start, (limit.hours + 1) // _HOURS_A_DAY)
    return last_day(limit, start)


def day_before(day: datetime.date) -> datetime.date:
    """Return the day before: the last one of a period whose first day counts."""
    return _plus_days(day, -1)


def moved(day: datetime.date, holidays: DaysOff | None = None) -> datetime.date:
    """Return the day itself if it is a working day, else the next one."""
    known = holidays or days_off()
    while not known.is_working_day(day) and day < datetime.date.max:
        day = _plus_days(day, 1)
    return day


def moved_at_latest(day: datetime.date, holidays: DaysOff | None = None) -> datetime.date:
    """Return the same; of a year whose days off are not known, a day that is surely late enough."""
    known = holidays or days_off()
    after = moved(day, known)
    return after if known.holds(after) else _plus_days(after, _LONGEST_HOLIDAY_DAYS)


def _plus_months(start: datetime.date, months: int) -> datetime.date:
    """Count to the same day of a later month.

    Where that month has no such day, and where the period began on the last day of a month, to the
    last day of that month.
    """
    if not months:
        return start
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > datetime.MAXYEAR:
        return datetime.date.max
    last = calendar.monthrange(year, month + 1)[1]
    begins_at_end = start.day == calendar.monthrange(start.year, start.month)[1]
    return datetime.date(year, month + 1, last if begins_at_end else min(start.day, last))


def _plus_days(day: datetime.date, days: int) -> datetime.date:
    try:
        return day + datetime.timedelta(days=days)
    except OverflowError:
        return datetime.date.max if days > 0 else datetime.date.min
