"""Which storage serves a path."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from gokart.errors import StorageError, UnknownStorageError
from gokart.storage.contract import Storage
from gokart.storage.local import LocalStorage
from gokart.storage.memory import MemoryStorage
from gokart.storage.registry import forget_storages, scheme_of, storage_for


@pytest.mark.parametrize(
    ('path', 'scheme'),
    [
        ('resources/data.pkl', 'file'),
        ('/resources/data.pkl', 'file'),
        ('./s3://bucket/key', 'file'),
        ('with:colon', 'file'),
        ('C:\\data.pkl', 'file'),
        ('c:/data.pkl', 'file'),
        ('c://data.pkl', 'file'),
        ('', 'file'),
        ('file:///data.pkl', 'file'),
        ('FILE:///data.pkl', 'file'),
        ('memory://data.pkl', 'memory'),
        ('s3://bucket/key', 's3'),
        ('S3://bucket/key', 's3'),
        ('gs://bucket/key', 'gs'),
        ('abfs+ssl://x/y', 'abfs+ssl'),
    ],
)
def test_the_scheme_is_what_stands_before_the_slashes(path, scheme):
    assert scheme_of(path) == scheme


@pytest.mark.parametrize('path', ['resources/data.pkl', '/data.pkl', 'C:\\data.pkl', 'file:///data.pkl'])
def test_local_paths_lead_to_the_local_storage(path):
    assert isinstance(storage_for(path), LocalStorage)


def test_all_threads_share_one_storage():
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(storage_for, [f'memory://{number}' for number in range(100)]))
    assert len(found) == 1
    assert isinstance(found.pop(), MemoryStorage)


def test_an_unknown_scheme_is_named_with_the_known_ones():
    with pytest.raises(UnknownStorageError) as caught:
        storage_for('hdfs://cluster/data.pkl')
    for part in ('hdfs://cluster/data.pkl', "'hdfs'", 'file://', 'memory://'):
        assert part in str(caught.value)


class Shelf(LocalStorage):
    """A storage of another package."""


class Box:
    """Something that is no storage."""

    def open_read(self, path):
        raise NotImplementedError


def refuse():
    raise LookupError('no key to the shelf')


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Install a package that registers storages: ``register('scheme', Shelf)``."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, 'other_package', sys.modules[__name__])
    forget_storages()

    def install(scheme, made, package='other'):
        value = made if isinstance(made, str) else f'other_package:{made.__name__}'
        directory = tmp_path / f'{package}-1.0.dist-info'
        directory.mkdir()
        (directory / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n', encoding='utf-8')
        (directory / 'entry_points.txt').write_text(f'[gokart.storages]\n{scheme} = {value}\n', encoding='utf-8')

    yield install
    forget_storages()


def test_another_package_adds_a_scheme(register):
    register('shelf', Shelf)
    assert isinstance(storage_for('shelf://box/data.pkl'), Shelf)


@pytest.mark.parametrize(('registered', 'used'), [('Shelf', 'shelf'), ('shelf', 'SHELF')])
def test_the_case_of_a_scheme_makes_no_difference(register, registered, used):
    register(registered, Shelf)
    assert storage_for(f'{used}://box/data.pkl') is storage_for('shelf://another')


@pytest.mark.parametrize('scheme', ['file', 'memory', 's3', 'S3', 'gs'])
def test_a_scheme_of_ours_stays_ours(register, scheme):
    register(scheme, Shelf)
    assert not isinstance(storage_for(f'{scheme.lower()}://bucket/data.pkl'), Shelf)


def test_a_registered_scheme_is_among_the_known_ones(register):
    register('shelf', Shelf)
    with pytest.raises(UnknownStorageError, match='memory://, s3://, shelf:// and plain local paths'):
        storage_for('hdfs://cluster/data.pkl')


@pytest.mark.parametrize(
    ('made', 'reason'),
    [
        (refuse, r'cannot be made: LookupError: no key to the shelf'),
        ('package_that_is_not_there:Shelf', r"cannot be made: ModuleNotFoundError: No module named 'package_that_is"),
        ('other_package:Missing', r'cannot be made: AttributeError: .*Missing'),
        (Box, r'is a Box, no Storage: it lacks open_write, stat, exists, remove, list\.'),
        (Storage, r'cannot be made: TypeError: '),
    ],
)
def test_a_storage_that_cannot_be_had_is_an_error_that_names_its_entry_point(register, made, reason):
    register('shelf', made)
    with pytest.raises(StorageError, match=rf"The storage for shelf://, entry point 'shelf' = '\w+:\w+', {reason}"):
        storage_for('shelf://box/data.pkl')


def test_a_factory_that_failed_is_asked_again(register, monkeypatch):
    register('shelf', Shelf)
    with monkeypatch.context() as broken:
        broken.setattr(sys.modules[__name__], 'Shelf', refuse)
        with pytest.raises(StorageError):
            storage_for('shelf://box/data.pkl')
    assert isinstance(storage_for('shelf://box/data.pkl'), Shelf)


def test_two_packages_with_one_scheme_are_an_error_that_names_both(register):
    register('shelf', Shelf)
    register('shelf', Box, package='another')
    with pytest.raises(StorageError, match='other_package:Box and other_package:Shelf'):
        storage_for('shelf://box/data.pkl')


def test_a_forgotten_storage_is_made_anew(register):
    register('shelf', Shelf)
    first = storage_for('shelf://box')
    forget_storages()
    assert storage_for('shelf://box') is not first


def test_what_is_in_memory_is_not_forgotten():
    first = storage_for('memory://box')
    forget_storages()
    assert storage_for('memory://box') is first
