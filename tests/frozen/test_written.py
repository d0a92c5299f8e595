"""Reading traces of written files: what strace says, and in how many ways it says it."""

import pytest

from frozen.written import written

HOME = "/home/人 x"
ESCAPED = "/home/\\344\\272\\272 x"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f'12 openat(AT_FDCWD<{ESCAPED}>, "a", O_WRONLY|O_CREAT, 0600) = 3</x>', f"{HOME}/a"),
        (f'openat(AT_FDCWD</>, "{ESCAPED}/a", O_RDWR|O_CLOEXEC) = 3', f"{HOME}/a"),
        ('12 open("/tmp/a", O_RDONLY|O_CREAT, 0644) = -1 EACCES (Permission denied)', "/tmp/a"),
        ('12 creat("/tmp/a", 0644) = 3', "/tmp/a"),
        ('12 mkdir("/tmp/a", 0755) = 0', "/tmp/a"),
        ('12 unlinkat(7</tmp>, "a", 0) = 0', "/tmp/a"),
        ('12 openat(AT_FDCWD</>, "/tmp/a", O_WRONLY <unfinished ...>', "/tmp/a"),
        ('12 bind(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="/tmp/a"}, 110) = 0', "/tmp/a"),
        ('12 chmod("/tmp/\\"a", 0600) = 0', '/tmp/"a'),
    ],
)
def test_change_is_found(line: str, path: str) -> None:
    assert written(line) == {path}


def test_both_ends_of_a_rename_are_found() -> None:
    line = '12 renameat2(AT_FDCWD</tmp>, "a", AT_FDCWD</tmp>, "b", RENAME_NOREPLACE) = 0'

    assert written(line) == {"/tmp/a", "/tmp/b"}


@pytest.mark.parametrize(
    "line",
    [
        '12 openat(AT_FDCWD</>, "/tmp/a", O_RDONLY|O_CLOEXEC) = 3',
        '12 openat(AT_FDCWD</>, "/dev/null/none/x", O_RDWR) = -1 ENOTDIR (Not a directory)',
        "12 bind(3<socket:[1]>, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 0",
        "12 +++ exited with 0 +++",
        "12 <... openat resumed>) = 3</tmp/a>",
        '12 execve("/tmp/a", ["a"], 0x0) = 0',
    ],
)
def test_what_changes_nothing_is_not_found(line: str) -> None:
    assert written(line) == set()
