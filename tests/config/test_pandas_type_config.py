"""Declared types of columns."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import luigi
import numpy as np
import pandas as pd
import pytest

import gokart
from gokart.errors import ConfigError
from gokart.pandas_type_config import PandasTypeConfigMap, PandasTypeError


class Types(gokart.PandasTypeConfig):
    task_namespace = 'typed'

    @classmethod
    def type_dict(cls):
        return {
            'number': int,
            'real': float,
            'word': str,
            'day': dt.date,
            'either': (int, str),
            'maybe': int | None,
            'exact': np.int64,
            5: int,
        }


def check(namespace='typed', **columns):
    PandasTypeConfigMap().check(pd.DataFrame(columns), task_namespace=namespace)


@pytest.mark.parametrize(
    ('column', 'values'),
    [
        ('number', [1]),
        ('number', np.array([1], dtype='int8')),
        ('number', pd.array([1, 2], dtype='Int64')),
        ('number', pd.Series([1, np.int64(2)], dtype=object)),
        ('number', [True]),
        ('real', [1.5, float('nan')]),
        ('real', np.array([1], dtype='float32')),
        ('word', ['a', 'b']),
        ('word', pd.array(['a'], dtype='string')),
        ('word', pd.Categorical(['a', 'b'])),
        ('day', [dt.date(2020, 1, 1)]),
        ('day', pd.to_datetime(['2020-01-01'])),
        ('either', [1, 'a']),
        ('maybe', pd.Series([1, None], dtype=object)),
        ('exact', [1, 2]),
        ('number', []),
        ('undeclared', [object()]),
    ],
)
def test_values_of_the_declared_type_pass(column, values):
    check(**{column: values})


@pytest.mark.parametrize(
    ('column', 'values', 'found'),
    [
        ('number', [1.0], 'float'),
        ('number', ['1'], 'str'),
        ('number', [1, 'a'], 'str'),
        ('number', [1, None], 'float'),
        ('number', pd.array([1, None], dtype='Int64'), 'NAType'),
        ('real', [1], 'int'),
        ('word', [1], 'int'),
        ('word', pd.Series(['a', None], dtype=object), 'NoneType'),
        ('day', pd.Series([dt.date(2020, 1, 1), None], dtype=object), 'NoneType'),
        ('either', [1.5], 'float'),
        ('exact', np.array([1], dtype='int32'), 'int'),
    ],
)
def test_other_values_are_an_error_that_names_types_and_column(column, values, found):
    message = rf'expected type is ".*", but "<class \'.*{found}\'>" is passed in column "{column}"\. .*Types'
    with pytest.raises(PandasTypeError, match=message):
        check(**{column: values})


def test_column_may_have_any_label():
    with pytest.raises(PandasTypeError, match='column "5"'):
        PandasTypeConfigMap().check(pd.DataFrame({5: ['a']}), 'typed')


def test_each_of_several_columns_of_one_name_is_checked():
    frame = pd.DataFrame([[1, 'a']], columns=['number', 'number'])
    with pytest.raises(PandasTypeError, match='column "number"'):
        PandasTypeConfigMap().check(frame, 'typed')


@pytest.mark.parametrize('obj', [None, [pd.DataFrame({'number': ['a']})], pd.Series(['a'], name='number'), 'number'])
def test_only_frames_are_checked(obj):
    PandasTypeConfigMap().check(obj, task_namespace='typed')


def test_a_config_checks_by_itself():
    with pytest.raises(PandasTypeError):
        Types.check(pd.DataFrame({'number': ['a']}))


class TestNamespaces:
    @pytest.mark.parametrize('namespace', ['other', '', 'typed.deeper'])
    def test_of_others_are_not_checked(self, namespace):
        check(namespace, number=['a'])

    def test_none_is_a_namespace_too(self):
        class Everywhere(gokart.PandasTypeConfig):
            @classmethod
            def type_dict(cls):
                return {'only_without_namespace': int}

        check('typed', only_without_namespace=['a'])
        with pytest.raises(PandasTypeError):
            check('', only_without_namespace=['a'])
        with pytest.raises(PandasTypeError):
            check(luigi.Task.task_namespace, only_without_namespace=['a'])

    def test_may_have_several_configs(self):
        class More(gokart.PandasTypeConfig):
            task_namespace = 'typed'

            @classmethod
            def type_dict(cls):
                return {'more': int}

        with pytest.raises(PandasTypeError, match='"more"'):
            check(more=['a'])
        with pytest.raises(PandasTypeError, match='"number"'):
            check(number=['a'])

    def test_config_that_is_declared_later_counts(self):
        check('late', number=['a'])

        class Late(Types):
            task_namespace = 'late'

        with pytest.raises(PandasTypeError):
            check('late', number=['a'])

    def test_subclass_speaks_for_its_base(self):
        class Base(gokart.PandasTypeConfig):
            task_namespace = 'family'

            @classmethod
            def type_dict(cls):
                return {'a': int}

        class Derived(Base):
            @classmethod
            def type_dict(cls):
                return {'a': str}

        check('family', a=['x'])

    def test_last_definition_of_a_name_counts(self):
        """As in a notebook, where a cell runs again."""

        def define(expected):
            class Again(gokart.PandasTypeConfig):
                task_namespace = 'notebook'

                @classmethod
                def type_dict(cls):
                    return {'a': expected}

        define(int)
        define(str)
        check('notebook', a=['x'])
        with pytest.raises(PandasTypeError):
            check('notebook', a=[1])


class TestWrongDeclarations:
    @pytest.mark.parametrize(
        ('types', 'message'), [(None, 'must return a dict'), ({'a': 'int'}, r"must return types.*'int'.*\"a\"")]
    )
    def test_are_named(self, types, message):
        class Wrong(gokart.PandasTypeConfig):
            task_namespace = 'wrong'

            @classmethod
            def type_dict(cls):
                return types

        with pytest.raises(ConfigError, match=message):
            check('wrong', a=[1])


def test_pandas_is_not_imported_for_the_check():
    code = (
        'import sys; from gokart.pandas_type_config import PandasTypeConfig, PandasTypeConfigMap\n'
        'class C(PandasTypeConfig): pass\n'
        "PandasTypeConfigMap().check(3, ''); assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, '-c', code], check=True)


class TestDumps:
    class Dumping(gokart.TaskOnKart):
        task_namespace = 'typed'
        values = luigi.ListParameter()

        def run(self):
            self.dump(pd.DataFrame({'number': self.values}))

    def test_are_checked(self):
        self.Dumping(values=[1]).run()
        task = self.Dumping(values=['a'])
        with pytest.raises(PandasTypeError, match='"number"'):
            task.run()
        assert not task.output().exists()
