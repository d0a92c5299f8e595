"""What the fields of a form need from around them."""

from dataclasses import dataclass

from fielddoc.gui.session import Session
from fielddoc.gui.shell import Shell


@dataclass(frozen=True, slots=True)
class FieldContext:
    """The vault that pickers of linked records ask, and the window that opens what was clicked."""

    session: Session
    shell: Shell
