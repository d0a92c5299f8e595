"""The bill of materials as CycloneDX 1.6 JSON, the same bytes for the same parts."""

import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Any

from freeze.part import Part

_NAMESPACE = uuid.UUID("6b8f3a52-0c6e-5d5e-9c0d-4b7f0a4d2c11")  # ours, chosen once


def as_json(parts: Sequence[Part], *, moment: int) -> str:
    """Return the bill as text.

    Args:
        parts: everything that ships, the program itself among it.
        moment: the time that stands in it, in seconds since 1970.
    """
    (own,) = [part for part in parts if part.name == "fielddoc"]
    others = [part for part in parts if part is not own]
    named = {part.name.lower(): _reference(part) for part in parts if not part.inside}
    held: dict[str, list[str]] = {}
    for part in others:
        owner = named.get(part.inside.lower(), _reference(own)) if part.inside else _reference(own)
        held.setdefault(owner, []).append(_reference(part))
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(),
            "component": _component(own, "application"),
        },
        "components": [_component(part, "library") for part in others],
        "dependencies": [
            {"ref": owner, "dependsOn": sorted(references)}
            for owner, references in sorted(held.items())
        ],
    }
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(_NAMESPACE, json.dumps(bill, sort_keys=True))}"
    return json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _reference(part: Part) -> str:
    """Return what tells a part from every other; two OpenSSLs may even have one version."""
    return "/".join(word for word in (part.inside, part.name, part.version) if word)


def _component(part: Part, kind: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": kind,
        "bom-ref": _reference(part),
        "name": part.name,
        "licenses": [{"expression": part.licence}],
    }
    if part.version:
        component["version"] = part.version
    if part.address:
        component["purl"] = part.address
    if part.inside:
        component["properties"] = [{"name": "fielddoc:inside", "value": part.inside}]
    return component
