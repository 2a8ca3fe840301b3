"""A switch is written out, on the command line as elsewhere."""

from __future__ import annotations

import luigi
import pytest
from luigi.parameter import MissingParameterException

import gokart
from gokart.errors import ParameterValueError


class Switched(luigi.Task):
    on = gokart.ExplicitBoolParameter(default=True)
    off = gokart.ExplicitBoolParameter(default=False)


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        ([], (True, False)),
        (['--on', 'false', '--off', 'true'], (False, True)),
        (['--off', 'TRUE'], (True, True)),
        (['--Switched-on', 'False'], (False, False)),
    ],
)
def test_value_comes_from_the_command_line(arguments, expected):
    with luigi.cmdline_parser.CmdlineParser.global_instance(['Switched', *arguments]) as parser:
        task = parser.get_task_obj()
    assert (task.on, task.off) == expected


@pytest.mark.parametrize('arguments', [['--on'], ['--on', '--off', 'true']])
def test_value_must_be_written_out_on_the_command_line(arguments, capsys):
    with pytest.raises(SystemExit), luigi.cmdline_parser.CmdlineParser.global_instance(['Switched', *arguments]):
        pass
    assert 'expected one argument' in capsys.readouterr().err


@pytest.mark.parametrize('value', [True, 'true', 'True', 'TRUE'])
def test_true_may_be_spelled(value):
    assert Switched(off=value).off is True


@pytest.mark.parametrize('value', ['yes', '1', '', 1, 0, 'x'])
def test_other_values_are_refused(value):
    with pytest.raises(ParameterValueError, match=r"'off' \(ExplicitBoolParameter\).*Write 'true' or 'false'"):
        Switched(off=value)


def test_without_a_default_it_has_to_be_given():
    class Required(luigi.Task):
        flag = gokart.ExplicitBoolParameter()

    with pytest.raises(MissingParameterException, match='flag'):
        Required()
    assert Required(flag=False).flag is False
