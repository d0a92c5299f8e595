"""The command about fields of a person's own."""

import argparse

from fielddoc.cli.terminal import note, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import OwnField, OwnKind
from fielddoc.domain.record_types import OWN_FIELD, record_type
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import WrongUseError
from fielddoc.i18n import N_, language_of_system, translate
from fielddoc.vault import own_fields, records


def fields(options: argparse.Namespace) -> None:
    """List the fields that are declared, after declaring one if a label is given."""
    is_choice = options.kind == OwnKind.CHOICE.value
    if options.label is None and (options.types or options.choices or options.help_text):
        raise WrongUseError(reason=N_("a new field needs --label"))
    if options.label is not None and not options.types:
        raise WrongUseError(reason=N_("say with --type where the field stands"))
    if is_choice != bool(options.choices):
        raise WrongUseError(reason=N_("--kind choice goes with --choice, once for each"))
    with unlocked(options) as vault:
        if options.label is not None:
            values: dict[str, Json] = {
                "label": options.label,
                "kind": options.kind,
                "applies_to": list(options.types),
            }
            if options.help_text:
                values["help"] = options.help_text
            if options.choices:
                values["vocabulary"] = list(options.choices)
            records.add(vault, OWN_FIELD.name, values)
        found = own_fields.declared_in(vault)
    if options.json:
        say_json([_as_json(one) for one in found])
        return
    for one in found:
        say(f"{one.id}  {_words(one)}")
    if not found:
        note(translate(N_("No field of your own is declared.")))


def _words(one: OwnField) -> str:
    language = language_of_system()
    places = [translate(known.label) for name in one.applies_to if (known := record_type(name))]
    kind = vocabulary("own-field-kinds").label(one.kind.value, language)
    return f"{visible(one.label)}  ({', '.join(places)}; {kind})"


def _as_json(one: OwnField) -> Json:
    return {
        "id": one.id,
        "label": one.label,
        "kind": one.kind.value,
        "applies_to": list(one.applies_to),
        "choices": list(one.choices),
        "help": one.help,
    }
