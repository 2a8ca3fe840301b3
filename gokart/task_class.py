"""How a task class makes its instances: by Luigi's rules, with the parameters of a class looked up only once."""

from __future__ import annotations

import importlib
import operator
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import luigi
from luigi.task_register import Register

from gokart import _luigi
from gokart.config import apply_section, explained_lookup
from gokart.injected import current_injection
from gokart.parameter_table import ParameterTable


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The parameter values of the task that is being made."""

    task_class: type
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    values: list[tuple[str, Any]]

    def holds_for(self, task_class: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether the values are those of `task_class` called with the very objects `args` and `kwargs`."""
        return (
            self.task_class is task_class
            and len(self.args) == len(args)
            and self.kwargs.keys() == kwargs.keys()
            and all(map(operator.is_, self.args, args))
            and all(self.kwargs[name] is value for name, value in kwargs.items())
        )


class _Creation(threading.local):
    resolved: _Resolved | None = None


_creation = _Creation()


class TaskOnKartRegister(Register):
    """Luigi's metaclass of tasks, with a `ParameterTable` a class and instances told apart by all they are given."""

    def __new__(metacls, classname: str, bases: Any, classdict: Any, **kwargs: Any) -> Any:
        """Define a class; the last definition of a name is the one that Luigi finds by it, as in notebooks."""
        cls = super().__new__(metacls, classname, bases, classdict, **kwargs)
        _luigi.forget_earlier_definitions(cls, metacls)
        return cls

    # A return type, even Any, would tell type checkers that this is the signature of all constructors.
    def __call__(cls, *args: Any, **kwargs: Any):  # type: ignore[no-untyped-def]
        """Return the instance of these parameters: one that exists, else a new one."""
        injection = current_injection()
        cache = injection.instances if injection else _luigi.instance_cache()
        table = cls.parameter_table
        values = cls.get_param_values(table.parameters, args, kwargs)  # type: ignore[attr-defined]
        if cache is None:
            return cls._instantiate(args, kwargs, values)
        by_name = dict(values)
        # With the types, as 1 == 1.0 == True although their ids differ.
        types = tuple(map(type, by_name.values()))
        for name in by_name.keys() & table.keyed:
            # Tasks compare equal when their significant parameters do; a parameter must hold the very one it was given.
            by_name[name] = table.by_name[name].cache_key(by_name[name])  # type: ignore[attr-defined]
        key = (cls, tuple(by_name), types, tuple(by_name.values()))
        try:
            instance = cache.get(key)
        except TypeError:  # a value is not hashable
            return cls._instantiate(args, kwargs, values)
        return instance if instance is not None else cache.setdefault(key, cls._instantiate(args, kwargs, values))

    @classmethod
    def clear_instance_cache(cls) -> None:
        """Forget the instances of all tasks, also where a class of ours is asked to."""
        # Luigi would put the new cache where only this metaclass finds it.
        Register.clear_instance_cache()

    @classmethod
    def disable_instance_cache(cls) -> None:
        """Make a new instance each time, of tasks of all classes."""
        Register.disable_instance_cache()

    def _instantiate(cls, args: tuple[Any, ...], kwargs: dict[str, Any], values: list[tuple[str, Any]]) -> Any:
        _creation.resolved = _Resolved(cls, args, kwargs, values)
        try:
            return type.__call__(cls, *args, **kwargs)
        finally:
            _creation.resolved = None

    @property
    def parameter_table(cls) -> ParameterTable:
        """The table of this class, made when first asked for."""
        table = vars(cls).get('_parameter_table')
        if table is None:
            table = ParameterTable.of(cls)  # type: ignore[arg-type]
            type.__setattr__(cls, '_parameter_table', table)
        return table

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        cls._forget_tables()

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        cls._forget_tables()

    def _forget_tables(cls) -> None:
        # Parameters may be added to a class after its definition; its subclasses inherit them.
        pending: list[type] = [cls]
        while pending:
            task_class = pending.pop()
            pending.extend(type.__subclasses__(task_class))
            if '_parameter_table' in vars(task_class):
                type.__delattr__(task_class, '_parameter_table')


if TYPE_CHECKING:
    _Task = luigi.Task
else:
    _Task = object


class TabledTask(_Task):
    """The part of `luigi.Task` that deals with parameters, by the table of the class; goes before `luigi.Task`."""

    if TYPE_CHECKING:
        parameter_table: ClassVar[ParameterTable]  # of the metaclass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        resolved, _creation.resolved = _creation.resolved, None
        if resolved is not None and resolved.holds_for(type(self), args, kwargs):
            # Luigi would look them up once more.
            vars(self)['get_param_values'] = lambda *_: resolved.values
        super().__init__(*args, **kwargs)
        vars(self).pop('get_param_values', None)

    @classmethod
    def _add_configuration(cls, kwargs: dict[str, Any], section: str) -> None:
        """Add to `kwargs` the options of a configuration section for parameters that nothing nearer gives."""
        table = cls.parameter_table
        apply_section(cls, kwargs, section, table.by_name, table.family)

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter[Any]]]:
        """Return names and parameters in the order of their declaration."""
        return list(cls.parameter_table.parameters)

    @classmethod
    def get_param_values(cls, params: Any, args: Any, kwargs: Any) -> list[tuple[str, Any]]:
        """Return the values: given, injected, of command line, own section, ``[TaskOnKart]``, default, in order."""
        table = cls.parameter_table
        names = [name for name, parameter in table.parameters if parameter.positional][: len(args)] if args else []
        if len(names) == len(args) and not kwargs.keys() & set(names):
            kwargs = {**dict(zip(names, args, strict=True)), **kwargs}
            args = ()
        else:
            kwargs = dict(kwargs)
        injection = current_injection()
        if injection and table.family in injection.values:
            kwargs = {**injection.values[table.family], **kwargs}
        cls._add_configuration(kwargs, 'TaskOnKart')
        options = _luigi.all_options(table.family)
        if not _luigi.has_unknown_option(cls, options, table.by_name):
            values = table.values(args, kwargs, options)
            if values is not None:
                return values
        with explained_lookup(cls, kwargs):
            values = super().get_param_values(params, args, kwargs)
        return values or []

    @classmethod
    def batch_param_names(cls) -> list[str]:
        """Return the names of the parameters whose values can be combined."""
        return list(cls.parameter_table.batchable)

    def to_str_params(self, only_significant: bool = False, only_public: bool = False) -> dict[str, str]:
        """Return the parameters as strings, without private ones; each is made once and remembered."""
        table: ParameterTable = type(self).parameter_table
        if self.param_kwargs.keys() != table.by_name.keys():  # a class may have a `get_params` of its own
            parameters = [(name, parameter) for name, parameter in self.get_params() if name in self.param_kwargs]
            table = ParameterTable.of_parameters(table.family, parameters)
        names = table.shown[only_significant, only_public]
        kinds = vars(self).setdefault('_gokart_serialized_parameters', {})
        if names not in kinds:
            kinds[names] = _serialized(self, table, names)
        return dict(kinds[names])

    def _get_param_visibilities(self) -> dict[str, int]:
        return dict(type(self).parameter_table.visibilities)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # By the name of the class, also where a pickler would rather define the class anew: then that would be the
        # class of its name from now on.
        task_class = type(self)
        address = (task_class.__module__, task_class.__qualname__, task_class.get_task_family())
        return _new_instance, address, self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        return _luigi.portable_state(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        _luigi.restore_state(self, state)


def _new_instance(module: str, qualname: str, family: str) -> luigi.Task:
    try:
        task_class: Any = importlib.import_module(module)
        for name in qualname.split('.'):
            task_class = getattr(task_class, name)
    except (ImportError, AttributeError):  # a class inside of a function, for example
        task_class = Register.get_task_cls(family)
    instance: luigi.Task = task_class.__new__(task_class)
    return instance


def _serialized(task: luigi.Task, table: ParameterTable, names: Iterable[str]) -> dict[str, str]:
    texts = vars(task).setdefault('_gokart_parameter_texts', {})
    values = task.param_kwargs
    for name in names:
        if name not in texts:
            texts[name] = table.text(name, values[name])
    return {name: texts[name] for name in names}
