"""Commands about templates."""

import argparse

from fielddoc.cli.terminal import note, padded, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.record_types import record_type
from fielddoc.domain.visible import visible
from fielddoc.errors import RecordNotFoundError
from fielddoc.i18n import N_, translate
from fielddoc.vault import records, templates


def keep(options: argparse.Namespace) -> None:
    """Keep a record's values as a template."""
    with unlocked(options) as vault:
        if records.type_of(vault, options.id) is None:
            raise RecordNotFoundError(name=options.id)
        kept = templates.keep_template(vault, options.name, options.id)
    if options.json:
        say_json({"name": kept.name, "type": kept.type})
    else:
        say(translate(N_("Kept as the template {name}.")).format(name=visible(kept.name)))


def list_(options: argparse.Namespace) -> None:
    """List templates."""
    with unlocked(options) as vault:
        found = templates.templates(vault)
    if options.json:
        say_json([{"name": one.name, "type": one.type} for one in found])
        return
    for one in found:
        declared = record_type(one.type)
        say(
            f"{padded(translate(declared.label) if declared else one.type, 10)}  {visible(one.name)}"
        )
    if not found:
        note(translate(N_("There is no template.")))


def use(options: argparse.Namespace) -> None:
    """Write a new record from a template, and print its id."""
    with unlocked(options) as vault:
        made = templates.new_from_template(vault, options.name)
    say_json({"id": made}) if options.json else say(made)


def remove(options: argparse.Namespace) -> None:
    """Forget a template."""
    with unlocked(options) as vault:
        templates.remove_template(vault, options.name)
    if options.json:
        say_json({"removed": options.name})
    else:
        say(translate(N_("The template is forgotten. Records made from it stay.")))
