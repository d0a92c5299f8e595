"""One function finds the program's data in a checkout and in a wheel; check_frozen.py: frozen."""

import subprocess
import sys
import zipfile
from pathlib import Path

from fielddoc.resources import resource

ROOT = Path(__file__).parents[2]


def test_checkout_has_its_data_beside_the_source() -> None:
    assert resource() == ROOT / "resources"
    assert resource("schema", "schema-1.sql").is_file()


def test_wheel_brings_the_same_data_and_finds_it(tmp_path: Path) -> None:
    built = tmp_path / "built"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = built.glob("*.whl")
    installed = tmp_path / "site packages 资料"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r});"
        "from fielddoc.resources import resource; from fielddoc.i18n import translate;"
        "print(resource().relative_to(sys.path[0])); print(translate('Records', 'zh_CN'))"
    )
    # -S: without the editable install of this checkout.
    said = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert said[0] == "fielddoc/resources_data"
    assert said[1] != "Records"
    packed = installed / "fielddoc" / "resources_data"
    for path in (ROOT / "resources").rglob("*"):
        if path.is_file():
            assert (packed / path.relative_to(ROOT / "resources")).read_bytes() == path.read_bytes()
