"""argparse in the person's language.

argparse asks the process-wide gettext domain for its own words, in a language that it chooses by
other rules than ours. So nothing global is set: the formatter translates headings, descriptions
and help at the moment of showing them, and `Parser.error` finds argparse's sentence among those
marked here. A sentence that is not among them, of another Python version for example, stays
English. Names of commands, options and placeholders (VAULT) are the same in every language.
"""

import argparse
import re
from collections.abc import Iterable
from typing import NoReturn

from fielddoc.cli.terminal import cells, wrapped
from fielddoc.i18n import N_, translate

WRONG_USAGE = 2

# What argparse itself puts into every help.
HELP_WORDS = (
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
)

# What argparse says when words of a command are wrong, as Python 3.11 to 3.13 word it.
ERROR_SENTENCES = (
    N_("the following arguments are required: {names}"),
    N_("one of the arguments {names} is required"),
    N_("argument {name}: invalid choice: {value} (choose from {choices})"),
    N_("argument {name}: invalid int value: {value}"),
    N_("argument {name}: expected one argument"),
    N_("argument {name}: expected at least one argument"),
    N_("argument {name}: ignored explicit argument {value}"),
    N_("argument {name}: not allowed with argument {other}"),
    N_("ambiguous option: {option} could match {options}"),
    N_("unrecognized arguments: {words}"),
)


def _in_the_persons_language(message: str) -> str:
    for sentence in ERROR_SENTENCES:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence))
        if found := re.fullmatch(pattern, message, flags=re.DOTALL):
            return translate(sentence).format(**found.groupdict())
    return message


class _Formatter(argparse.HelpFormatter):
    """Translates what it shows, and wraps by the width of the characters, not their number."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(
            usage, actions, groups, translate(N_("usage: ")) if prefix is None else prefix
        )

    def start_section(self, heading: str | None) -> None:
        super().start_section(translate(heading) if heading else heading)

    def add_text(self, text: str | None) -> None:
        super().add_text(translate(text) if text else text)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return translate(action.help or "")

    def _split_lines(self, text: str, width: int) -> list[str]:
        if cells(text) == len(text):
            return super()._split_lines(text, width)
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:  # lines that somebody laid out
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return "\n".join(indent + line for line in self._split_lines(text, width - len(indent)))


class WrongWordsError(SystemExit):
    """Words that no command takes; ends the program, unless it is told in another way."""

    def __init__(self, what: str, what_now: str) -> None:
        super().__init__(WRONG_USAGE)
        self.what = what
        self.what_now = what_now


class Parser(argparse.ArgumentParser):
    """Says what is wrong and where help is, instead of printing all usage.

    Its commands are made of the same class.
    """

    def __init__(
        self,
        *,
        prog: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
    ) -> None:
        super().__init__(
            prog=prog, description=description, epilog=epilog, formatter_class=_Formatter
        )

    def error(self, message: str) -> NoReturn:
        """End with the sentence of what is wrong."""
        raise WrongWordsError(_in_the_persons_language(message), f"{self.prog} --help")
