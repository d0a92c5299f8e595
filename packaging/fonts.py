"""Makes the fonts in resources/fonts from Debian's packages of Noto: `make fonts`.

Windows and macOS have fonts for Chinese, Tibetan and Uyghur; a Linux laptop often has none, and
whoever types must see what. Needs fontTools and dpkg-deb, and on Debian apt-get; the packages are
those of Debian 12, so that the files that come out are always the same.

    python packaging/fonts.py FOLDER     FOLDER is where the two packages lie or are put
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-not-found]
from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-not-found]

TARGET = Path(__file__).resolve().parent.parent / "resources" / "fonts"
PACKAGES = {
    "fonts-noto-cjk": "4a2515eb6db3978b897fef9709ed0d2b1f4c6c4df4d83d6c4ef65f71f1b1f502",
    "fonts-noto-core": "58f4f0bb6720f919f92096b3508e1412a0f1544424ade6c5b5bf1eb694dd64ba",
}
CHINESE = "fielddoc Sans SC"
"""What the subset calls itself, so that a whole Noto Sans CJK of the system is preferred to it."""
_NAMES_OF_FAMILY = (1, 4, 16)
_YEAR_IN_SECONDS = 3_471_292_800  # 2014-01-01 since 1904: any fixed time, so that builds are equal


def main() -> None:
    """Write the fonts."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    TARGET.mkdir(exist_ok=True)
    unpacked = folder / "unpacked"
    for name, sha256 in PACKAGES.items():
        package = _package(folder, name, sha256)
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
    noto = unpacked / "usr" / "share" / "fonts"
    _chinese(noto / "opentype" / "noto" / "NotoSansCJK-Regular.ttc")
    for name in ("NotoSerifTibetan-Regular.ttf", "NotoNaskhArabic-Regular.ttf"):
        _whole(noto / "truetype" / "noto" / name)


def _package(folder: Path, name: str, sha256: str) -> Path:
    found = sorted(folder.glob(f"{name}_*.deb"))
    if not found:
        subprocess.run(["apt-get", "download", name], cwd=folder, check=True)
        found = sorted(folder.glob(f"{name}_*.deb"))
    package = found[-1]
    if hashlib.sha256(package.read_bytes()).hexdigest() != sha256:
        sys.exit(f"{package.name} is not the package that these fonts are made of")
    return package


def _chinese(collection: Path) -> None:
    """Keep what GBK can write, which holds rare characters of names, and traditional ones."""
    font: TTFont = next(
        font
        for font in TTCollection(str(collection)).fonts
        if font["name"].getDebugName(1) == "Noto Sans CJK SC"
    )
    kept = set(range(0x20, 0x7F))
    for first in range(0x81, 0xFF):
        for second in range(0x40, 0xFF):
            text = bytes((first, second)).decode("gbk", errors="ignore")
            kept.update(map(ord, text))
    _cut(font, kept, features=[])
    for record in font["name"].names:
        if record.nameID in _NAMES_OF_FAMILY:
            record.string = CHINESE
        elif record.nameID == 6:
            record.string = CHINESE.replace(" ", "")
    _save(font, "fielddocSansSC-Regular.otf")


def _whole(path: Path) -> None:
    """Keep every character; what is dropped is what no screen needs."""
    font = TTFont(str(path))
    _cut(font, set(font.getBestCmap()), features=["*"])  # unreadable without them
    _save(font, path.name)


def _cut(font: TTFont, kept: set[int], *, features: list[str]) -> None:
    options = subset.Options()
    options.layout_features = features
    options.name_IDs = ["*"]
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=kept)
    cutter.subset(font)


def _save(font: TTFont, name: str) -> None:
    font["head"].modified = _YEAR_IN_SECONDS
    font.recalcTimestamp = False
    font.save(str(TARGET / name))
    print(f"{name}: {(TARGET / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
