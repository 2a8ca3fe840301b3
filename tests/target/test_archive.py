"""Archives hold a whole directory, and unpacking never trusts them."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.archive import pack, unpack
from gokart.errors import BrokenFileError, StorageError, UnreachableStorageError, UnsupportedObjectError

needs_symlinks = pytest.mark.skipif(sys.platform == 'win32', reason='symbolic links need a privilege on Windows')


def packed(directory: Path) -> io.BytesIO:
    file = io.BytesIO()
    pack(directory, file)
    file.seek(0)
    return file


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    """Write a zip archive with the given entries, however odd."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for entry, content in entries:
            archive.writestr(entry, content)
    file.seek(0)
    return file


def tree(directory: Path) -> dict[str, bytes | None]:
    """Map the path of each file to its content, and of each directory to None."""
    return {
        path.relative_to(directory).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(directory.rglob('*'))
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / 'source'
    (directory / 'variables' / 'deep').mkdir(parents=True)
    (directory / 'empty').mkdir()
    (directory / 'model.pkl').write_bytes(os.urandom(3_000_000))
    (directory / 'no bytes').write_bytes(b'')
    (directory / 'variables' / 'deep' / '重み [0] é.bin').write_bytes(b'abc' * 1000)
    return directory


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    directory = tmp_path / 'unpacked'
    directory.mkdir()
    return directory


def test_everything_comes_back(source: Path, empty: Path) -> None:
    """Subdirectories, empty directories and files, Unicode names."""
    unpack(packed(source), empty)
    assert tree(empty) == tree(source)


def test_an_empty_directory_comes_back(tmp_path: Path, empty: Path) -> None:
    (tmp_path / 'source').mkdir()
    unpack(packed(tmp_path / 'source'), empty)
    assert tree(empty) == {}


def test_the_same_content_gives_the_same_bytes(source: Path) -> None:
    before = packed(source).getvalue()
    os.utime(source / 'model.pkl', (10**9, 10**9))
    assert packed(source).getvalue() == before


def test_times_before_1980_are_no_obstacle(source: Path, empty: Path) -> None:
    os.utime(source / 'model.pkl', (0, 0))
    unpack(packed(source), empty)
    assert (empty / 'model.pkl').exists()


def test_other_tools_read_the_archive(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(source)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / 'by zipfile')
    assert tree(tmp_path / 'by zipfile') == tree(source)


def test_files_are_compressed(source: Path) -> None:
    (source / 'model.pkl').write_bytes(bytes(1_000_000))
    assert len(packed(source).getvalue()) < 10_000


def test_a_stream_that_cannot_seek_is_enough(source: Path, empty: Path) -> None:
    class Pipe:
        def __init__(self) -> None:
            self.written = bytearray()

        def write(self, data: bytes) -> int:
            self.written += data
            return len(data)

        def flush(self) -> None:
            pass

    pipe = Pipe()
    pack(source, pipe)  # type: ignore[arg-type]
    unpack(io.BytesIO(pipe.written), empty)
    assert tree(empty) == tree(source)


@needs_symlinks
def test_links_are_followed(source: Path, empty: Path) -> None:
    (source / 'best').symlink_to('variables', target_is_directory=True)
    (source / 'last.pkl').symlink_to('model.pkl')
    unpack(packed(source), empty)
    assert tree(empty / 'best') == tree(source / 'variables')
    assert not (empty / 'last.pkl').is_symlink()
    assert (empty / 'last.pkl').read_bytes() == (source / 'model.pkl').read_bytes()


@needs_symlinks
def test_a_circle_of_links_is_refused(source: Path) -> None:
    (source / 'variables' / 'up').symlink_to('..', target_is_directory=True)
    with pytest.raises(UnsupportedObjectError, match='up is a link to a directory that it is in'):
        packed(source)


@needs_symlinks
def test_a_pipe_is_refused_instead_of_waited_for(source: Path) -> None:
    os.mkfifo(source / 'pipe')
    with pytest.raises(UnsupportedObjectError, match='pipe is no regular file'):
        packed(source)


def test_too_many_files_are_refused_when_packing(source: Path) -> None:
    with pytest.raises(UnsupportedObjectError, match='more than 3 files'):
        pack(source, io.BytesIO(), max_entries=3)


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, target.encode()


@pytest.mark.parametrize(
    ('entries', 'message'),
    [
        ([('/etc/evil', b'x')], "'/etc/evil' leads out"),
        ([('../evil', b'x')], "'../evil' leads out"),
        ([('a/../../evil', b'x')], 'leads out'),
        ([('a/../b', b'x')], 'leads out'),
        ([('..', b'x')], 'leads out'),
        ([link('model.pkl', '/etc/passwd')], "'model.pkl' is a link"),
        ([link('a', '..'), ('a/evil', b'x')], "'a' is a link"),
        ([('a', b'x'), ('a', b'y')], "'a' occurs twice"),
        ([('a', b'x'), ('./a', b'y')], "'./a' occurs twice"),
        ([('a', b'x'), ('a/b', b'y')], "'a/b' is both"),
        ([('a/b', b'x'), ('a', b'y')], "'a' is both"),
        ([('.', b'x')], 'without a name'),
    ],
)
def test_a_dangerous_archive_is_refused(entries: list[tuple[str, bytes]], message: str, empty: Path) -> None:
    with pytest.raises(BrokenFileError, match=message):
        unpack(zipped(*entries), empty)
    assert list(empty.parent.iterdir()) == [empty]


def test_names_are_checked_before_anything_is_written(empty: Path) -> None:
    with pytest.raises(BrokenFileError):
        unpack(zipped(('good', b'x'), ('../evil', b'x')), empty)
    assert tree(empty) == {}


def test_an_entry_of_the_directory_itself_is_harmless(empty: Path) -> None:
    unpack(zipped(('./', b''), ('./model.pkl', b'x')), empty)
    assert tree(empty) == {'model.pkl': b'x'}


def test_too_many_entries_are_refused(empty: Path) -> None:
    with pytest.raises(BrokenFileError, match='5 entries; at most 4'):
        unpack(zipped(*((str(number), b'') for number in range(5))), empty, max_entries=4)


def test_other_methods_of_compression_are_refused(empty: Path) -> None:
    """Some of them take gigabytes of memory if the archive says so."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_BZIP2) as archive:
        archive.writestr('a', b'x')
    with pytest.raises(BrokenFileError, match='neither stored nor deflated'):
        unpack(file, empty)


def test_more_bytes_than_the_disk_has_are_refused_beforehand(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('shutil.disk_usage', lambda path: SimpleNamespace(free=99))
    with pytest.raises(StorageError, match='needs 100 bytes, but 99 are free') as raised:
        unpack(zipped(('a', bytes(60)), ('b', bytes(40))), empty)
    assert raised.value.errno == errno.ENOSPC
    assert tree(empty) == {}


def lying_about_size(content: bytes, declared: int) -> io.BytesIO:
    """Deflate `content` into an archive that declares another size in both headers."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('a', content)
    size = len(content).to_bytes(4, 'little')
    assert file.getvalue().count(size) == 2
    return io.BytesIO(file.getvalue().replace(size, declared.to_bytes(4, 'little')))


def test_a_bomb_yields_no_more_than_it_declares(empty: Path) -> None:
    with pytest.raises(BrokenFileError):
        unpack(lying_about_size(bytes(5_000_001), 1000), empty)
    assert (empty / 'a').stat().st_size <= 1000


def test_an_entry_shorter_than_declared_is_refused(empty: Path) -> None:
    with pytest.raises(BrokenFileError, match=r'ends before its declared size|no intact'):
        unpack(lying_about_size(b'x' * 70_001, 80_001), empty)


def test_encrypted_entries_are_refused(empty: Path) -> None:
    content = bytearray(zipped(('a', b'x')).getvalue())
    for signature, offset in ((b'PK\x03\x04', 6), (b'PK\x01\x02', 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(BrokenFileError, match='password'):
        unpack(io.BytesIO(content), empty)


@pytest.mark.parametrize('content', [b'', b'no archive', b'PK\x03\x04', bytes(1000)])
def test_what_is_no_archive_is_refused(content: bytes, empty: Path) -> None:
    with pytest.raises(BrokenFileError, match='no intact zip archive'):
        unpack(io.BytesIO(content), empty)


def sample() -> bytes:
    return zipped(('model.pkl', b'abcdef' * 20), ('sub/', b''), ('sub/重み', b'12345')).getvalue()


def survives(change: Callable[[bytes], bytes], directory: Path) -> None:
    """Check that a changed archive is refused, or gives what it held: names may differ, the content may not."""
    try:
        unpack(io.BytesIO(change(sample())), directory)
    except BrokenFileError:
        return
    assert set(tree(directory).values()) <= {None, b'abcdef' * 20, b'12345', b''}


@given(at=st.integers(0, len(sample()) - 1), value=st.integers(0, 255))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_a_damaged_byte_is_noticed_or_harmless(at: int, value: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    survives(lambda good: good[:at] + bytes([value]) + good[at + 1 :], tmp_path_factory.mktemp('damaged'))


@given(length=st.integers(0, len(sample()) - 1))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_truncated_archive_is_refused(length: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(BrokenFileError):
        unpack(io.BytesIO(sample()[:length]), tmp_path_factory.mktemp('truncated'))


class Unreachable(io.BytesIO):
    """A remote file whose storage goes away after it was opened."""

    def seek(self, offset: int, whence: int = 0) -> int:
        raise UnreachableStorageError('nothing answers at http://127.0.0.1')


def test_a_storage_that_goes_away_is_no_damage(source: Path, empty: Path) -> None:
    """Who takes it for damage removes a good archive."""
    with pytest.raises(UnreachableStorageError):
        unpack(Unreachable(packed(source).getvalue()), empty)
