"""What is said of a place, on recorded answers of several computers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

from fielddoc.vault.place import Hazard, PlaceWarning, hazards, warnings_about
from fielddoc.vault.place_facts import Facts, ThisComputer, facts_of

HOME = Path("/home/plum")


@dataclass
class Recorded:
    """A computer that answers from what was written down."""

    platform: str = "linux"
    files: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    """The name of a program, or its name and first word, to what it prints."""
    links: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    home: Path = HOME
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def text(self, path: str) -> str:
        return self.files.get(path, "")

    def names(self, path: str) -> list[str]:
        inside = [PurePosixPath(p).relative_to(path) for p in self.files if _is_in(p, path)]
        return sorted({each.parts[0] for each in inside})

    def resolved(self, path: str) -> str:
        return self.links.get(path, path)

    def device(self, path: str) -> str:
        return self.devices.get(path, "")

    def output(self, *command: str) -> str:
        self.asked.append(command)
        name = command[0].rsplit("/", 1)[-1]
        words = [name, f"{name} {command[1]}"] if len(command) > 1 else [name]
        return next((self.outputs[w] for w in words if w in self.outputs), "")


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


LUKS = {
    "/sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-0123456789abcdef-luks-x\n",
    "/sys/class/block/dm-0/slaves/nvme0n1p3/partition": "3\n",
    "/sys/class/block/dm-1/dm/uuid": "LVM-abcdef\n",
    "/sys/class/block/dm-1/slaves/dm-0/size": "1\n",
    "/sys/class/block/dm-2/dm/uuid": "LVM-fedcba\n",
    "/sys/class/block/dm-2/slaves/dm-0/size": "1\n",
    "/sys/class/block/nvme0n1p3/partition": "3\n",
    "/sys/class/block/nvme0n1p2/partition": "2\n",
    "/sys/class/block/sda1/partition": "1\n",
}
LINKS = {"/dev/mapper/system-root": "/dev/dm-1", "/dev/mapper/system-swap": "/dev/dm-2"}
ENCRYPTED_ROOT = "/dev/mapper/system-root / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n"
PLAIN_ROOT = "/dev/nvme0n1p2 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n"
SWAPS = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def linux(mounts: str = ENCRYPTED_ROOT, swaps: str = "", **files: str) -> Recorded:
    more = {name.replace("__", "/"): text for name, text in files.items()}
    given = {**LUKS, "/proc/mounts": mounts, "/proc/swaps": SWAPS + swaps, **more}
    return Recorded(files=given, links=dict(LINKS))


def found(folder: str, system: Recorded) -> list[Hazard]:
    return [warning.hazard for warning in warnings_about(Path(folder), system)]


def test_nothing_is_said_of_a_plain_folder_on_an_encrypted_disk() -> None:
    assert found("/home/plum/notes", linux()) == []


def test_a_disk_that_is_not_encrypted_is_told() -> None:
    assert found("/home/plum/notes", linux(PLAIN_ROOT)) == [Hazard.NOT_ENCRYPTED]


def test_a_stick_in_the_clear_beside_an_encrypted_disk_is_told() -> None:
    mounts = ENCRYPTED_ROOT + "/dev/sda1 /media/plum/my\\040stick exfat rw 0 0\n"
    assert found("/media/plum/my stick/notes", linux(mounts)) == [Hazard.NOT_ENCRYPTED]
    assert found("/media/plum/my", linux(mounts)) == []


def test_an_encrypted_folder_does_not_make_the_disk_an_encrypted_one() -> None:
    mounts = PLAIN_ROOT + "gocryptfs /home/plum/safe fuse.gocryptfs rw 0 0\n"
    assert found("/home/plum/safe/notes", linux(mounts)) == [Hazard.NOT_ENCRYPTED]


def test_veracrypt_is_known_by_its_name() -> None:
    mounts = ENCRYPTED_ROOT + "/dev/mapper/veracrypt1 /media/veracrypt1 ext4 rw 0 0\n"
    system = linux(mounts)
    system.links["/dev/mapper/veracrypt1"] = "/dev/dm-5"
    system.files["/sys/class/block/dm-5/dm/name"] = "veracrypt1\n"
    assert found("/media/veracrypt1/notes", system) == []


def test_a_disk_of_two_is_encrypted_only_if_both_are() -> None:
    system = linux()
    system.files["/sys/class/block/dm-1/slaves/nvme0n1p2/size"] = "1\n"
    assert found("/home/plum/notes", system) == [Hazard.NOT_ENCRYPTED]


def test_a_device_without_a_name_is_found_by_its_number() -> None:
    system = linux("/dev/root / ext4 rw 0 0\n")
    system.devices = {"/home/plum": "259:2"}
    assert found("/home/plum/notes", system) == [Hazard.ENCRYPTION_UNKNOWN]
    system.files["/sys/dev/block/259:2/dm/uuid"] = "CRYPT-LUKS1-x"
    assert found("/home/plum/notes", system) == []


@pytest.mark.parametrize("kind", ["btrfs", "zfs", "f2fs", "bcachefs"])
def test_a_copy_on_write_file_system_is_told(kind: str) -> None:
    system = linux(f"/dev/mapper/system-root / {kind} rw 0 0\n")
    assert found("/home/plum/notes", system) == [Hazard.COPY_ON_WRITE]


@pytest.mark.parametrize(
    "kind", ["nfs4", "cifs", "fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse", "9p", "virtiofs"]
)
def test_a_network_file_system_is_told(kind: str) -> None:
    system = linux(ENCRYPTED_ROOT + f"server:/x /mnt/x {kind} rw 0 0\n")
    assert Hazard.NETWORK in found("/mnt/x/notes", system)


def test_a_folder_in_memory_is_told() -> None:
    system = linux(ENCRYPTED_ROOT + "tmpfs /tmp tmpfs rw 0 0\n")
    assert found("/tmp/notes", system) == [Hazard.IN_MEMORY]


def test_a_link_is_followed_to_where_the_vault_really_lies() -> None:
    system = linux(ENCRYPTED_ROOT + "server:/x /mnt/x nfs rw 0 0\n")
    system.links["/home/plum/notes"] = "/mnt/x/notes"
    assert Hazard.NETWORK in found("/home/plum/notes", system)
    system.links["/home/plum/notes"] = "/home/plum/Dropbox/notes"
    assert found("/home/plum/notes", system) == [Hazard.SYNCED]


# --- swap and hibernation -------------------------------------------------------------------------


def test_swap_in_the_clear_is_told_and_encrypted_swap_and_zram_are_not() -> None:
    assert found("/home/plum/n", linux(swaps="/dev/sda1 partition 1 0 -2\n")) == [Hazard.SWAP]
    assert found("/home/plum/n", linux(swaps="/swap\\040file file 1 0 -2\n")) == []
    assert found("/home/plum/n", linux(swaps="/dev/mapper/system-swap partition 1 0 -2\n")) == []
    assert found("/home/plum/n", linux(swaps="/dev/zram0 partition 1 0 100\n")) == []
    plain = linux(PLAIN_ROOT, swaps="/swapfile file 1 0 -2\n")
    assert found("/home/plum/n", plain) == [Hazard.NOT_ENCRYPTED, Hazard.SWAP]


def test_hibernation_is_told_where_it_would_write_in_the_clear() -> None:
    swap = "/dev/sda1 partition 1 0 -2\n"
    system = linux(swaps=swap)
    system.files |= {"/sys/power/state": "freeze mem disk\n", "/sys/power/disk": "[platform]\n"}
    assert found("/home/plum/n", system) == [Hazard.SWAP, Hazard.HIBERNATION]
    system.files["/sys/power/disk"] = "[disabled]\n"
    assert found("/home/plum/n", system) == [Hazard.SWAP]
    system.files |= {"/sys/power/state": "freeze mem\n", "/sys/power/disk": "[platform]\n"}
    assert found("/home/plum/n", system) == [Hazard.SWAP]
    system.files |= {"/sys/power/state": "freeze mem disk\n", "/proc/swaps": SWAPS}
    assert found("/home/plum/n", system) == []


# --- folders that are copied ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder",
    [
        "/home/plum/OneDrive/notes",
        "/home/plum/OneDrive - Some Firm/notes",
        "/home/plum/Dropbox/notes",
        "/home/plum/Nextcloud/a/b/notes",
        "/home/plum/Google Drive/notes",
        "/home/plum/GoogleDrive/My Drive/notes",
        "/home/plum/坚果云/notes",
        "/home/plum/我的坚果云/notes",
        "/home/plum/Nutstore Files/notes",
        "/home/plum/BaiduSyncdisk/notes",
        "/home/plum/BaiduNetdiskWorkspace/notes",
        "/home/plum/百度网盘同步空间/notes",
        "/Users/plum/Library/Mobile Documents/com~apple~CloudDocs/notes",
        "/Users/plum/Library/CloudStorage/Box/notes",
        "/home/plum/115/notes",
    ],
)
def test_a_folder_that_is_copied_to_a_server_is_known_by_its_name(folder: str) -> None:
    assert Hazard.SYNCED in found(folder, linux())


@pytest.mark.parametrize("folder", ["/home/plum/case 1150/notes", "/home/plum/boxes/notes"])
def test_a_name_that_only_looks_alike_is_not_one(folder: str) -> None:
    assert found(folder, linux()) == []


@pytest.mark.parametrize(
    "mark",
    [".dropbox.cache/x", ".stfolder", "._sync_0a1b2c.db", ".sync_0a1b2c.db", ".tmp.driveupload/x"],
)
def test_a_renamed_folder_is_known_by_what_the_program_left_in_it(mark: str) -> None:
    system = linux()
    system.files[f"/home/plum/work/{mark}"] = "x"
    assert found("/home/plum/work/case/notes", system) == [Hazard.SYNCED]
    assert found("/home/plum/other/notes", system) == []


def test_a_folder_is_known_by_what_the_program_says_it_copies() -> None:
    system = linux()
    system.files["/home/plum/.config/Nextcloud/nextcloud.cfg"] = (
        "[Accounts]\n0\\url=https://x\n0\\Folders\\1\\localPath=/home/plum/team/\n"
    )
    assert found("/home/plum/team/notes", system) == [Hazard.SYNCED]
    system.files["/home/plum/.dropbox/info.json"] = '{"personal": {"path": "/home/plum/box1"}}'
    assert found("/home/plum/box1/notes", system) == [Hazard.SYNCED]
    # The program's own folder in HOME does not make everything in HOME a copied one.
    assert found("/home/plum/notes", system) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a": 1}', '{"a": {"path": 3}}', "\0", "[" * 100_000]
)
def test_a_strange_file_of_another_program_says_nothing(text: str) -> None:
    system = linux()
    system.files["/home/plum/.dropbox/info.json"] = text
    assert found("/home/plum/notes", system) == []


# --- Windows and macOS, on outputs of the documented form -----------------------------------------


def windows(**told: str) -> Recorded:
    usual = {
        "type": "3",
        "format": "NTFS",
        "protection": "1",
        "system": "1",
        "paging": "?:\\pagefile.sys",
        "paging-encrypted": "0",
        "hibernate": "1",
    }
    lines = {**usual, **{name.replace("_", "-"): value for name, value in told.items()}}
    printed = "".join(f"{name}={value}\r\n" for name, value in lines.items())
    return Recorded(platform="win32", outputs={"powershell.exe": printed})


def test_windows_with_bitlocker_has_nothing_to_say() -> None:
    system = windows()
    assert found("C:\\Users\\plum\\notes", system) == []
    ((program, *_, script),) = system.asked
    assert program == "powershell.exe"
    assert "DriveInfo]::new('C:')" in script


def test_windows_without_bitlocker_swaps_and_hibernates_in_the_clear() -> None:
    assert found("C:\\Users\\plum\\notes", windows(protection="2", system="2")) == [
        Hazard.NOT_ENCRYPTED,
        Hazard.SWAP,
        Hazard.HIBERNATION,
    ]
    quiet = windows(protection="2", system="2", paging_encrypted="1", hibernate="0")
    assert found("C:\\Users\\plum\\notes", quiet) == [Hazard.NOT_ENCRYPTED]


def test_windows_tells_a_stick_a_share_and_onedrive() -> None:
    assert found("E:\\notes", windows(protection="2")) == [Hazard.NOT_ENCRYPTED]
    assert found("Z:\\notes", windows(type="4", protection=""))[0] is Hazard.NETWORK
    assert Hazard.NETWORK in found("\\\\server\\share\\notes", windows())
    assert Hazard.COPY_ON_WRITE in found("D:\\notes", windows(format="ReFS"))
    assert Hazard.SYNCED in found("C:\\Users\\plum\\OneDrive\\notes", windows())


def test_a_windows_that_does_not_answer_is_not_guessed_at() -> None:
    silent = Recorded(platform="win32")
    assert found("C:\\Users\\plum\\notes", silent) == [Hazard.ENCRYPTION_UNKNOWN]


def test_no_name_of_a_folder_gets_into_the_script() -> None:
    system = windows()
    warnings_about(Path("C:\\a'); Remove-Item x; ('"), system)
    assert "Remove-Item" not in system.asked[0][-1]


DISK = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>FileVault</key><{}/><key>MountPoint</key><string>/</string></dict>
</plist>"""
MOUNTS = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
/dev/disk4s1 on /Volumes/STICK (exfat, local, nodev, nosuid)
//plum@server/share on /Volumes/share (smbfs, nodev, nosuid)
"""
SWAP = "vm.swapusage: total = 2048.00M  used = 1.00M  free = 2047.00M"


def macos(
    *, on: bool = True, mode: str = "3", swap: str = f"{SWAP}  (encrypted)\n", disk: bool = True
) -> Recorded:
    return Recorded(
        platform="darwin",
        home=Path("/Users/plum"),
        outputs={
            "mount": MOUNTS,
            "fdesetup": f"FileVault is {'On' if on else 'Off'}.\n",
            "sysctl": swap,
            "pmset": f"System-wide power settings:\nCurrently in use:\n hibernatemode        {mode}\n",
            "diskutil": DISK.format("true" if disk else "false"),
        },
    )


def test_macos_with_filevault_only_warns_of_its_file_system() -> None:
    assert found("/Users/plum/notes", macos()) == [Hazard.COPY_ON_WRITE]


def test_macos_without_filevault_is_told_with_hibernation() -> None:
    assert found("/Users/plum/notes", macos(on=False, disk=False)) == [
        Hazard.COPY_ON_WRITE,
        Hazard.NOT_ENCRYPTED,
        Hazard.HIBERNATION,
    ]
    assert Hazard.HIBERNATION not in found("/Users/plum/n", macos(on=False, disk=False, mode="0"))
    assert Hazard.SWAP in found("/Users/plum/notes", macos(swap=SWAP + "\n"))


def test_macos_tells_a_stick_and_a_share() -> None:
    system = macos(disk=False)
    assert found("/Volumes/STICK/notes", system) == [Hazard.NOT_ENCRYPTED]
    assert ("/usr/sbin/diskutil", "info", "-plist", "/Volumes/STICK") in system.asked
    assert Hazard.NETWORK in found("/Volumes/share/notes", macos())


def test_a_macos_that_does_not_answer_is_not_guessed_at() -> None:
    silent = Recorded(platform="darwin")
    assert found("/Users/plum/notes", silent) == [Hazard.ENCRYPTION_UNKNOWN]


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_each_hazard_says_what_is_so_and_what_to_do_in_both_languages(platform: str) -> None:
    from fielddoc.vault import place

    for hazard in Hazard:
        warning = PlaceWarning(hazard, place._message(hazard), place._hint(hazard, platform))
        for language in ("en", "zh_CN"):
            assert len(warning.sentence(language)) > 10
            assert len(warning.advice(language)) > 10
        assert warning.sentence("en") != warning.sentence("zh_CN")
        assert warning.advice("en") != warning.advice("zh_CN")


def test_every_fact_alone_is_a_hazard_of_its_own() -> None:
    fine = Facts(is_encrypted=True)
    assert hazards(fine) == []
    each = [
        Facts(is_encrypted=True, is_synced=True),
        Facts(is_encrypted=True, is_remote=True),
        Facts(is_encrypted=True, is_copy_on_write=True),
        Facts(is_encrypted=True, is_in_memory=True),
        Facts(is_encrypted=False),
        Facts(is_encrypted=None),
        Facts(is_encrypted=True, swaps_in_clear=True),
        Facts(is_encrypted=True, hibernates_in_clear=True),
    ]
    assert [hazards(facts) for facts in each] == [[hazard] for hazard in Hazard]


def test_this_computer_answers_and_never_fails(tmp_path: Path) -> None:
    system = ThisComputer()
    assert system.text(str(tmp_path / "none")) == ""
    assert system.names(str(tmp_path / "none")) == []
    assert system.output(str(tmp_path / "none")) == ""
    assert system.output("sh", "-c", "echo x") == "x\n"
    (tmp_path / "file").write_text("words")
    assert system.text(str(tmp_path / "file")) == "words"
    assert system.names(str(tmp_path)) == ["file"]
    assert facts_of(tmp_path / "not" / "there", system) == facts_of(tmp_path, system)
    assert not facts_of(tmp_path, system).is_synced
    assert facts_of(tmp_path / "Dropbox", system).is_synced
