"""Dates as far as they are known: "15 August 2022", "about August 2022", "since 13 August 2017".

Stored as a strict subset of EDTF (ISO 8601-2, levels 0 and 1), typed in plain English or Chinese,
read back in words. `parse_edtf` takes the stored form only, so a value that came from elsewhere is
either exactly one of ours or refused; `parse_typed` is the lenient door for a person's keyboard.

What a date says about time is the interval from `earliest` to `latest`, both days included. None
stands for an end that is open (`..`) or not known (empty).
"""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum, auto

from fielddoc.domain.relative_days import from_today
from fielddoc.i18n import N_, translate

MAX_CHARACTERS = 64
"""Longer text is refused before anything looks at it; the longest valid form has 23."""


class Precision(Enum):
    """How much of the date is known."""

    DAY = auto()
    MONTH = auto()
    SEASON = auto()
    YEAR = auto()
    DECADE = auto()
    CENTURY = auto()
    UNKNOWN = auto()
    INTERVAL = auto()


class Reason(StrEnum):
    """Why a text is no date. Stable: machines and tests look at these."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    FORM = "form"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    REVERSED = "reversed"
    AMBIGUOUS = "ambiguous"


_SENTENCES = {
    Reason.EMPTY: N_("There is no date."),
    Reason.TOO_LONG: N_("This is too long for a date."),
    Reason.FORM: N_("This is not understood as a date. Write for example: 15 August 2022."),
    Reason.YEAR: N_("Write the year with four digits, for example 2022."),
    Reason.MONTH: N_("There is no such month."),
    Reason.DAY: N_("This month has no such day."),
    Reason.REVERSED: N_("The end lies before the beginning."),
    Reason.AMBIGUOUS: N_("Day and month can be confused here. Write the month as a word."),
}


class PartialDateError(ValueError):
    """The text is no date. Says why, and never repeats the text: it may come from a record."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(_SENTENCES[reason])

    def sentence(self, language: str | None = None) -> str:
        """Return what is wrong, in the person's language."""
        return translate(_SENTENCES[self.reason], language)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date as far as it is known; made by `parse_edtf` and `parse_typed` only.

    `approximate` (`~`) and `uncertain` (`?`) are marks and do not widen the interval: EDTF gives
    them no width, and any width of ours would be an invented fact that other readers of the same
    record would not share. Whoever counts days must ask for the marks too.

    Attributes:
        edtf: The text in EDTF, exactly as parsed.
        earliest: First possible day; None when the beginning is open or not known.
        latest: Last possible day; None when the end is open or not known.
        start: The date before the slash of an interval.
        end: The date after the slash of an interval.
    """

    edtf: str
    precision: Precision
    earliest: date | None
    latest: date | None
    approximate: bool = False
    uncertain: bool = False
    start: "PartialDate | None" = None
    end: "PartialDate | None" = None

    @property
    def sort_key(self) -> str:
        """Text that orders dates alike in Python and in a database column.

        By first possible day, then the narrower first. A date known only by its end stands right
        before that end; a wholly unknown one stands last.
        """
        anchor = self.earliest or self.latest or date.max
        begins = 1 if self.earliest else 0
        return f"{anchor} {begins} {self.latest or date.max} {self.edtf}"


def days_between(first: PartialDate, second: PartialDate) -> tuple[int | None, int | None]:
    """Return the least and the greatest number of days from `first` to `second`.

    None where an open or unknown end leaves no bound. Negative when `second` can lie before
    `first`. For something lasting, pass its `start`: the days since `2017-08-13/..` are counted
    from `2017-08-13`. Marks do not count; see `PartialDate`.
    """
    return _days(first.latest, second.earliest), _days(first.earliest, second.latest)


def _days(first: date | None, second: date | None) -> int | None:
    return (second - first).days if first and second else None


# --- the stored form -----------------------------------------------------------------------------

_SIMPLE = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX|XXXX)"
    r"(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?"
    r"(?P<mark>[~?%])?"
)
# ISO 8601-2 gives the seasons numbers but no months. These are the meteorological ones of the
# north. Winter runs into the next year, so `describe` names its months.
_SEASON_STARTS = {21: 3, 22: 6, 23: 9, 24: 12}


def parse_edtf(text: str) -> PartialDate:
    """Return the date that `text` writes in our subset of EDTF.

    Taken: `2022`, `2022-08`, `2022-08-15`; seasons `2022-21` (spring) to `2022-24` (winter);
    unspecified digits from the right (`2022-08-XX`, `2022-XX-XX`, `2022-XX`, `202X`, `20XX`,
    `XXXX`); a mark behind any of them but the last (`~` approximate, `?` uncertain, `%` both); and
    `a/b` of two such dates, where one side may be `..` (open) or empty (not known).

    Raises:
        PartialDateError: Anything else.
    """
    if len(text) > MAX_CHARACTERS:
        raise PartialDateError(Reason.TOO_LONG)
    if not text:
        raise PartialDateError(Reason.EMPTY)
    start, slash, end = text.partition("/")
    return _interval(start, end) if slash else _simple(text)


def _interval(start_text: str, end_text: str) -> PartialDate:
    start, end = _interval_end(start_text), _interval_end(end_text)
    if start is None and end is None:
        raise PartialDateError(Reason.FORM)  # it would say nothing; the unknown date is XXXX
    earliest = start.earliest if start else None
    latest = end.latest if end else None
    if earliest and latest and earliest > latest:
        raise PartialDateError(Reason.REVERSED)
    return PartialDate(
        edtf=f"{start_text}/{end_text}",
        precision=Precision.INTERVAL,
        earliest=earliest,
        latest=latest,
        approximate=any(side.approximate for side in (start, end) if side),
        uncertain=any(side.uncertain for side in (start, end) if side),
        start=start,
        end=end,
    )


def _interval_end(text: str) -> PartialDate | None:
    if text in ("", ".."):
        return None
    end = _simple(text)
    if end.precision is Precision.UNKNOWN:
        raise PartialDateError(Reason.FORM)  # an empty side already says "not known"
    return end


def _simple(text: str) -> PartialDate:
    match = _SIMPLE.fullmatch(text)
    if match is None:
        raise PartialDateError(Reason.FORM)
    year, month, day, mark = match.group("year", "month", "day", "mark")
    if ("X" in year and month) or (month == "XX" and day not in (None, "XX")):
        raise PartialDateError(Reason.FORM)
    if year == "XXXX":
        if mark:
            raise PartialDateError(Reason.FORM)
        return PartialDate(edtf=text, precision=Precision.UNKNOWN, earliest=None, latest=None)
    precision, earliest, latest = _bounds(year, month, day)
    return PartialDate(
        edtf=text,
        precision=precision,
        earliest=earliest,
        latest=latest,
        approximate=mark in ("~", "%"),
        uncertain=mark in ("?", "%"),
    )


def _bounds(year: str, month: str | None, day: str | None) -> tuple[Precision, date, date]:
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if last_year == 0:
        raise PartialDateError(Reason.YEAR)
    if month is None or month == "XX":
        precision = {0: Precision.YEAR, 1: Precision.DECADE, 2: Precision.CENTURY}[year.count("X")]
        # The calendar of `datetime` has no year 0, so the first decade begins with year 1.
        return precision, date(max(first_year, 1), 1, 1), date(last_year, 12, 31)
    if int(month) in _SEASON_STARTS and day is None:
        return _season(first_year, int(month))
    if not 1 <= int(month) <= 12:
        raise PartialDateError(Reason.MONTH)
    first = date(first_year, int(month), 1)
    last = _month_end(first)
    if day is None or day == "XX":
        return Precision.MONTH, first, last
    if not 1 <= int(day) <= last.day:
        raise PartialDateError(Reason.DAY)
    exact = first.replace(day=int(day))
    return Precision.DAY, exact, exact


def _season(year: int, season: int) -> tuple[Precision, date, date]:
    first = date(year, _SEASON_STARTS[season], 1)
    if first.month < 12:
        return Precision.SEASON, first, _month_end(first.replace(month=first.month + 2))
    if year == date.max.year:
        return Precision.SEASON, first, date.max
    return Precision.SEASON, first, _month_end(date(year + 1, 2, 1))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


# --- what a person types -------------------------------------------------------------------------

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_SEASONS = ("spring", "summer", "autumn", "winter")
_SEASONS_CHINESE = "春夏秋冬"

_MONTH_NUMBERS = (
    {name.lower(): number for number, name in enumerate(_MONTHS, 1)}
    | {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)}
    | {"sept": 9}
)
_SEASON_NUMBERS = (
    {name: number for number, name in enumerate(_SEASONS, 21)}
    | {name: number for number, name in enumerate(_SEASONS_CHINESE, 21)}
    | {"fall": 23}
)
_UNKNOWN = {
    *("unknown", "date unknown", "not known", "no date"),
    *("不详", "日期不详", "不明", "未知", "不知道"),
}
# Only characters that the patterns below look for.
_SIMPLIFIED = str.maketrans("約號後來詳從間為開許週禮個這裡", "约号后来详从间为开许周礼个这里")
_CHINESE_DIGITS = {"〇": 0, "零": 0, "○": 0, "两": 2, "兩": 2} | {
    digit: number for number, digit in enumerate("一二三四五六七八九", 1)
}


def parse_typed(text: str, today: date | None = None) -> PartialDate:
    """Return the date that a person typed in English, in Chinese, or in EDTF.

    Parts of a month or year ("mid-August 2022", 8月中旬, 年底) become the whole one marked
    approximate: EDTF has no finer word, and days nobody told must not stand in a record. Keep the
    typed words beside the date.

    "before X" is `/` and the unit just before X ("before 2022" is `/2021`, "before 5 Nov 2021" is
    `/2021-11-04`), "after X" is the unit just behind it and `/`; "no later than", "no earlier than"
    and 不晚于, 不早于 include X. The beginning is left empty, not open, because one event on an
    unknown day is meant; "since" and "until" mean something lasting and are open (`..`).

    Days told from today ("yesterday", "last Tuesday", 三天前, 上周二) are understood if `today` is
    given; see `relative_days`.

    Raises:
        PartialDateError: It is no date, or could be two: `05/08/2022`.
    """
    if len(text) > MAX_CHARACTERS:
        raise PartialDateError(Reason.TOO_LONG)
    words = _normalised(text)
    if len(words) > MAX_CHARACTERS:  # one character can become eighteen under NFKC
        raise PartialDateError(Reason.TOO_LONG)
    if words in _UNKNOWN:
        return parse_edtf("XXXX")
    if today and (relative := from_today(words, today)):
        return parse_edtf(relative)  # before the patterns: 三天前 is no "before"
    try:
        return parse_edtf(words.upper())
    except PartialDateError as error:
        if error.reason is not Reason.FORM:
            raise
    for pattern, build in _INTERVALS:
        if match := pattern.fullmatch(words):
            return build(*(_typed_simple(part, today) for part in match.groups()))
    return _typed_simple(words, today)


def _normalised(text: str) -> str:
    """Half-width, simplified, lower case, single blanks; no blanks at all in Chinese."""
    words = " ".join(unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).lower().split())
    if re.search(r"[\u3007\u4e00-\u9fff]", words):
        words = words.replace(" ", "")
    return _CHINESE_NUMBER.sub(_western_digits, words)


_CHINESE_NUMBER = re.compile(
    r"([〇零○一二两兩三四五六七八九十]+)(?=[年月日号]|[天日](?:以|之)?前|个?(?:周|星期|礼拜)(?:以|之)?前)"
)


def _western_digits(match: re.Match[str]) -> str:
    """Rewrite the numerals of Chinese judgments: 二〇二二, 十一, 三十."""
    tens, ten, ones = match[1].partition("十")
    if not ten:
        return "".join(str(_CHINESE_DIGITS[digit]) for digit in tens)
    if len(tens) > 1 or len(ones) > 1 or ones == "十":
        return match[1]
    return str(10 * _CHINESE_DIGITS.get(tens, 1) + _CHINESE_DIGITS.get(ones, 0))


def _since(first: PartialDate) -> PartialDate:
    return parse_edtf(f"{first.edtf}/..")


def _until(last: PartialDate) -> PartialDate:
    return parse_edtf(f"../{last.edtf}")


def _no_earlier(first: PartialDate) -> PartialDate:
    return parse_edtf(f"{first.edtf}/")


def _no_later(last: PartialDate) -> PartialDate:
    return parse_edtf(f"/{last.edtf}")


def _from_to(first: PartialDate, last: PartialDate) -> PartialDate:
    return parse_edtf(f"{first.edtf}/{last.edtf}")


def _before(limit: PartialDate) -> PartialDate:
    if limit.approximate or limit.uncertain or limit.earliest is None:
        return _no_later(limit)  # nothing exact to step back from
    if limit.earliest == date.min:
        raise PartialDateError(Reason.YEAR)
    return parse_edtf("/" + _cut(limit.earliest - timedelta(days=1), limit.precision))


def _after(limit: PartialDate) -> PartialDate:
    if limit.approximate or limit.uncertain or limit.latest is None:
        return _no_earlier(limit)
    if limit.latest == date.max:
        raise PartialDateError(Reason.YEAR)
    return parse_edtf(_cut(limit.latest + timedelta(days=1), limit.precision) + "/")


def _cut(day: date, precision: Precision) -> str:
    return day.isoformat()[: {Precision.YEAR: 4, Precision.MONTH: 7}.get(precision, 10)]


_INTERVALS: tuple[tuple[re.Pattern[str], Callable[..., PartialDate]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (r"since (.+)", _since),
        (r"(?:until|till|up to) (.+)", _until),
        (r"(?:by|no later than|on or before) (.+)", _no_later),
        (r"(?:no earlier than|on or after) (.+)", _no_earlier),
        (r"before (.+)", _before),
        (r"after (.+)", _after),
        (r"from (.+?) (?:to|until|till) (.+)", _from_to),
        (r"between (.+?) and (.+)", _from_to),
        (r"(.+?) ?[–—] ?(.+)", _from_to),
        (r"([0-9]{4}) ?- ?([0-9]{4})", _from_to),
        (r"不晚于(.+)", _no_later),
        (r"不早于(.+)", _no_earlier),
        (r"直到(.+?)(?:为止)?", _until),
        (r"[自从](.+?)(?:以来|起|至今|开始)", _since),
        (r"(.+?)(?:以来|起|至今)", _since),
        (r"[自从]?(.+?)[至到](.+?)(?:期间|之间|间)?", _from_to),
        (r"(.+?)(?<![0-9][天周])(?<!个星期|个礼拜)(?:以前|之前|前)", _before),
        (r"(.+?)(?:以后|之后|(?<!前)后)", _after),
    )
)

_MARKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), mark)
    for pattern, mark in (
        (r"(?:possibly|probably|perhaps|maybe) (.+)|(?:可能|也许)[是在]?(.+)|(.+?) ?\?", "?"),
        (r"(?:about|around|circa|approximately|approx\.?|roughly|ca?\.) ?(.+)", "~"),
        (r"(?:大约|大概|约)[在是]?(.+?)(?:左右|前后)?|(.+?)(?:左右|前后|上下)", "~"),
    )
)
_PART = re.compile(
    r"(?:(?:beginning|start|middle|end) of|(?:early|mid|late)(?: in)?)[ -]+(?:the )?(.+)"
    r"|(.+?年(?:.{1,2}月)?)(?:初|中|底|末)"
    r"|(.+月)(?:上旬|中旬|下旬)"
)
_FILLER = re.compile(r"(?:(?:some ?time|at|in|on|during|the) )*(.+?)(?:期间|之间|间)?")

_ENGLISH_MONTH = rf"(?P<month_name>{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\.?"
_YEAR = r"(?P<year>[0-9]{4})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}年?",
        rf"{_ENGLISH_MONTH},? {_YEAR}",
        rf"{_ENGLISH_MONTH} {_DAY}(?:st|nd|rd|th)?(?:, ?| ){_YEAR}",
        rf"{_DAY}(?:st|nd|rd|th)?[ -]?(?:of )?{_ENGLISH_MONTH}(?:, ?|[ -]){_YEAR}",
        rf"(?P<season>spring|summer|autumn|fall|winter),? (?:of )?{_YEAR}",
        rf"{_YEAR}年(?P<season>[{_SEASONS_CHINESE}])[天季]?",
        rf"{_YEAR}年{_MONTH}月(?:{_DAY}[日号]?)?",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        rf"{_YEAR}(?P<separator>[-/.]){_MONTH}(?:(?P=separator){_DAY})?",
        rf"some (?P<no_day>day) in (?:{_ENGLISH_MONTH} )?{_YEAR}",
        rf"some (?P<no_month>month) in {_YEAR}",
        rf"{_YEAR}年(?:{_MONTH}月)?(?P<no_day>某[日天])",
        rf"{_YEAR}年(?P<no_month>某月)",
    )
)
_DECADE = re.compile(r"([0-9]{3})0(?:s|年代)")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")


def _typed_simple(words: str, today: date | None) -> PartialDate:
    """Return the date of `words` without an interval, its marks taken off first and set last."""
    words, marks = _bare(words), set[str]()
    for pattern, mark in _MARKS:
        if match := pattern.fullmatch(words):
            words = _bare(_only_group(match))
            marks.add(mark)
    part = _PART.fullmatch(words)
    plain = _plain(_only_group(part) if part else words, today)
    if part:
        if plain.precision is Precision.DAY:
            raise PartialDateError(Reason.FORM)  # EDTF cannot write "late on 15 August"
        marks.add("~")
    return parse_edtf(plain.edtf + ("%" if len(marks) == 2 else "".join(marks)))


def _bare(words: str) -> str:
    match = _FILLER.fullmatch(words)
    return match[1] if match else words


def _plain(words: str, today: date | None) -> PartialDate:
    if today and (relative := from_today(words, today)):
        return parse_edtf(relative)
    for form in _FORMS:
        if match := form.fullmatch(words):
            return _from_groups(match.groupdict())
    if match := _DECADE.fullmatch(words):
        return parse_edtf(f"{match[1]}X")
    if match := _YEAR_LAST.fullmatch(words):
        return _year_last(int(match[1]), int(match[3]), match[4])
    digits_but_no_year = re.search(r"[0-9]", words) and not re.search(r"[0-9]{4}", words)
    raise PartialDateError(Reason.YEAR if digits_but_no_year else Reason.FORM)


def _only_group(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def _from_groups(groups: dict[str, str | None]) -> PartialDate:
    text = groups["year"] or ""
    month, month_name, day = (groups.get(name) for name in ("month", "month_name", "day"))
    if season := groups.get("season"):
        return parse_edtf(f"{text}-{_SEASON_NUMBERS[season]}")
    if groups.get("no_month"):
        return parse_edtf(f"{text}-XX")
    number = _MONTH_NUMBERS[month_name] if month_name else int(month) if month else None
    if number is not None and not 1 <= number <= 12:
        raise PartialDateError(Reason.MONTH)  # 2022/21 is a slip, not spring
    if groups.get("no_day"):
        return parse_edtf(f"{text}-{'XX' if number is None else f'{number:02}'}-XX")
    if number is not None:
        text += f"-{number:02}"
    if day is not None:
        text += f"-{int(day):02}"
    return parse_edtf(text)


def _year_last(first: int, second: int, year: str) -> PartialDate:
    """Take 15/08/2022, which can be read in one way only, and refuse 05/08/2022."""
    readings = {f"{year}-{month:02}-{day:02}" for day, month in ((first, second), (second, first))}
    dates = [parsed for reading in readings if (parsed := _valid(reading))]
    if len(dates) > 1:
        raise PartialDateError(Reason.AMBIGUOUS)
    if not dates:
        raise PartialDateError(Reason.DAY)
    return dates[0]


def _valid(text: str) -> PartialDate | None:
    try:
        parsed = parse_edtf(text)
    except PartialDateError:
        return None
    return parsed if parsed.precision is Precision.DAY else None


# --- words ---------------------------------------------------------------------------------------


def describe(value: PartialDate, language: str = "en") -> str:
    """Read the date back in words, in English or, for any Chinese `language`, in 简体."""
    chinese = language.startswith("zh")
    if value.precision is Precision.INTERVAL:
        return _interval_in_chinese(value) if chinese else _interval_in_english(value)
    words = _in_chinese(value) if chinese else _in_english(value)
    vague = value.precision in (Precision.MONTH, Precision.YEAR) and "X" not in value.edtf
    if vague and not value.approximate and not value.uncertain:
        if chinese:  # a year alone reads as one, and 间 behind it would be odd
            return words if value.precision is Precision.YEAR else f"{words}间"
        return f"some time in {words}"
    return words


def _interval_in_english(value: PartialDate) -> str:
    start = _in_english(value.start) if value.start else ""
    end = _in_english(value.end) if value.end else ""
    if start and end:
        return f"from {start} to {end}"
    if start:
        return f"since {start}" if value.edtf.endswith("..") else f"no earlier than {start}"
    return f"until {end}" if value.edtf.startswith("..") else f"no later than {end}"


def _interval_in_chinese(value: PartialDate) -> str:
    start = _in_chinese(value.start) if value.start else ""
    end = _in_chinese(value.end) if value.end else ""
    if start and end:
        return f"{start}至{end}"
    if start:
        return f"自{start}起" if value.edtf.endswith("..") else f"不早于{start}"
    return f"直到{end}" if value.edtf.startswith("..") else f"不晚于{end}"


def _in_english(value: PartialDate) -> str:
    words = _plain_in_english(value)
    if value.approximate:
        words = f"about {words}"
    return f"possibly {words}" if value.uncertain else words


def _in_chinese(value: PartialDate) -> str:
    words = _plain_in_chinese(value)
    if value.approximate:
        words = f"{words}前后"
    return f"可能是{words}" if value.uncertain else words


def _plain_in_english(value: PartialDate) -> str:
    text, first, last = value.edtf.rstrip("~?%"), value.earliest, value.latest
    if first is None or last is None:
        return "date unknown"
    year, month = text[:4], _MONTHS[first.month - 1]
    match value.precision:
        case Precision.DAY:
            return f"{first.day} {month} {year}"
        case Precision.MONTH:
            return f"some day in {month} {year}" if "X" in text else f"{month} {year}"
        case Precision.SEASON if first.month == 12:
            return f"winter {year} (December {year} to February {last.year:04})"
        case Precision.SEASON:
            return f"{_SEASONS[int(text[5:7]) - 21]} {year}"
        case Precision.DECADE:
            return f"the {year.replace('X', '0')}s"
        case Precision.CENTURY:
            return f"the years {first.year:04} to {last.year:04}"
        case _:
            unspecified = {7: f"some month in {year}", 10: f"some day in {year}"}
            return unspecified.get(len(text), year)


def _plain_in_chinese(value: PartialDate) -> str:
    text, first, last = value.edtf.rstrip("~?%"), value.earliest, value.latest
    if first is None or last is None:
        return "日期不详"
    year = f"{text[:4]}年"
    match value.precision:
        case Precision.DAY:
            return f"{year}{first.month}月{first.day}日"
        case Precision.MONTH:
            return f"{year}{first.month}月{'某日' if 'X' in text else ''}"
        case Precision.SEASON if first.month == 12:
            return f"{year}冬（{year}12月至{last.year:04}年2月）"
        case Precision.SEASON:
            return f"{year}{_SEASONS_CHINESE[int(text[5:7]) - 21]}"
        case Precision.DECADE:
            return f"{year.replace('X', '0')}代"
        case Precision.CENTURY:
            return f"{first.year:04}年至{last.year:04}年之间"
        case _:
            return year + {7: "某月", 10: "某日"}.get(len(text), "")
