"""A model target: an archive of all that a function saved, which loads without that function."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dill
import pandas as pd
import pytest

from gokart.errors import BrokenFileError, StorageError, UnsupportedObjectError
from gokart.target import LargeDataFrameProcessor, ModelTarget, make_model_target

GOLDEN = Path(__file__).parents[1] / 'golden' / 'workspace'


def save(obj: dict[str, str], path: str) -> None:
    """Save each item as a file beside `path`."""
    for name, content in obj.items():
        file = Path(path).parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding='utf-8')


def load(path: str) -> dict[str, str]:
    """Read every file in the directory of `path` but the load function."""
    top = Path(path).parent
    files = sorted(file for file in top.rglob('*') if file.is_file() and file.name != 'load_function.pkl')
    return {file.relative_to(top).as_posix(): file.read_text(encoding='utf-8') for file in files}


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / 'scratch'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / 'workspace' / 'model.zip'


def model(archive: Path | str, scratch: Path, save_function: Any = save, load_function: Any = load) -> ModelTarget:
    made = make_model_target(str(archive), str(scratch), save_function, load_function)
    assert isinstance(made, ModelTarget)
    return made


def left_in(*directories: Path) -> list[str]:
    """List the files and directories below the given ones."""
    return [path.name for directory in directories for path in directory.rglob('*')]


MODEL = {'model.pkl': 'main', 'variables/deep/重み.bin': '', 'model.pkl.npy': 'beside'}


def test_everything_that_was_saved_is_there_at_load(archive: Path, scratch: Path) -> None:
    target = model(archive, scratch)
    target.dump(MODEL)
    assert target.load() == MODEL


def test_it_loads_without_the_functions(archive: Path, scratch: Path) -> None:
    model(archive, scratch, load_function=lambda path: load(path)).dump(MODEL)
    assert model(archive, scratch, None, None).load() == MODEL


def test_it_works_in_memory(archive: Path, scratch: Path) -> None:
    target = model(f'memory:/{archive}', scratch)
    target.dump(MODEL)
    assert target.load() == MODEL
    assert target.exists()
    target.remove()
    assert not target.exists()


def test_the_path_is_model_pkl_in_an_empty_directory(archive: Path, scratch: Path) -> None:
    seen: list[tuple[str, list[str]]] = []

    def remember(obj: object, path: str) -> None:
        seen.append((path, os.listdir(Path(path).parent)))

    for _ in range(2):
        model(archive, scratch, remember).dump({})
    (first, content), (second, _) = seen
    assert content == []
    assert Path(first).name == 'model.pkl'
    assert Path(first).parents[1] == scratch
    assert Path(first).parent != Path(second).parent


def test_a_function_that_saves_nothing_is_fine(archive: Path, scratch: Path) -> None:
    target = model(archive, scratch)
    target.dump({})
    assert target.load() == {}


def test_no_scratch_remains(archive: Path, scratch: Path) -> None:
    target = model(archive, scratch)
    target.dump(MODEL)
    target.load()
    assert left_in(archive.parent, scratch) == ['model.zip']


def test_a_failing_save_leaves_the_old_model_and_no_scratch(archive: Path, scratch: Path) -> None:
    model(archive, scratch).dump(MODEL)

    def fail(obj: object, path: str) -> None:
        Path(path).write_text('half')
        raise LookupError('no')

    with pytest.raises(LookupError):
        model(archive, scratch, fail).dump({})
    assert model(archive, scratch).load() == MODEL
    assert left_in(archive.parent, scratch) == ['model.zip']


def test_a_failing_load_leaves_no_scratch(archive: Path, scratch: Path) -> None:
    def fail(path: str) -> None:
        raise LookupError('no')

    target = model(archive, scratch, load_function=fail)
    target.dump(MODEL)
    with pytest.raises(BrokenFileError, match='LookupError'):
        target.load()
    assert left_in(archive.parent, scratch) == ['model.zip']


def test_a_load_function_that_cannot_be_stored_is_known_before_the_work(archive: Path, scratch: Path) -> None:
    saved: list[object] = []
    with pytest.raises((TypeError, pickle.PicklingError)):
        model(archive, scratch, lambda obj, path: saved.append(obj), (one for one in ()).__next__).dump(1)
    assert saved == []
    assert not archive.exists()


def test_what_no_archive_can_hold_is_refused_with_the_path(archive: Path, scratch: Path) -> None:
    def save_circle(obj: object, path: str) -> None:
        Path(path).symlink_to(Path(path).parent, target_is_directory=True)

    with pytest.raises(UnsupportedObjectError, match=r'model\.zip cannot hold the object\. .*model\.pkl is a link'):
        model(archive, scratch, save_circle).dump(1)
    assert left_in(archive.parent, scratch) == []


def test_it_is_removed(archive: Path, scratch: Path) -> None:
    target = model(archive, scratch)
    target.dump(MODEL)
    target.remove()
    assert not archive.exists()
    assert not target.exists()
    target.remove()


def test_it_does_not_exist_before_the_dump(archive: Path, scratch: Path) -> None:
    target = model(archive, scratch)
    assert not target.exists()
    assert target.version() is None
    with pytest.raises(FileNotFoundError, match=r'model\.zip'):
        target.last_modification_time()
    with pytest.raises(FileNotFoundError, match=r'model\.zip'):
        target.load()


def test_each_dump_gives_a_new_version(archive: Path, scratch: Path) -> None:
    target = model(archive, scratch)
    target.dump(MODEL)
    before = target.version()
    target.dump(MODEL)
    assert None not in (before, target.version())
    assert before != target.version()
    assert target.last_modification_time().utcoffset() is not None


def test_it_pickles(archive: Path, scratch: Path) -> None:
    model(archive, scratch).dump(MODEL)
    copy = pickle.loads(pickle.dumps(model(archive, scratch)))
    assert copy.load() == MODEL


def rewrite(archive: Path, **members: bytes | None) -> None:
    """Replace members of the archive, or leave them out."""
    with zipfile.ZipFile(archive) as old:
        content = {name: old.read(name) for name in old.namelist()} | {
            name.replace('_pkl', '.pkl'): data for name, data in members.items()
        }
    with zipfile.ZipFile(archive, 'w') as new:
        for name, data in content.items():
            if data is not None:
                new.writestr(name, data)


@pytest.fixture
def stored(archive: Path, scratch: Path) -> ModelTarget:
    model(archive, scratch, pd.DataFrame.to_pickle, pd.read_pickle).dump(pd.DataFrame({'a': [1]}))
    return model(archive, scratch, pd.DataFrame.to_pickle, load_function=None)


def assert_broken(target: ModelTarget, scratch: Path, reason: str) -> None:
    with pytest.raises(BrokenFileError, match=f'{reason}.*remove the file') as raised:
        target.load()
    assert str(raised.value).startswith(f'{target.path()} cannot be loaded')
    assert left_in(scratch) == []


def test_a_load_function_whose_module_is_gone_says_so(stored: ModelTarget, archive: Path, scratch: Path) -> None:
    rewrite(archive, load_function_pkl=b'cno_such_module\nload\n.')
    assert_broken(stored, scratch, 'no_such_module.*make it importable')


def test_a_load_function_whose_name_is_gone_says_so(stored: ModelTarget, archive: Path, scratch: Path) -> None:
    rewrite(archive, load_function_pkl=b'cpandas\nno_such_function\n.')
    assert_broken(stored, scratch, 'no_such_function.*make it importable')


@pytest.mark.parametrize('member', ['load_function', 'model'])
def test_a_missing_member_is_named(member: str, stored: ModelTarget, archive: Path, scratch: Path) -> None:
    rewrite(archive, **{f'{member}_pkl': None})
    assert_broken(stored, scratch, rf'It lacks {member}\.pkl')


def test_another_missing_file_is_none_of_the_archive(archive: Path, scratch: Path, tmp_path: Path) -> None:
    """The load function may need files of its own."""
    other = str(tmp_path / 'vocabulary')
    target = model(archive, scratch, load_function=lambda path: Path(other).read_text())
    target.dump(MODEL)
    with pytest.raises(FileNotFoundError, match='vocabulary'):
        target.load()


@pytest.mark.parametrize('keep', [0, 10, 0.5, 0.99])
def test_a_truncated_archive_says_so(keep: float, stored: ModelTarget, archive: Path, scratch: Path) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    assert_broken(stored, scratch, 'no intact zip archive')


def test_an_archive_that_leads_out_is_refused(stored: ModelTarget, archive: Path, scratch: Path) -> None:
    rewrite(archive, **{'../evil': b'x'})
    assert_broken(stored, scratch, 'leads out')
    assert left_in(scratch.parent).count('evil') == 0


def test_too_little_space_to_unpack_is_no_fault_of_the_archive(
    stored: ModelTarget, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('shutil.disk_usage', lambda path: SimpleNamespace(free=10))
    with pytest.raises(StorageError, match='10 are free'):
        stored.load()
    assert left_in(scratch) == []


def test_loads_and_dumps_at_once_do_not_disturb_each_other(archive: Path, scratch: Path) -> None:
    models = [{'model.pkl': letter, 'other': letter * 10_000} for letter in 'abcd']
    model(archive, scratch).dump(models[0])
    loaded: list[Any] = []

    def work(own: dict[str, str]) -> None:
        for _ in range(5):
            model(archive, scratch).dump(own)
            loaded.extend(model(archive, scratch).load() for _ in range(2))

    threads = [threading.Thread(target=work, args=(own,)) for own in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 40
    assert all(one in models for one in loaded)
    assert left_in(archive.parent, scratch) == ['model.zip']


KILLED = """
import sys, time
from pathlib import Path
import pandas as pd
from gokart.target import LargeDataFrameProcessor, make_model_target

where, archive, scratch = sys.argv[1:]
frame = pd.DataFrame({'a': range(100_000)})
processor = LargeDataFrameProcessor(100_000)

def stop():
    print('here', flush=True)
    time.sleep(60)

def save(obj, path):
    processor.save(obj, path)
    if where == 'saving':
        stop()

target = make_model_target(archive, scratch, save, processor.load)
if where == 'zipping':
    opened = target._target.open
    def open_slow(mode):
        file = opened(mode)
        write = file.write
        def write_some(data):
            write(data)
            file.flush()
            if Path(file.name).stat().st_size > 10_000:
                stop()
            return len(data)
        file.write = write_some
        return file
    target._target.open = open_slow
target.dump(frame)
"""


@pytest.mark.skipif(sys.platform == 'win32', reason='the scratch of dead processes stays a day on Windows')
@pytest.mark.parametrize('where', ['saving', 'zipping'])
@pytest.mark.parametrize('is_first', [True, False], ids=['first dump', 'second dump'])
def test_a_dump_killed_halfway_leaves_the_old_object(where: str, is_first: bool, archive: Path, scratch: Path) -> None:
    """Nothing is torn, and the next process sweeps what the dead one left."""
    old = pd.DataFrame({'a': [1, 2, 3]})
    processor = LargeDataFrameProcessor(100)
    if not is_first:
        dump = 'import sys, pandas as pd; from gokart.target import *; p = LargeDataFrameProcessor(100); '
        dump += 'make_model_target(*sys.argv[1:], p.save, p.load).dump(pd.DataFrame({"a": [1, 2, 3]}))'
        subprocess.run([sys.executable, '-c', dump, archive, scratch], check=True)
    child = subprocess.Popen([sys.executable, '-c', KILLED, where, archive, scratch], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == 'here\n'
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()

    target = model(archive, scratch, processor.save, processor.load)
    assert target.exists() is not is_first
    if not is_first:
        pd.testing.assert_frame_equal(target.load(), old)
    target.dump(old)
    pd.testing.assert_frame_equal(target.load(), old)
    assert left_in(archive.parent, scratch) == ['model.zip']


@pytest.mark.skipif(sys.platform == 'win32', reason='there are no limits of resources on Windows')
def test_a_disk_that_takes_no_more_leaves_the_old_model(archive: Path, scratch: Path) -> None:
    model(archive, scratch).dump(MODEL)
    script = """
import os, resource, signal, sys
from pathlib import Path
from gokart.target import make_model_target
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
def save(obj, path):
    for number in range(10):
        Path(path).with_name(str(number)).write_bytes(os.urandom(50_000))
try:
    make_model_target(*sys.argv[1:], save, len).dump(1)
except OSError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, '-c', script, archive, scratch], capture_output=True, text=True, check=True)
    assert 'File too large' in done.stdout
    assert done.stderr == ''
    assert model(archive, scratch).load() == MODEL
    assert left_in(archive.parent, scratch) == ['model.zip']


def test_a_frame_comes_back_in_order_from_many_parts(archive: Path, scratch: Path) -> None:
    frame = pd.DataFrame({'a': range(500), 'text': [f'row {number}' for number in range(500)]})
    processor = LargeDataFrameProcessor(1000)
    model(archive, scratch, processor.save, processor.load).dump(frame)
    assert len(zipfile.ZipFile(archive).namelist()) > 12
    pd.testing.assert_frame_equal(model(archive, scratch, None, None).load(), frame)


@pytest.mark.parametrize('kind', ['model', 'large'])
def test_recorded_archives_load(kind: str, scratch: Path) -> None:
    (recorded,) = GOLDEN.glob(f'sample_{kind}_*.zip')
    frame = make_model_target(str(recorded), str(scratch), None, None).load()  # type: ignore[arg-type]
    assert frame['id'].tolist() == [0, 1, 2, 3, 4]
    assert frame.columns.tolist() == ['id', 'score', 'word', 'seen']
    assert frame['word'].tolist() == ['a', 'b,c', 'd"e', '改行\nあり', '']


def test_an_archive_has_the_recorded_members(archive: Path, scratch: Path) -> None:
    """Names, the pickled load function bit for bit, compression."""
    (recorded,) = GOLDEN.glob('sample_large_*.zip')
    processor = LargeDataFrameProcessor(200)
    model(archive, scratch, processor.save, processor.load).dump(pd.DataFrame({'a': range(30)}))
    with zipfile.ZipFile(archive) as ours, zipfile.ZipFile(recorded) as theirs:
        assert ours.read('load_function.pkl') == theirs.read('load_function.pkl')
        assert set(theirs.namelist()) <= set(ours.namelist())
        assert {entry.compress_type for entry in ours.infolist()} == {zipfile.ZIP_DEFLATED}


def test_the_load_function_is_stored_for_old_readers(archive: Path, scratch: Path) -> None:
    model(archive, scratch).dump(MODEL)
    with zipfile.ZipFile(archive) as file:
        stored = file.read('load_function.pkl')
    assert stored[:2] == b'\x80\x04'
    assert dill.load(io.BytesIO(stored)) is load


def test_the_load_function_of_today_is_used_and_the_stored_one_without(tmp_path):
    """As in 1.12.2: a project that mends its load function reads the archives that it has."""
    path, scratch = str(tmp_path / 'model.zip'), str(tmp_path / 'scratch')

    def save(text, path):
        Path(path).write_text(text)

    make_model_target(path, scratch, save, lambda path: 'stored ' + Path(path).read_text()).dump('model')
    assert make_model_target(path, scratch, save, lambda path: 'new ' + Path(path).read_text()).load() == 'new model'
    assert make_model_target(path, scratch, save, None).load() == 'stored model'
