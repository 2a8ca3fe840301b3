"""Each checker finds in the examples beside this file what their comments expect, and nothing else.

``# E <checkers>: <codes>`` expects errors of these codes in its line. `RUNS` says which words stand for a checker.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import luigi

import gokart
from gokart import _luigi

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = sorted(path for path in HERE.glob('*.py') if not path.name.startswith('test_'))

# Demanding is a run that misses parameters without a value.
RUNS = {
    'mypy': {'mypy', 'unplugged', 'demanding'},
    'mypy with the plugin': {'mypy', 'plugged'},
    'mypy with the plugin, missing parameters disallowed': {'mypy', 'plugged', 'demanding', 'disallowing'},
    'pyright': {'pyright'},
}

Errors: TypeAlias = 'dict[str, set[str]]'
"""Codes by ``file:line``."""

_EXPECTED = re.compile(r'# E ([\w ]+): ([\w-]+(?: [\w-]+)*)')
_MYPY_ERROR = re.compile(r'^([^:\n]+):(\d+): error: .*\[([\w-]+)\]$', re.MULTILINE)

# What the examples do not need is not read, to be quick.
_MYPY_OPTIONS = """
check_untyped_defs = true

[[tool.mypy.overrides]]
module = [
    "boto3.*", "botocore.*", "cryptography.*", "dill.*", "google.*", "numpy.*", "pandas.*", "polars.*", "pyarrow.*",
    "redis.*", "requests.*", "slack_sdk.*", "tenacity.*", "urllib3.*",
]
follow_imports = "skip"
follow_imports_for_stubs = true
"""
_PLUGIN = 'plugins = ["gokart.mypy"]'
_DISALLOW = '[tool.gokart-mypy]\ndisallow_missing_parameters = true'


# Arguments without which a parameter cannot be made.
_NEEDED = {
    'ChoiceListParameter': "choices=['a', 'b']",
    'ChoiceParameter': "choices=['a', 'b']",
    'EnumListParameter': 'enum=Color',
    'EnumParameter': 'enum=Color',
    'NumericalParameter': 'var_type=int, min_value=0, max_value=1',
    'OptionalChoiceParameter': "choices=['a', 'b']",
    'OptionalNumericalParameter': 'var_type=int, min_value=0, max_value=1',
    'SerializableParameter': 'object_type=Text',
}
_HEAD = """
import enum
import luigi
import gokart
class Color(enum.Enum):
    RED = 1
class Text:
    def gokart_serialize(self) -> str:
        return ''
    @classmethod
    def gokart_deserialize(cls, s: str) -> 'Text':
        return cls()
"""


def test_checkers_find_what_the_examples_expect(tmp_path):
    for example in EXAMPLES:
        shutil.copy(example, tmp_path)
    (tmp_path / 'every_parameter.py').write_text(every_parameter(), encoding='utf-8')
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda name: errors(name, tmp_path), RUNS))
    for (name, words), errors_found in zip(RUNS.items(), found, strict=True):
        assert errors_found == expected(tmp_path, words), name


def every_parameter() -> str:
    """A task for each class of parameters, made without a value: an error, unless the parameter has one by itself."""
    lines = [_HEAD]
    for module in (luigi, gokart):
        for name, parameter in vars(module).items():
            if isinstance(parameter, type) and issubclass(parameter, luigi.Parameter):
                call = f'{module.__name__}.{name}({_NEEDED.get(name, "")})'
                lines.append(f'class With{name}(gokart.TaskOnKart):')
                # Luigi's own types refuse the arguments of one class.
                lines.append(f'    value: {module.__name__}.{name} = {call}  # type: ignore')
                error = '' if has_value(call) else '  # E demanding: call-arg  # E pyright: reportCallIssue'
                lines.append(f'With{name}(){error}')
    return '\n'.join(lines) + '\n'


def has_value(call: str) -> bool:
    scope: dict[str, Any] = {}
    exec(_HEAD, scope)
    return bool(_luigi.constant_default(eval(call, scope)))


def expected(directory: Path, words: set[str]) -> Errors:
    found: Errors = defaultdict(set)
    for path in directory.glob('*.py'):
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), start=1):
            for checkers, codes in _EXPECTED.findall(line):
                if words & set(checkers.split()):
                    found[f'{path.name}:{number}'] |= set(codes.split())
    return found


def errors(name: str, directory: Path) -> Errors:
    project = directory / name.replace(' ', '-')
    project.mkdir()
    return pyright_errors(directory, project) if name == 'pyright' else mypy_errors(name, directory, project)


def mypy_errors(name: str, directory: Path, project: Path) -> Errors:
    plugin = _PLUGIN if 'plugin' in name else ''
    config = ['[tool.mypy]', plugin, _MYPY_OPTIONS, _DISALLOW if 'disallowed' in name else '']
    (project / 'pyproject.toml').write_text('\n'.join(config), encoding='utf-8')
    options = ['--config-file', str(project / 'pyproject.toml'), '--cache-dir', str(project), '--no-pretty']
    output = run(['mypy', *options, *(path.name for path in directory.glob('*.py'))], directory)
    found: Errors = defaultdict(set)
    for file, line, code in _MYPY_ERROR.findall(output):
        found[f'{file}:{line}'].add(code)
    return found


def pyright_errors(directory: Path, project: Path) -> Errors:
    config = project / 'pyrightconfig.json'
    config.write_text(json.dumps({'include': ['../*.py'], 'extraPaths': [str(ROOT)]}), encoding='utf-8')
    output = run(['pyright', '--outputjson', '-p', str(config), '--pythonpath', sys.executable], directory)
    found: Errors = defaultdict(set)
    for item in json.loads(output)['generalDiagnostics']:
        if item['severity'] == 'error':
            place = f'{Path(item["file"]).name}:{item["range"]["start"]["line"] + 1}'
            found[place].add(item.get('rule', 'syntax'))
    return found


def run(command: list[str], directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, '-m', *command],
        cwd=directory,
        env={**os.environ, 'PYTHONPATH': str(ROOT), 'MYPYPATH': str(ROOT), 'PYRIGHT_PYTHON_IGNORE_WARNINGS': '1'},
        capture_output=True,
        encoding='utf-8',
        timeout=120,
    )
    assert done.returncode == 1, done.stderr + done.stdout  # errors were found
    return done.stdout
