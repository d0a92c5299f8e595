"""The schema in a bundle says what records really are."""

import json

from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.interchange.json_schema import record_schema, revision_schema


def test_every_record_type_and_field_is_in_the_schema() -> None:
    parts = record_schema()["oneOf"]
    assert isinstance(parts, list)

    for declared, part in zip(RECORD_TYPES, parts, strict=True):
        assert isinstance(part, dict)
        text = json.dumps(part)
        for field in declared.fields:
            assert f'"{field.name}"' in text


def test_a_code_has_its_huridocs_number_beside_it_and_none_where_no_term_is_near() -> None:
    text = json.dumps(record_schema(), sort_keys=True)

    assert '{"const": "torture", "title": "torture", "x-huridocs": "MT04 02011111"}' in text
    assert '{"const": "legal-support", "title": "legal support", "x-huridocs": "MT20 0102"}' in text
    assert '{"const": "family-visit", "title": "visiting families, sending care packages"}' in text


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(revision_schema())) == revision_schema()
