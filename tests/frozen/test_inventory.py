"""What ships: the packages, their bill of materials, the words of their licences."""

import json
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from freeze import inventory, licences, sbom, wheels
from freeze.part import Part

ROOT = Path(__file__).parents[2]
OWN = Part(name="fielddoc", version="1.2", licence="GPL-3.0-or-later")
LIBRARY = Part(name="lib", version="3", licence="MIT", address="pkg:pypi/lib@3")


def inner(version: str, owner: str) -> Part:
    return Part(name="OpenSSL", version=version, licence="Apache-2.0", inside=owner)


def test_everything_that_pyproject_asks_for_ships() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = {canonicalize_name(Requirement(one).name) for one in config["project"]["dependencies"]}

    shipped = set(inventory.shipped_packages())

    assert asked | {"fielddoc"} <= shipped
    assert not shipped & {"pytest", "hypothesis", "pyinstaller", "pycparser"}


def test_licence_of_everything_that_ships_is_known() -> None:
    assert set(inventory.shipped_packages()) == set(inventory.LICENCES)


@pytest.mark.parametrize("target", wheels.TARGETS, ids=lambda target: target.name)
def test_every_target_has_one_pin_for_each_package(target: wheels.Target) -> None:
    """`make check-wheels` fetches them."""
    lines = wheels.pinned(target, "3.11")

    names = [canonicalize_name(line.partition("==")[0]) for line in lines]
    shipped = set(inventory.shipped_packages(wheels.environment(target, "3.11"))) - {"fielddoc"}
    assert len(names) == len(set(names))
    assert shipped | {"pyinstaller"} <= set(names)
    assert all("--hash=sha256:" in line for line in lines)


def test_intel_macs_get_the_last_cryptography_with_a_wheel_for_them() -> None:
    (intel,) = [target for target in wheels.TARGETS if target.name == "macOS 13, Intel"]
    (line,) = [line for line in wheels.pinned(intel, "3.11") if line.startswith("cryptography==")]

    assert line.startswith("cryptography==48.")


def test_bill_names_two_libraries_of_one_name_and_version_apart() -> None:
    other = Part(name="other", version="1", licence="MIT")
    parts = [OWN, LIBRARY, other, inner("3.6.0", "lib"), inner("3.6.0", "other")]

    bill = json.loads(sbom.as_json(parts, moment=1_700_000_000))

    references = [component["bom-ref"] for component in bill["components"]]
    assert len(set(references)) == 4
    assert {"lib/OpenSSL/3.6.0", "other/OpenSSL/3.6.0"} <= set(references)
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    holds = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    assert holds["lib/3"] == ["lib/OpenSSL/3.6.0"]
    assert set(holds["fielddoc/1.2"]) == {"lib/3", "other/1"}


def test_bill_is_the_same_for_the_same_parts_only() -> None:
    first = sbom.as_json([OWN, LIBRARY], moment=1)

    assert sbom.as_json([OWN, LIBRARY], moment=1) == first
    serial = json.loads(first)["serialNumber"]
    assert json.loads(sbom.as_json([OWN], moment=1))["serialNumber"] != serial


def test_part_without_the_words_of_its_licence_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="lib"):
        licences.gather([LIBRARY], tmp_path / "LICENCES")


def test_words_of_licences_are_gathered_with_a_list(tmp_path: Path) -> None:
    text = tmp_path / "LICENSE"
    text.write_text("permission is granted\n", encoding="utf-8")
    part = Part(name="lib", version="3", licence="MIT", texts=(text,))

    licences.gather([part], tmp_path / "LICENCES")

    assert (tmp_path / "LICENCES" / "lib.txt").read_text("utf-8") == "permission is granted\n"
    listed = (tmp_path / "LICENCES" / "README.txt").read_text("utf-8")
    assert "lib 3: MIT; lib.txt" in listed
