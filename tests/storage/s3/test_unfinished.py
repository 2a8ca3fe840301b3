"""Uploads in parts of processes that were killed are aborted by the next process, and by nobody who should not."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from gokart.storage.s3 import S3Storage
from gokart.storage.s3.unfinished import Note, UnfinishedUpload, abandoned_uploads
from gokart.testing.storage.actions import write

LARGE = bytes((5 << 20) + 1000)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    """The directory for temporary files, of this test alone."""
    directory = tmp_path / 'temporary'
    directory.mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(directory))
    return directory


def notes(temporary: Path) -> list[Path]:
    return [path for path in temporary.rglob('*') if path.is_file() and 'uploads' in str(path)]


@pytest.fixture
def killed(proxy, storage, s3_url, small_parts, start_child):
    """Kill a process in the middle of an upload."""
    held = proxy.add('hold', method='PUT', path='partNumber=2', times=1)

    child = start_child(lambda: write(storage, f'{s3_url}/killed', LARGE))
    assert held.taken.wait(30)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    held.event.set()


@pytest.fixture
def unfinished(s3_server, bucket):
    def list_keys() -> list[str]:
        found = s3_server.client().list_multipart_uploads(Bucket=bucket)
        return [upload['Key'] for upload in found.get('Uploads', ())]

    return list_keys


def test_the_next_writer_aborts_the_upload_of_a_killed_process(killed, storage, s3_url, temporary, unfinished):
    assert not storage.exists(f'{s3_url}/killed')
    assert unfinished() == ['killed']
    write(storage, f'{s3_url}/other', b'')
    assert unfinished() == []
    assert notes(temporary) == []


def test_a_note_holds_no_secret_and_is_only_for_the_user(killed, s3_server, temporary, bucket):
    (note,) = notes(temporary)
    assert json.loads(note.read_text()).keys() == {'endpoint', 'bucket', 'key', 'upload_id'}
    assert s3_server.secret_key not in note.read_text()
    assert s3_server.access_key not in note.read_text()
    assert (note.stat().st_mode & 0o777, note.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_an_upload_that_is_under_way_is_left_alone(proxy, storage, s3_url, small_parts, start_child, unfinished):
    held = proxy.add('hold', method='PUT', path='partNumber=2', times=1)
    child = start_child(lambda: write(storage, f'{s3_url}/slow', LARGE))
    assert held.taken.wait(30)
    write(S3Storage(), f'{s3_url}/other', b'')
    assert unfinished() == ['slow']
    held.event.set()
    assert os.waitpid(child, 0)[1] == 0
    assert storage.exists(f'{s3_url}/slow')


def test_a_finished_upload_leaves_no_note(storage, s3_url, small_parts, temporary):
    write(storage, f'{s3_url}/object', LARGE)
    assert notes(temporary) == []


def test_an_upload_that_cannot_be_aborted_is_left_to_the_next_process(
    proxy, storage, s3_url, small_parts, quick, temporary, unfinished, caplog
):
    proxy.add('status', method='PUT', path='partNumber=2')
    proxy.add('status', method='DELETE')
    with pytest.raises(OSError, match='object'):
        write(storage, f'{s3_url}/object', LARGE)
    assert 'an unfinished upload is left' in caplog.text
    assert unfinished() == ['object']
    proxy.clear()
    write(S3Storage(), f'{s3_url}/other', b'')
    assert unfinished() == []
    assert notes(temporary) == []


def test_a_note_stays_while_its_upload_cannot_be_aborted(killed, proxy, s3_url, quick, temporary):
    proxy.add('status', method='DELETE')
    write(S3Storage(), f'{s3_url}/other', b'')
    assert len(notes(temporary)) == 1


def leave_note(endpoint: str) -> Path:
    note = Note(UnfinishedUpload(endpoint, 'bucket', 'key', 'id'))
    path = Path(note._file.path)
    note.leave()
    return path.with_name(f'{path.name}.tmp')


def test_a_note_of_another_server_is_left_alone():
    left = leave_note('http://another')
    assert list(abandoned_uploads('http://mine')) == []
    assert left.exists()


@pytest.mark.parametrize('endpoint', ['http://mine', 'http://another'])
def test_a_note_is_forgotten_after_a_week(endpoint):
    left = leave_note(endpoint)
    then = time.time() - 8 * 24 * 3600
    os.utime(left, (then, then))
    assert len(list(abandoned_uploads('http://mine'))) == (endpoint == 'http://mine')
    assert not left.exists()


@pytest.mark.parametrize('content', [b'', b'{', b'[]', b'{"endpoint": "http://mine"}', b'\xff'])
def test_a_broken_note_is_removed(content):
    left = leave_note('http://mine')
    left.write_bytes(content)
    assert list(abandoned_uploads('http://mine')) == []
    assert not left.exists()


def test_the_directory_of_notes_of_somebody_else_is_not_used(temporary, monkeypatch):
    note = Note(UnfinishedUpload('http://mine', 'bucket', 'key', 'id'))
    directory = Path(note._file.path).parent
    uid = os.getuid()
    monkeypatch.setattr(os, 'getuid', lambda: uid + 1)
    directory.rename(directory.with_name(directory.name.replace(f'-{uid}', f'-{uid + 1}')))
    assert Note(UnfinishedUpload('http://mine', 'bucket', 'key', 'id'))._file is None
    assert list(abandoned_uploads('http://mine')) == []


def test_without_a_place_for_notes_uploads_work(storage, s3_url, small_parts, temporary, monkeypatch):
    monkeypatch.setattr(Path, 'mkdir', lambda *args, **kwargs: (_ for _ in ()).throw(PermissionError(13, 'no')))
    write(storage, f'{s3_url}/object', LARGE)
    assert storage.stat(f'{s3_url}/object').size_bytes == len(LARGE)
