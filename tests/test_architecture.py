"""The rules of the house that import-linter cannot see, read from the source of the package."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import luigi.scheduler
import luigi.worker
import pytest

import gokart

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = Path(gokart.__file__).parent
MAX_LINES = 300

HEAVY = {
    'pandas', 'pyarrow', 'polars', 'numpy', 'dill', 'cloudpickle', 'redis', 'rich', 'slack_sdk', 'boto3', 'botocore',
    'google', 'dask', 'distributed',
}  # fmt: skip

# An optional package and the modules that may import it.
OPTIONAL: dict[str, set[str]] = {
    'polars': {'file_processor/polars.py', 'file_processor/polars_scan.py'},
    'boto3': {'storage/s3/client.py'},
    'botocore': {'storage/s3/client.py', 'storage/s3/errors.py', 'storage/s3/failures.py'},
    'google': {'storage/gcs/client.py', 'storage/gcs/credentials.py', 'storage/gcs/errors.py'},
    'dask': set(),
    'distributed': {'running/engines/dask.py', 'running/engines/dask_clients.py'},
}

# Doors whose users replace something in a package by way of the door, and that nothing inside imports.
SEEN_THROUGH = {'conflict_prevention_lock/task_lock.py': 'redis'}

# Modules that import a back end of ours when it is first asked for.
LAZY_MAKERS = {'storage/registry.py'}

LUIGI_PRIVATE_MODULES = '_luigi/'
_MANGLED = re.compile(r'_[A-Z][A-Za-z]*__[a-z]\w*')


@dataclass(frozen=True)
class Module:
    """One source file of the package."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding='utf-8')

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.name)


@dataclass(frozen=True)
class Import:
    """One imported name: ``import module`` (`name` is None) or ``from module import name``."""

    module: str
    name: str | None
    line: int
    in_function: bool
    for_types_only: bool

    @property
    def package(self) -> str:
        return self.module.partition('.')[0]


MODULES = [Module(path) for path in sorted(PACKAGE.rglob('*.py'))]


def each_module(rule: Callable[[Module], None]) -> Callable[[], None]:
    """Make one test of a rule for modules: a test for each module and rule would take a tenth of the time of all."""

    def test() -> None:
        broken = []
        for module in MODULES:
            try:
                rule(module)
            except AssertionError as error:
                broken.append(f'{module.name}: {error}')
        assert not broken, '\n'.join(broken)

    test.__name__, test.__doc__ = rule.__name__, rule.__doc__
    return test


def imports(node: ast.AST, in_function: bool = False, for_types_only: bool = False) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, None, child.lineno, in_function, for_types_only)
        elif isinstance(child, ast.ImportFrom):
            module = '.' * child.level + (child.module or '')
            for alias in child.names:
                yield Import(module, alias.name, child.lineno, in_function, for_types_only)
        elif isinstance(child, ast.If) and is_type_checking(child.test):
            yield from imports(ast.Module(child.body, []), in_function, True)
            yield from imports(ast.Module(child.orelse, []), in_function, for_types_only)
        else:
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from imports(child, in_function or inside, for_types_only)


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ('TYPE_CHECKING', 'typing.TYPE_CHECKING')


def lines(found: Iterable[Import]) -> list[str]:
    return [f'line {item.line}: {item.module} {item.name or ""}'.rstrip() for item in found]


def names_by_string(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Modules that are imported by a call: ``import_optional('polars', …)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = ast.unparse(node.func).rpartition('.')[2]
            if function in ('import_optional', 'import_module', '__import__'):
                yield str(node.args[0].value), node.lineno


@each_module
def test_root_package_is_not_imported(module):
    """Submodules are named in full; what the root binds (`gokart.build`, the function) is out of reach."""
    submodules = {path.stem for path in PACKAGE.iterdir() if path.suffix == '.py' or (path / '__init__.py').exists()}
    allowed = submodules - set(getattr(gokart, '__all__', ()))
    if module.name == '__init__.py':
        return
    found = [
        item
        for item in imports(module.tree)
        if item.package == 'gokart' and (item.name is None or (item.module == 'gokart' and item.name not in allowed))
    ]
    assert not lines(found)


@each_module
def test_imports_are_absolute(module):
    assert not lines(item for item in imports(module.tree) if item.module.startswith('.'))


@each_module
def test_our_modules_are_imported_at_the_top(module):
    """Only a back end that may never be needed is imported when it is first used."""
    if module.name not in LAZY_MAKERS:
        assert not lines(item for item in imports(module.tree) if item.package == 'gokart' and item.in_function)


@each_module
def test_module_says_what_lives_in_it(module):
    docstring = ast.get_docstring(module.tree)
    assert docstring
    assert docstring.splitlines()[0].endswith(('.', ':'))


@each_module
def test_optional_package_appears_only_in_its_own_module(module):
    found = [(item.package, item.line) for item in imports(module.tree) if not item.for_types_only]
    found += [(name.partition('.')[0], line) for name, line in names_by_string(module.tree)]
    foreign = [(name, line) for name, line in found if name in OPTIONAL and module.name not in OPTIONAL[name]]
    assert not foreign


@each_module
def test_foreign_package_is_declared(module):
    """What is imported is a dependency or an extra of the project, never one that happens to come along."""
    known = {'gokart', 'tomllib', *sys.stdlib_module_names, *declared_packages()}
    if module.name.startswith('testing/'):
        known.add('pytest')  # whoever runs the test kits has it
    if module.name == 'mypy.py':
        known.add('mypy')  # whoever runs the plugin has it
    assert not lines(item for item in imports(module.tree) if item.package not in known and not item.for_types_only)


@each_module
def test_heavy_package_is_imported_when_first_used(module):
    found = imports(module.tree)
    assert not lines(
        item
        for item in found
        if item.package in HEAVY - {SEEN_THROUGH.get(module.name)} and not item.in_function and not item.for_types_only
    )


@each_module
def test_file_stays_within_reach_of_the_eye(module):
    assert len(module.source.splitlines()) <= MAX_LINES


@each_module
def test_private_names_of_luigi_live_in_one_place(module):
    if not module.name.startswith(LUIGI_PRIVATE_MODULES):
        assert not sorted(private_names_of_luigi(module.tree))


def private_names_of_luigi(tree: ast.AST) -> Iterator[str]:
    """Names with a leading underscore that are imported from Luigi, or are attributes of what is imported from it."""
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or '').partition('.')[0] == 'luigi':
            yield from (f'line {node.lineno}: import {alias.name}' for alias in node.names if is_scratch(alias.name))
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            bound |= {alias.asname or 'luigi' for alias in node.names if alias.name.partition('.')[0] == 'luigi'}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_scratch(node.attr) and ast.unparse(node).partition('.')[0] in bound:
            yield f'line {node.lineno}: {ast.unparse(node)}'
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, 'value', None)
        if isinstance(name, str) and _MANGLED.search(name):
            yield f'line {getattr(node, "lineno", "?")}: {name}'


@each_module
def test_private_attributes_of_luigis_engine_are_read_in_one_place_or_by_its_subclasses(module):
    if not module.name.startswith(LUIGI_PRIVATE_MODULES):
        assert not sorted(
            f'line {node.lineno}: {ast.unparse(node)}'
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute)
            and node.attr in private_attributes_of_luigis_engine()
            and ast.unparse(node.value) not in ('self', 'cls', 'super()')
        )


@functools.cache
def private_attributes_of_luigis_engine() -> set[str]:
    """Names with a leading underscore that Luigi's engine gives its objects, and none of ours has."""
    sources = [Path(module.__file__).read_text(encoding='utf-8') for module in (luigi.scheduler, luigi.worker)]
    theirs = {name for source in sources for name in re.findall(r'\bself\.(_[a-z]\w*)', source)}
    nodes = [node for module in MODULES for node in ast.walk(module.tree)]
    ours = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    return theirs - ours - {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


@functools.cache
def declared_packages() -> set[str]:
    """The packages that the dependencies of the project bring, and those of its extras for users."""
    project = tomllib.loads((PACKAGE.parent / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    extras = [lines for extra, lines in project['optional-dependencies'].items() if extra not in ('lint', 'test')]
    names = {re.split(r'[^\w.-]', line, maxsplit=1)[0] for line in sum(extras, project['dependencies'])}
    return {'google' if name.startswith('google-') else name.replace('-', '_') for name in names}


def is_scratch(name: str) -> bool:
    return name.startswith('_') and not name.startswith('__')


def test_bare_import_loads_nothing_heavy():
    """`import gokart` costs what Luigi costs; the frames, clouds and clients come with their first use."""
    code = f'import sys, gokart; print(*sorted({HEAVY!r} & set(sys.modules)))'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    'source',
    [
        'from luigi.parameter import _no_value',
        'import luigi\nluigi.Task._thing',
        'import luigi.worker as w\nw.TaskProcess._run()',
        'from luigi.task_register import Register\nRegister._reg',
        "getattr(task, '_Task__hash')",
    ],
)
def test_checker_finds_private_names_of_luigi(source):
    assert list(private_names_of_luigi(ast.parse(source)))
