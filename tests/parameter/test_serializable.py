"""Objects that say themselves how they are written."""

from __future__ import annotations

from dataclasses import dataclass

import luigi
import pytest

import gokart
from gokart.errors import ParameterTypeError, ParameterValueError


@dataclass(frozen=True)
class Spec:
    foo: int
    bar: str = ''

    def gokart_serialize(self) -> str:
        return f'foo={self.foo}'

    @classmethod
    def gokart_deserialize(cls, s: str) -> Spec:
        return cls(int(s.split('=')[1]))


class SpecHolder(luigi.Task):
    spec = gokart.SerializableParameter(object_type=Spec, default=Spec(0))


def test_text_is_what_the_object_gives():
    assert SpecHolder(spec=Spec(1, 'b')).to_str_params() == {'spec': 'foo=1'}


def test_text_parses_to_the_object():
    with luigi.cmdline_parser.CmdlineParser.global_instance(['SpecHolder', '--spec', 'foo=3']) as parser:
        assert parser.get_task_obj().spec == Spec(3)


def test_default_may_be_given_by_position():
    assert gokart.SerializableParameter(Spec, Spec(4)).task_value('T', 'spec') == Spec(4)


def test_text_that_the_class_refuses_is_named():
    with pytest.raises(
        ParameterValueError, match=r"'spec' \(SerializableParameter\) .*'foo:3': IndexError.*Spec"
    ) as caught:
        SpecHolder.spec.parse('foo:3')
    assert isinstance(caught.value.__cause__, IndexError)


@pytest.mark.parametrize('value', [None, 'foo=1', 3])
def test_object_that_cannot_be_serialized_is_a_type_error(value):
    with pytest.raises(ParameterTypeError, match=r"'spec'.*gokart_serialize\(\).*Spec, but was given"):
        SpecHolder(spec=value)
