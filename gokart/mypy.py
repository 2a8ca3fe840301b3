"""The mypy plugin: what the types of the package cannot tell mypy about the parameters of tasks.

``plugins = ["gokart.mypy"]`` in mypy's configuration switches it on; ``pyproject.toml`` beside that configures it::

    [tool.gokart-mypy]
    disallow_missing_parameters = true
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mypy.checker import TypeChecker
from mypy.errors import CompileError
from mypy.nodes import (
    AssignmentStmt,
    CallExpr,
    Expression,
    IndexExpr,
    NameExpr,
    RefExpr,
    StrExpr,
    TypeApplication,
    TypeInfo,
    Var,
)
from mypy.options import Options
from mypy.plugin import ClassDefContext, FunctionContext, Plugin, ReportConfigContext
from mypy.subtypes import is_subtype
from mypy.types import AnyType, Instance, Type, TypeOfAny, get_proper_type
from mypy.typevars import fill_typevars_with_any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_OPTION = 'disallow_missing_parameters'
_TASK = 'gokart.task.TaskOnKart'
_PARAMETER = 'luigi.parameter.Parameter'
# Luigi's types want a tuple for the one, where it takes lists as well, and a single choice for the other.
_LIST_PARAMETERS = ('luigi.parameter.ListParameter', 'luigi.parameter.ChoiceListParameter')
# Arguments of parameter classes that name the class of the values.
_CLASS_ARGUMENTS = ('enum', 'var_type', 'object_type', 'expected_type', 'expected_elements_type')


def plugin(version: str) -> type[Plugin]:
    """Return the class of the plugin; mypy asks for it by this name, with its own `version`."""
    return TaskOnKartPlugin


class TaskOnKartPlugin(Plugin):
    """Adds to what ``dataclass_transform`` tells of `TaskOnKart`.

    - A parameter without annotation joins the constructor with the type that its class has.
    - ``x: int = luigi.IntParameter()`` is a right assignment.
    - A call may leave a parameter to the configuration, unless ``disallow_missing_parameters`` is set.
    """

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._disallows_missing = _disallows_missing(Path(options.config_file or 'pyproject.toml'))

    def report_config_data(self, ctx: ReportConfigContext) -> Any:
        """Return that on which mypy's cached results depend."""
        return {_OPTION: self._disallows_missing}

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Return what mypy calls with each subclass of a task class, once the body of that is analysed."""
        return self._complete_class if self._derives(fullname, _TASK) else None

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Return what mypy calls with each call of a parameter class, when it checks that."""
        return _type_of_call if self._derives(fullname, _PARAMETER) else None

    def _derives(self, fullname: str, base: str) -> bool:
        symbol = self.lookup_fully_qualified(fullname)
        return symbol is not None and isinstance(symbol.node, TypeInfo) and symbol.node.has_base(base)

    def _complete_class(self, context: ClassDefContext) -> None:
        for statement in context.cls.defs.body:
            if isinstance(statement, AssignmentStmt) and statement.type is None:
                _annotate(statement)
        if not self._disallows_missing:
            # What no field specifier made counts as a default. The nearest specification is that of our tasks.
            next(filter(None, (base.dataclass_transform_spec for base in context.cls.info.mro))).field_specifiers = ()


def _annotate(statement: AssignmentStmt) -> None:
    """Make ``x = luigi.IntParameter()`` mean ``x: luigi.IntParameter = luigi.IntParameter()``."""
    name, found = statement.lvalues[-1], _parameter_type(statement.rvalue)
    if found is not None and isinstance(name, NameExpr) and isinstance(name.node, Var):
        statement.type, statement.new_syntax = found, True
        name.is_inferred_def = False
        name.node.type, name.node.is_inferred = found, False


def _parameter_type(expression: Expression) -> Instance | None:
    """Return the type of a call of a parameter class; None for other expressions."""
    if not isinstance(expression, CallExpr):
        return None
    callee, arguments = expression.callee, None
    if isinstance(callee, IndexExpr) and isinstance(callee.analyzed, TypeApplication):
        arguments, callee = callee.analyzed.types, callee.base
    if not isinstance(callee, RefExpr) or not isinstance(callee.node, TypeInfo) or not callee.node.has_base(_PARAMETER):
        return None
    if arguments is None:
        arguments = _type_arguments(callee.node, expression)
    return Instance(callee.node, arguments, expression.line, expression.column)


def _type_arguments(parameter: TypeInfo, call: CallExpr) -> list[Type]:
    """Return the type arguments that `call` leaves to be inferred: the class it names, else their defaults or Any."""
    variables = parameter.defn.type_vars
    arguments = list(zip(call.arg_names, call.args, strict=True))
    for name, value in arguments:
        if name in _CLASS_ARGUMENTS and isinstance(value, RefExpr) and isinstance(value.node, TypeInfo):
            return [fill_typevars_with_any(value.node)] * len(variables)
    says_more = any(name in (None, 'default') and not isinstance(value, StrExpr) for name, value in arguments)
    if says_more or any(parameter.has_base(name) for name in _LIST_PARAMETERS):
        return [AnyType(TypeOfAny.special_form)] * len(variables)
    return [variable.default for variable in variables]


def _type_of_call(context: FunctionContext) -> Type:
    """Return the type that a parameter is annotated with in a class, if that is one of values and not of parameters."""
    found, expected = context.default_return_type, get_proper_type(context.api.type_context[-1])
    in_class = isinstance(context.api, TypeChecker) and context.api.scope.active_class() is not None
    if not in_class or expected is None or is_subtype(found, expected):
        return found
    return found if isinstance(expected, Instance) and expected.type.has_base(_PARAMETER) else expected


def _disallows_missing(config_file: Path) -> bool:
    path = config_file.with_name('pyproject.toml')
    section = _section(path)
    unknown = sorted(section.keys() - {_OPTION})
    if unknown:
        warnings.warn(f'{path}: [tool.gokart-mypy] has no {unknown}, only {_OPTION!r}.', UserWarning, stacklevel=2)
    value = section.get(_OPTION, False)
    if not isinstance(value, bool):
        raise CompileError([f'{path}: {_OPTION} in [tool.gokart-mypy] must be true or false, not {value!r}.'])
    return value


def _section(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        section: dict[str, Any] = tomllib.loads(path.read_text(encoding='utf-8')).get('tool', {}).get('gokart-mypy', {})
    except ValueError as error:
        # Of other exceptions of a plugin, mypy shows no message but that it crashed.
        raise CompileError([f'{path} cannot be read: {error}']) from error
    return section
