"""A build makes the requests that docs/explanation/requests.md tells of, and no other."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import luigi
import pytest

import gokart
from gokart.storage.registry import forget_storages
from gokart.target import make_target

PAGE = Path(__file__).parents[2] / 'docs' / 'explanation' / 'requests.md'

# Method and path of the requests that the page calls by these names.
KINDS = {
    's3': {
        'look': r'HEAD /\S+',
        'list': r'GET /[^/]+\?list-type=2',
        'write': r'PUT /\S+',
        'read': r'GET /[^/]+/[^?]+$',
    },
    'gs': {
        'look': r'GET /storage/v1/b/[^/]+/o/',
        'list': r'GET /storage/v1/b/[^/]+/o\?',
        'write': r'POST /upload/',
        'read': r'GET /download/',
    },
}


class Child(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.number)


class Parent(gokart.TaskOnKart):
    def requires(self):
        return Child()

    def run(self):
        self.dump(self.load() + 1)


class Wide(gokart.TaskOnKart):
    def requires(self):
        return [Child(number=number) for number in range(100)]

    def run(self):
        self.dump('x')


class Wrapper(luigi.WrapperTask):
    def requires(self):
        return [Child(number=number) for number in range(100)]


@pytest.fixture(params=['s3', 'gs'])
def requests(request, fault_proxy, monkeypatch, config):
    """Counts the requests since it was last called, by kind."""
    scheme = request.param
    if scheme == 's3':
        url, server = request.getfixturevalue('s3_url'), request.getfixturevalue('s3_server').url
    else:
        url, server = request.getfixturevalue('gcs_url'), request.getfixturevalue('gcs_server')
    proxy = fault_proxy(server)
    monkeypatch.setenv('AWS_ENDPOINT_URL' if scheme == 's3' else 'STORAGE_EMULATOR_HOST', proxy.url)
    forget_storages()
    config.set('TaskOnKart', 'workspace_directory', f'{url}/workspace')

    def count():
        found = Counter(kind_of(scheme, f'{entry.method} {entry.path}') for entry in proxy.log)
        proxy.log.clear()
        return dict(found)

    return count


def kind_of(scheme, request):
    return next((kind for kind, pattern in KINDS[scheme].items() if re.match(pattern, request)), request)


def told(column):
    """The numbers of one column of the table of the page, without zeros."""
    lines = PAGE.read_text(encoding='utf-8').splitlines()
    table = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines if line.startswith('| ')]
    place = table[0].index(column)
    rows = {row[0]: int(row[place]) for row in table if row[0] in (*KINDS['s3'], 'all')}
    assert rows.pop('all') == sum(rows.values())
    return {kind: number for kind, number in rows.items() if number}


def test_two_tasks_take_what_the_page_tells(requests):
    assert gokart.build(Parent()) == 2
    assert requests() == told('first build')
    assert gokart.build(Parent()) == 2
    assert requests() == told('second build')


def test_output_that_is_handed_on_in_memory_is_neither_written_nor_read(requests):
    assert gokart.build(Parent(), cache='memory') == 2
    stored, found = told('first build'), requests()
    assert found['write'] == stored['write'] - 1
    assert found['read'] == stored['read'] - 1
    assert found['look'] <= stored['look'] + 1


def test_the_page_compares_with_less_than_half_of_the_published_library():
    published = int(re.search(r'makes (\d+) requests for the first build', PAGE.read_text(encoding='utf-8'))[1])
    assert sum(told('first build').values()) < published / 2


@pytest.mark.parametrize('root', [Wide, Wrapper])
def test_many_finished_tasks_are_looked_at_together(root, requests):
    paths = [child.output().path() for child in root().requires()]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: make_target(path).dump(1), paths))
    requests()
    gokart.build(root(), return_value=False)
    found = requests()
    # One for the root, one for its requirements; before the body of a root one for both, once the bucket is known.
    assert found.get('look', 0) + found['list'] <= (1 if root is Wrapper else 4)
    assert 'read' not in found
