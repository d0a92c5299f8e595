"""How the reply to an action stands today, in one sentence above its form."""

import datetime
from collections.abc import Mapping

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import describe
from fielddoc.domain.reply_due import lacks_due_date, no_figure_words, reply_due
from fielddoc.domain.visible import visible
from fielddoc.i18n import t_, translate


def reply_line(
    type_name: str, values: Mapping[str, Json], today: datetime.date, language: str
) -> str:
    """Return by when a reply is due and what says so; empty if none is awaited."""
    if type_name != "action":
        return ""
    if lacks_due_date(values):
        return t_("The law gives a time for the reply. Note when this was received, or by when.")
    found = reply_due(values, today, language)
    if found is None:
        return no_figure_words(values, language)
    words = t_("Reply due: {day}; {how}.").format(
        day=describe(found.due, language), how=translate(found.lateness.value, language)
    )
    return f"{words}  {visible(found.basis)}".strip()
