"""The write stream as the file of other libraries and under Luigi's formats; how it fails."""

from __future__ import annotations

import errno
import gc
import gzip
import io
import os
import pickle
import subprocess
import zipfile
from pathlib import Path

import luigi.format
import numpy
import pandas
import polars
import pyarrow
import pytest
from pyarrow import parquet

from gokart.errors import StorageError

FORMATS = {
    'Nop': luigi.format.Nop,
    'UTF8': luigi.format.UTF8,
    'Text': luigi.format.Text,
    'Gzip': luigi.format.Gzip,
    'Bzip2': luigi.format.Bzip2,
    'UTF8 >> Gzip': luigi.format.UTF8 >> luigi.format.Gzip,
    'UTF8 >> SysNewLine': luigi.format.UTF8 >> luigi.format.SysNewLine,
    'Nop >> Gzip': luigi.format.Nop >> luigi.format.Gzip,
    'MixedUnicodeBytes': luigi.format.MixedUnicodeBytes,
}


def content_for(name: str) -> str | bytes:
    return 'text ü\n' * 1000 if name.startswith(('UTF8', 'Text')) else b'bytes\n' * 1000


@pytest.mark.parametrize('name', FORMATS)
def test_formats_of_luigi_write_through_the_stream(storage, tmp_path, name):
    path = str(tmp_path / 'file')
    with FORMATS[name].pipe_writer(storage.open_write(path)) as file:
        file.write(content_for(name))
    with FORMATS[name].pipe_reader(storage.open_read(path)) as file:
        assert file.read() == content_for(name)


@pytest.mark.parametrize('name', FORMATS)
def test_formats_of_luigi_publish_at_close(storage, tmp_path, name):
    file = FORMATS[name].pipe_writer(storage.open_write(str(tmp_path / 'file')))
    file.write(content_for(name))
    assert not storage.exists(str(tmp_path / 'file'))
    file.close()
    assert storage.exists(str(tmp_path / 'file'))


@pytest.mark.parametrize('name', FORMATS)
def test_an_exception_below_a_format_discards(storage, tmp_path, name):
    def write_half() -> None:
        with FORMATS[name].pipe_writer(storage.open_write(str(tmp_path / 'file'))) as file:
            file.write(content_for(name))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('name', FORMATS)
def test_a_dropped_format_discards(storage, tmp_path, name):
    FORMATS[name].pipe_writer(storage.open_write(str(tmp_path / 'file'))).write(content_for(name))
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('name', ['Nop', 'UTF8', 'Text', 'UTF8 >> SysNewLine', 'MixedUnicodeBytes'])
def test_the_path_of_the_private_file_is_seen_through_formats(storage, tmp_path, name):
    with FORMATS[name].pipe_writer(storage.open_write(str(tmp_path / 'file'))) as file:
        Path(file.name).write_text('by path')
    assert (tmp_path / 'file').read_text() == 'by path'


def test_numpy_saves_into_the_stream(storage, tmp_path):
    array = numpy.arange(100_000).reshape(100, 1000)
    with storage.open_write(str(tmp_path / 'plain.npy')) as stream:
        numpy.save(stream, array)
    with storage.open_write(str(tmp_path / 'zipped.npz')) as stream:
        numpy.savez_compressed(stream, data=array)
    with storage.open_read(str(tmp_path / 'plain.npy')) as file:
        assert (numpy.load(file) == array).all()
    with storage.open_read(str(tmp_path / 'zipped.npz')) as file:
        assert (numpy.load(file)['data'] == array).all()


@pytest.mark.parametrize('kind', ['parquet', 'feather', 'pickle', 'csv'])
def test_pandas_writes_into_the_stream(storage, tmp_path, kind):
    frame = pandas.DataFrame({'a': range(1000), 'b': ['x', 'ü'] * 500})
    with storage.open_write(str(tmp_path / 'frame')) as stream:
        getattr(frame, f'to_{kind}')(stream, **({'index': False} if kind == 'csv' else {}))
        assert not stream.closed
    with storage.open_read(str(tmp_path / 'frame')) as file:
        pandas.testing.assert_frame_equal(getattr(pandas, f'read_{kind}')(file), frame)


def test_pyarrow_writes_into_the_stream(storage, tmp_path):
    table = pyarrow.table({'a': list(range(1000))})
    with storage.open_write(str(tmp_path / 'table')) as stream:
        parquet.write_table(table, stream)
        assert not stream.closed
    with storage.open_read(str(tmp_path / 'table')) as file:
        assert parquet.read_table(file) == table


def test_polars_writes_into_the_stream(storage, tmp_path):
    frame = polars.DataFrame({'a': list(range(1000))})
    with storage.open_write(str(tmp_path / 'frame')) as stream:
        frame.write_parquet(stream)
    with storage.open_read(str(tmp_path / 'frame')) as file:
        assert polars.read_parquet(file).equals(frame)


def test_archives_and_compressors_write_into_the_stream(storage, tmp_path):
    with storage.open_write(str(tmp_path / 'archive')) as stream, zipfile.ZipFile(stream, 'w') as archive:
        archive.writestr('one', 'content' * 1000)
        archive.writestr('two', b'')
    with storage.open_write(str(tmp_path / 'compressed')) as stream, gzip.GzipFile(fileobj=stream, mode='w') as file:
        file.write(b'content' * 1000)
    with storage.open_read(str(tmp_path / 'archive')) as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ['one', 'two']
    with storage.open_read(str(tmp_path / 'compressed')) as file:
        assert gzip.decompress(file.read()) == b'content' * 1000


def test_pickles_go_through_the_stream(storage, tmp_path):
    value = {'key': [bytes(200_000), 'ü']}
    with storage.open_write(str(tmp_path / 'pickle')) as stream:
        pickle.dump(value, stream)
    with storage.open_read(str(tmp_path / 'pickle')) as file:
        assert pickle.load(file) == value


def test_a_program_writes_into_the_stream(storage, tmp_path):
    """Also one that is started through a fork of Python, as `preexec_fn` makes it."""
    with storage.open_write(str(tmp_path / 'file')) as stream:
        stream.write(b'head ')
        stream.flush()
        subprocess.run(['echo', 'one'], stdout=stream, check=True)
        subprocess.run(['echo', 'two'], stdout=stream, check=True, preexec_fn=os.getpid)
    assert (tmp_path / 'file').read_bytes() == b'head one\ntwo\n'


def test_a_library_may_replace_the_private_file(storage, tmp_path):
    with storage.open_write(str(tmp_path / 'file')) as stream:
        (tmp_path / 'other').write_bytes(b'renamed over it')
        (tmp_path / 'other').rename(stream.name)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [('file', b'renamed over it')]


def test_a_library_that_removes_the_private_file_is_an_error(storage, tmp_path):
    stream = storage.open_write(str(tmp_path / 'file'))
    Path(stream.name).unlink()
    with pytest.raises(StorageError, match='removed'):
        stream.close()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def full_disk(monkeypatch):
    """A stream whose raw file takes 100,000 bytes and no more; `space` is what is left."""

    class Disk(io.FileIO):
        space = 100_000

        def write(self, data):
            data = memoryview(data).cast('B')
            if len(data) > Disk.space:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            Disk.space -= len(data)
            return super().write(data)

    monkeypatch.setattr(io, 'FileIO', Disk)
    return Disk


def test_a_failed_write_names_the_path_and_discards_at_once(storage, tmp_path, full_disk):
    stream = storage.open_write(str(tmp_path / 'file'))
    with pytest.raises(OSError, match=r'No space left on device.*file') as caught:
        stream.write(bytes(200_000))
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_a_failed_flush_discards_at_once(storage, tmp_path, full_disk):
    full_disk.space = 10
    stream = storage.open_write(str(tmp_path / 'file'))
    stream.write(bytes(100))
    with pytest.raises(OSError, match='No space left'):
        stream.flush()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_close_discards(storage, tmp_path, full_disk):
    full_disk.space = 10
    stream = storage.open_write(str(tmp_path / 'file'))
    stream.write(bytes(100))
    with pytest.raises(OSError, match='No space left'):
        stream.close()
    stream.close()
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_failed_is_not_published_later(storage, tmp_path, full_disk):
    """Although there is space again, part of the bytes may be lost."""
    stream = storage.open_write(str(tmp_path / 'file'))
    with pytest.raises(OSError, match='No space left'):
        stream.write(bytes(200_000))
    full_disk.space = 1_000_000
    with pytest.raises(StorageError, match=r'No space left.*file') as caught:
        stream.close()
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('size', [100, 200_000])
def test_a_full_disk_below_a_text_format_leaves_nothing(storage, tmp_path, full_disk, size):
    full_disk.space = 10

    def write() -> None:
        with luigi.format.UTF8.pipe_writer(storage.open_write(str(tmp_path / 'file'))) as file:
            file.write('x' * size)

    with pytest.raises(OSError, match='No space left'):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_cannot_publish_what_its_parent_writes(storage, tmp_path, run_child):
    stream = storage.open_write(str(tmp_path / 'file'))
    stream.write(b'from the parent')

    def close() -> None:
        with pytest.raises(StorageError, match='parent'):
            stream.close()

    assert run_child(close) == 0
    assert run_child(stream.discard) == 0
    stream.close()
    assert (tmp_path / 'file').read_bytes() == b'from the parent'
