"""Which labels an object gets, from what its task hands on."""

from __future__ import annotations

import json

import pytest

from gokart.errors import ParameterTypeError
from gokart.object_labels import is_log_file, make_labels
from gokart.required_task_output import RequiredTaskOutput

FIRST = RequiredTaskOutput('First', 'gs://bucket/first.pkl')
SECOND = RequiredTaskOutput('ns.Second', 'gs://bucket/zwölf.pkl')
DESCRIBED_FIRST = {'__gokart_task_name': 'First', '__gokart_output_path': 'gs://bucket/first.pkl'}
DESCRIBED_SECOND = {'__gokart_task_name': 'ns.Second', '__gokart_output_path': 'gs://bucket/zwölf.pkl'}
MAX_BYTES = 8192


def test_there_may_be_none():
    assert make_labels(None, None, None, MAX_BYTES) == {}


def test_labels_of_the_users_come_first_then_parameters_then_inputs():
    labels = make_labels({'number': '1'}, {'owner': 'me'}, FIRST, MAX_BYTES)
    assert list(labels) == ['owner', 'number', '__required_task_outputs']


def test_labels_of_the_users_win():
    assert make_labels({'number': '1', 'other': '2'}, {'number': 'one'}, None, MAX_BYTES) == {
        'number': 'one',
        'other': '2',
    }
    assert make_labels(None, {'__required_task_outputs': 'none'}, FIRST, MAX_BYTES) == {
        '__required_task_outputs': 'none'
    }


def test_an_empty_label_leaves_the_parameter_its_name():
    assert make_labels({'number': '1'}, {'number': ''}, None, MAX_BYTES) == {'number': '1'}


def test_empty_values_are_left_out():
    assert make_labels({'empty': '', 'none': 'None'}, {'nothing': ''}, [], MAX_BYTES) == {'none': 'None'}


@pytest.mark.parametrize(
    ('value', 'text'), [(None, 'None'), (0, '0'), (False, 'False'), ([1, 'a'], "[1, 'a']"), (1.5, '1.5'), ('ü', 'ü')]
)
def test_values_become_texts(value, text):
    assert make_labels(None, {'label': value}, None, MAX_BYTES) == {'label': text}


def test_names_become_texts():
    assert make_labels(None, {5: 'five'}, None, MAX_BYTES) == {'5': 'five'}


@pytest.mark.parametrize(
    ('outputs', 'described'),
    [
        (FIRST, DESCRIBED_FIRST),
        ([FIRST, SECOND], [DESCRIBED_FIRST, DESCRIBED_SECOND]),
        ((FIRST, SECOND), [DESCRIBED_FIRST, DESCRIBED_SECOND]),
        (
            {'a': FIRST, 'b': [SECOND, {'c': FIRST}]},
            {'a': DESCRIBED_FIRST, 'b': [DESCRIBED_SECOND, {'c': DESCRIBED_FIRST}]},
        ),
        ({'a': None, 'b': FIRST}, {'a': None, 'b': DESCRIBED_FIRST}),
    ],
)
def test_inputs_are_told_as_json_in_their_structure(outputs, described):
    labels = make_labels(None, None, outputs, MAX_BYTES)
    assert json.loads(labels['__required_task_outputs']) == described


def test_inputs_are_told_in_the_published_form():
    assert make_labels(None, None, SECOND, MAX_BYTES) == {
        '__required_task_outputs': '{"__gokart_task_name": "ns.Second", '
        '"__gokart_output_path": "gs://bucket/zw\\u00f6lf.pkl"}'
    }


@pytest.mark.parametrize('outputs', ['First', ['First'], {'a': 1}])
def test_inputs_of_another_type_are_an_error(outputs):
    with pytest.raises(ParameterTypeError, match='RequiredTaskOutput'):
        make_labels(None, None, outputs, MAX_BYTES)


@pytest.mark.parametrize(
    ('sizes', 'kept'),
    [
        ([MAX_BYTES - 1], 'a'),
        ([MAX_BYTES], ''),
        ([4000, 4000, 189], 'abc'),
        ([4000, 4000, 190], 'ab'),
        ([1, 9000, 1], 'a'),
    ],
)
def test_what_exceeds_the_limit_is_left_out_and_what_comes_after_it(sizes, kept):
    params = {name: 'x' * size for name, size in zip('abc', sizes, strict=False)}
    assert ''.join(make_labels(params, None, None, MAX_BYTES)) == kept


def test_the_limit_counts_bytes():
    assert make_labels({'a': 'ü' * (MAX_BYTES // 2)}, None, None, MAX_BYTES) == {}


def test_too_many_inputs_cost_no_other_label():
    assert make_labels({'number': '1'}, {'owner': 'me'}, [FIRST] * 1000, MAX_BYTES) == {'owner': 'me', 'number': '1'}


def test_what_is_no_unicode_is_escaped():
    labels = make_labels({'path': 'data-\udcff'}, None, None, MAX_BYTES)
    assert labels == {'path': 'data-\\udcff'}


@pytest.mark.parametrize(
    'path', ['gs://bucket/log/task_log/A_1.pkl', 's3://bucket/workspace/log/private_params/A_1.txt']
)
def test_a_log_file_is_known_by_its_directory(path):
    assert is_log_file(path)


@pytest.mark.parametrize('path', ['gs://bucket/log/data.pkl', 'gs://bucket/my log/task_log/a', 'gs://b/x/log/other/a'])
def test_other_files_may_be_in_a_directory_called_log(path):
    assert not is_log_file(path)


@pytest.mark.parametrize('labels', ['text', ['name']])
def test_custom_labels_are_a_dict(labels):
    with pytest.raises(TypeError, match='must be a dict of names and values'):
        make_labels(None, labels, None, 100)
