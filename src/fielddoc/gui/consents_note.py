"""What those have agreed to for whom an action is addressed to an authority, above its form."""

from collections.abc import Mapping

from PySide6.QtCore import Slot

from fielddoc.domain.canonical import Json
from fielddoc.domain.visible import visible
from fielddoc.gui.note import Note
from fielddoc.gui.session import Session
from fielddoc.i18n import language_of_system, t_, translate
from fielddoc.vault.consents import HEADING, consents_for, people_spoken_for
from fielddoc.vault.vault import Vault

_MOST_PEOPLE = 4
"""A letter may speak for hundreds, and the form below must stay in sight."""


class ConsentsNote(Note):
    """Takes no room where nobody is spoken for."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._people: tuple[str, ...] = ()
        self._values: Mapping[str, Json] = {}
        self.hide()
        session.record_changed.connect(self._renew)

    def show_for(self, type_name: str, values: Mapping[str, Json]) -> None:
        """Show it for what stands in the form; asked of the vault when the people change."""
        people = people_spoken_for(type_name, values)
        if people == self._people:
            return
        self._people, self._values = people, dict(values)
        self._renew()

    @Slot()
    def _renew(self) -> None:
        people, values = self._people, self._values
        if not people:
            self.hide()
            return
        language = language_of_system()

        def step(vault: Vault) -> list[str]:
            return consents_for(vault, "action", values, language)

        def show(lines: list[str]) -> None:
            if people == self._people:
                self._show_lines(lines)

        self._session.ask(self, step, show)

    def _show_lines(self, lines: list[str]) -> None:
        shown = [visible(line) for line in lines[:_MOST_PEOPLE]]
        if len(lines) > _MOST_PEOPLE:
            shown.append(t_("{count} more").format(count=len(lines) - _MOST_PEOPLE))
        if shown:
            self.show_text("\n".join([translate(HEADING), *shown]))
        else:
            self.hide()
