"""What is dumped to object storage is labelled with what made it."""

from __future__ import annotations

import json
import random
import string

import luigi
import pandas as pd
import pytest
from luigi.parameter import ParameterVisibility

import gokart
from gokart.storage.labels import labels_of, max_label_bytes
from gokart.target import make_target


class Leaf(gokart.TaskOnKart):
    task_namespace = 'labels'
    number = luigi.IntParameter(default=1)
    empty = luigi.Parameter(default='')
    insignificant = luigi.Parameter(default='insignificant', significant=False)
    private = luigi.Parameter(default='private', visibility=ParameterVisibility.PRIVATE)

    def run(self):
        self.dump('leaf', custom_labels={'owner': 'me', 'nothing': ''})


class Tree(gokart.TaskOnKart):
    task_namespace = 'labels'

    def requires(self):
        return {'one': self.clone(Leaf), 'more': [self.clone(Leaf, number=2), self.clone(Leaf, number=3)]}

    def run(self):
        self.dump('tree')


class Several(gokart.TaskOnKart):
    """Dumps a model, a large frame and a text."""

    number = luigi.IntParameter(default=1)

    def output(self):
        return {
            'model': self.make_model_target('model.zip', lambda obj, path: None, lambda path: None),
            'frame': self.make_large_data_frame_target('frame.zip'),
            'text': self.make_target('text.txt'),
        }

    def run(self):
        self.dump('model', 'model')
        self.dump(pd.DataFrame({'a': [1]}), 'frame')
        self.dump('text', 'text', custom_labels={'kind': 'text'})


def built_labels(task):
    gokart.build(task, return_value=False)
    return labels_of(task.output().path())


def test_significant_public_parameters_and_labels_of_the_users_are_stored(cloud_url):
    assert built_labels(Leaf(workspace_directory=cloud_url)) == {'owner': 'me', 'number': '1'}


def test_the_inputs_are_stored_in_the_structure_of_requires(cloud_url):
    task = Tree(workspace_directory=cloud_url)
    required = json.loads(built_labels(task)['__required_task_outputs'])

    def described(leaf):
        return {'__gokart_task_name': 'labels.Leaf', '__gokart_output_path': leaf.output().path()}

    leaves = task.requires()
    assert required == {'one': described(leaves['one']), 'more': [described(leaf) for leaf in leaves['more']]}


def test_archives_are_labelled_as_well(cloud_url):
    task = Several(workspace_directory=cloud_url)
    gokart.build(task, return_value=False)
    found = {name: labels_of(target.path()) for name, target in task.output().items()}
    assert found == {'model': {'number': '1'}, 'frame': {'number': '1'}, 'text': {'kind': 'text', 'number': '1'}}


def test_log_files_are_not_labelled(cloud_url):
    task = Leaf(workspace_directory=cloud_url)
    gokart.build(task, return_value=False)
    path = f'{cloud_url}/log/task_params/Leaf_{task.make_unique_id()}.pkl'
    assert labels_of(path) == {}
    make_target(path).dump({}, task_params={'number': '1'}, custom_labels={'owner': 'me'})
    assert labels_of(path) == {}


def test_each_dump_replaces_the_labels(cloud_url):
    target = make_target(f'{cloud_url}/data.pkl')
    target.dump(1, custom_labels={'first': '1'})
    target.dump(2, custom_labels={'second': '2'})
    assert labels_of(target.path()) == {'second': '2'}
    target.dump(3)
    assert labels_of(target.path()) == {}


def test_what_exceeds_the_limit_of_the_storage_is_left_out(cloud_url):
    target = make_target(f'{cloud_url}/data.pkl')
    target.dump(1, task_params={'small': '1', 'large': 'x' * max_label_bytes(target.path())}, custom_labels={'a': 'b'})
    assert labels_of(target.path()) == {'a': 'b', 'small': '1'}


def test_labels_fill_the_limit_of_the_storage(cloud_url):
    target = make_target(f'{cloud_url}/data.pkl')
    value = 'x' * (max_label_bytes(target.path()) - 1)
    target.dump(1, task_params={'a': value})
    assert labels_of(target.path()) == {'a': value}


def test_labels_that_cannot_be_sent_are_left_out(cloud_url):
    """What is no ASCII takes more in a header of S3 than in UTF-8, unless it can be compressed."""
    target = make_target(f'{cloud_url}/data.pkl')
    left_bytes = max_label_bytes(target.path()) - len('owner' + 'me' + 'text' + 'üü')
    incompressible = ''.join(random.Random(1).choices(string.printable[:94], k=left_bytes - 2))
    target.dump(1, custom_labels={'owner': 'me', 'text': f'üü{incompressible}'})
    assert labels_of(target.path())['owner'] == 'me'


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('UPPER_and_lower', 'Value'),
        ('ünï 漢字 😀', 'ünï 漢字 😀'),
        ('lines', 'one\r\ntwo\n'),
        ('blanks', '  around  '),
        ('name with: signs=%41/?', '=?utf-8?q?x?= %41 "quoted" \\'),
        ('control', '\x00\x01\x7f'),
        ('surrogate \udcff', '\udcff'),
        ('x' * 300, '1'),
    ],
)
def test_any_text_may_be_a_label(cloud_url, name, value):
    target = make_target(f'{cloud_url}/data.pkl')
    target.dump(1, custom_labels={name: value})
    (found,) = labels_of(target.path()).items()
    assert found == tuple(text.replace('\udcff', '\\udcff') for text in (name, value))


def test_a_task_without_an_input_at_a_key_is_labelled(cloud_url):
    class Optional(gokart.TaskOnKart):
        def requires(self):
            return {'none': None, 'leaf': Leaf(workspace_directory=cloud_url)}

        def run(self):
            self.dump(1)

    labels = built_labels(Optional(workspace_directory=cloud_url))
    assert json.loads(labels['__required_task_outputs'])['none'] is None


def test_copies_keep_their_labels(cloud_url, memory_url):
    target = make_target(f'{cloud_url}/data.pkl')
    target.dump(1, custom_labels={'owner': 'me'})
    target._target.copy(f'{cloud_url}/copy.pkl')
    target._target.copy(f'{memory_url}/copy.pkl')
    assert labels_of(f'{cloud_url}/copy.pkl') == {'owner': 'me'}
    assert labels_of(f'{memory_url}/copy.pkl') == {}


def test_what_keeps_no_labels_does_not_collect_them(memory_url, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(Leaf, 'requires', lambda self: asked.append(self) or [])
    for directory in (str(tmp_path), memory_url):
        task = Leaf(workspace_directory=directory)
        task.make_unique_id()
        asked.clear()
        task.run()
        assert asked == []
