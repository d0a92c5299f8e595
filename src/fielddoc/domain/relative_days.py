"""Days told from today: "last Tuesday", "three days ago", 上周二, 前天, 去年.

Chinese says which week it means: 上周二 is the Tuesday of last week, whatever day today is. In
English people differ, so "last Tuesday" is the latest Tuesday before today, and the field reads
the day back for the person to see. A weekday alone lies in the past, or is today: what is recorded
has happened.
"""

import datetime
import re
from collections.abc import Callable
from datetime import date, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS_CHINESE = "一二三四五六日"
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
} | {"a": 1, "an": 1, "a couple of": 2}

_NUMBER = rf"(?P<number>[0-9]{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_WEEKDAY = rf"(?P<weekday>{'|'.join(f'{name}|{name[:3]}' for name in _WEEKDAYS)}|tues|thurs)\.?"
_HOURS = r"(?: (?:morning|noon|afternoon|evening|night))?"
_HOURS_CHINESE = r"(?:早上|早晨|清晨|上午|中午|下午|傍晚|晚上|夜里|夜间|凌晨|晚|夜|早)?"
_WEEK = r"(?:周|星期|礼拜)"
_WEEKDAY_CHINESE = rf"{_WEEK}(?P<weekday>[{_WEEKDAYS_CHINESE}天])"

_DAYS_AWAY = {
    0: rf"today|this (?:morning|afternoon|evening)|tonight|(?:今天|今日){_HOURS_CHINESE}|今[早晚晨]",
    -1: rf"yesterday{_HOURS}|last night|(?:昨天|昨日){_HOURS_CHINESE}|昨[晚夜晨]",
    -2: rf"(?:the )?day before yesterday|前[天日]{_HOURS_CHINESE}|前[晚夜]",
    -3: rf"大前天{_HOURS_CHINESE}",
    1: rf"tomorrow{_HOURS}|(?:明天|明日){_HOURS_CHINESE}|明[早晚]",
    2: rf"(?:the )?day after tomorrow|后天{_HOURS_CHINESE}",
}


def from_today(words: str, today: date) -> str | None:
    """Return the day, month or year that the words tell as EDTF, or None if they tell none.

    Args:
        words: lower case, half-width, simplified, numerals before 天 and its like in digits.
        today: the person's day.
    """
    try:
        for form, found in _FORMS:
            if match := form.fullmatch(words):
                return found(match, today)
    except OverflowError:  # before the first year of the calendar, or behind its last
        return None
    return None


def _days_away(days: int) -> Callable[[re.Match[str], date], str]:
    return lambda _, today: (today + timedelta(days=days)).isoformat()


def _ago(days: int) -> Callable[[re.Match[str], date], str]:
    def found(match: re.Match[str], today: date) -> str:
        written = match["number"]
        number = _NUMBERS.get(written) or int(written)
        return (today - timedelta(days=days * number)).isoformat()

    return found


def _latest(days_back: int) -> Callable[[re.Match[str], date], str]:
    """Return what finds the latest such weekday that lies at least so many days back."""

    def found(match: re.Match[str], today: date) -> str:
        last = today - timedelta(days=days_back)
        return (last - timedelta(days=(last.weekday() - _weekday(match)) % 7)).isoformat()

    return found


def _in_week(weeks: int) -> Callable[[re.Match[str], date], str]:
    """Return what finds a weekday of the week so many weeks away; weeks begin on Monday."""

    def found(match: re.Match[str], today: date) -> str:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
        return (monday + timedelta(days=_weekday(match))).isoformat()

    return found


def _weekday(match: re.Match[str]) -> int:
    name = match["weekday"]
    if name in "天日":
        return 6
    if name in _WEEKDAYS_CHINESE:
        return _WEEKDAYS_CHINESE.index(name)
    return [weekday[:3] for weekday in _WEEKDAYS].index(name[:3])


def _months_away(months: int) -> Callable[[re.Match[str], date], str]:
    def found(_: re.Match[str], today: date) -> str:
        year, month = divmod(12 * today.year + today.month - 1 + months, 12)
        return _in_calendar(year, f"-{month + 1:02}")

    return found


def _years_away(years: int) -> Callable[[re.Match[str], date], str]:
    return lambda _, today: _in_calendar(today.year + years, "")


def _in_calendar(year: int, rest: str) -> str:
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        raise OverflowError
    return f"{year:04}{rest}"


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], str]], ...] = tuple(
    (re.compile(form), found)
    for form, found in (
        *((form, _days_away(days)) for days, form in _DAYS_AWAY.items()),
        (rf"{_NUMBER} days? ago", _ago(1)),
        (rf"{_NUMBER} weeks? ago", _ago(7)),
        (r"(?P<number>[0-9]{1,3})[天日](?:以前|之前|前)", _ago(1)),
        (rf"(?P<number>[0-9]{{1,3}})个?{_WEEK}(?:以前|之前|前)", _ago(7)),
        (rf"(?:last|this past|the past) {_WEEKDAY}{_HOURS}", _latest(1)),
        (rf"{_WEEKDAY}{_HOURS}", _latest(0)),
        (rf"{_WEEKDAY_CHINESE}{_HOURS_CHINESE}", _latest(0)),
        (rf"{_WEEKDAY} (?:of )?last week{_HOURS}", _in_week(-1)),
        (rf"this {_WEEKDAY}{_HOURS}", _in_week(0)),
        (rf"next {_WEEKDAY}{_HOURS}", _in_week(1)),
        (rf"上上个?{_WEEKDAY_CHINESE}{_HOURS_CHINESE}", _in_week(-2)),
        (rf"上个?{_WEEKDAY_CHINESE}{_HOURS_CHINESE}", _in_week(-1)),
        (rf"[本这]个?{_WEEKDAY_CHINESE}{_HOURS_CHINESE}", _in_week(0)),
        (rf"下个?{_WEEKDAY_CHINESE}{_HOURS_CHINESE}", _in_week(1)),
        (r"last month|上个?月", _months_away(-1)),
        (r"this month|[本这]个?月", _months_away(0)),
        (r"last year|去年", _years_away(-1)),
        (r"this year|今年", _years_away(0)),
        (r"前年", _years_away(-2)),
    )
)
