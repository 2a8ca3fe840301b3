"""How the mypy plugin is found and configured."""

from __future__ import annotations

import subprocess
import sys

import pytest
from mypy.errors import CompileError
from mypy.options import Options

from gokart.mypy import TaskOnKartPlugin, plugin


@pytest.fixture
def configured(tmp_path):
    """Make the plugin as mypy would for ``pyproject.toml`` of this text and for this file of its own options."""

    def make(text: str, config_file: str | None = 'pyproject.toml') -> TaskOnKartPlugin:
        (tmp_path / 'pyproject.toml').write_text(text, encoding='utf-8')
        options = Options()
        options.config_file = config_file and str(tmp_path / config_file)
        return TaskOnKartPlugin(options)

    return make


def disallows(made: TaskOnKartPlugin) -> bool:
    return made.report_config_data(None)['disallow_missing_parameters']


def test_mypy_asks_a_function_for_the_class():
    assert plugin('1.15.0') is TaskOnKartPlugin


@pytest.mark.parametrize('config_file', ['pyproject.toml', 'mypy.ini', 'setup.cfg', None])
def test_option_is_read_from_pyproject_beside_the_configuration_of_mypy(configured, config_file):
    text = '[tool.gokart-mypy]\ndisallow_missing_parameters = true\n'
    assert disallows(configured(text, config_file)) is True


@pytest.mark.parametrize('text', ['', '[tool.mypy]\nstrict = true\n', '[tool.gokart-mypy]\n'])
def test_missing_parameters_are_allowed_by_default(configured, text):
    assert disallows(configured(text)) is False


def test_pyproject_need_not_exist(tmp_path):
    options = Options()
    options.config_file = str(tmp_path / 'mypy.ini')
    assert disallows(TaskOnKartPlugin(options)) is False


def test_value_that_is_no_truth_value_is_an_error(configured):
    with pytest.raises(CompileError, match="must be true or false, not 'yes'"):
        configured('[tool.gokart-mypy]\ndisallow_missing_parameters = "yes"\n')


def test_unreadable_pyproject_is_an_error(configured):
    with pytest.raises(CompileError, match='cannot be read'):
        configured('[tool.gokart-mypy\n', 'mypy.ini')


def test_misspelled_option_warns(configured):
    with pytest.warns(UserWarning, match='disallow_missing_parameter'):
        configured('[tool.gokart-mypy]\ndisallow_missing_parameter = true\n')


def test_mypy_is_not_imported_with_gokart():
    code = 'import sys, gokart; print(*sorted({"mypy", "pyright"} & set(sys.modules)))'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
