"""How a task class makes its instances: by Luigi's rules, with the parameters of a class looked up only once."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import luigi
from luigi.parameter import ParameterVisibility
from luigi.task_register import Register

from gokart import _luigi
from gokart.config import apply_section, explained_lookup
from gokart.injected import current_injection


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """What the parameters of one class come to as long as nobody sets them by section or command line."""

    parameters: tuple[tuple[str, luigi.Parameter[Any]], ...]
    """Names and parameters in the order of their declaration."""
    by_name: Mapping[str, luigi.Parameter[Any]]
    defaults: Mapping[str, Any]
    """The values of the parameters whose default is a constant."""
    raw_defaults: Mapping[str, Any]
    """Constant defaults of parameters with a `normalize` of the user's, which may answer otherwise each time."""
    private: tuple[str, ...]
    """Names of the significant parameters that are private: no id and no message shows their values."""
    family: str
    looked_up: frozenset[str]
    """Names of the parameters that are asked each time: the class computes their default, or another section sets it."""

    @classmethod
    def of(cls, task_class: type[luigi.Task]) -> ParameterTable:
        """Find the parameters of `task_class` as Luigi would: attributes of the class that are parameters."""
        found: dict[str, Any] = {}
        for base in task_class.__mro__:
            for name, value in vars(base).items():
                found.setdefault(name, value)
        parameters = [(name, value) for name, value in found.items() if isinstance(value, luigi.Parameter)]
        parameters.sort(key=lambda item: _luigi.declaration_order(item[1]))
        raw_defaults = {name: value for name, parameter in parameters for value in _luigi.constant_default(parameter)}
        settled = {name for name in raw_defaults if _normalizes_alike(found[name])}
        return cls(
            parameters=tuple(parameters),
            by_name=dict(parameters),
            defaults={name: hashable(found[name].normalize(raw_defaults[name])) for name in settled},
            raw_defaults={name: value for name, value in raw_defaults.items() if name not in settled},
            private=tuple(name for name, parameter in parameters if _is_private(parameter)),
            family=task_class.get_task_family(),
            looked_up=frozenset(name for name, parameter in parameters if _luigi.has_moving_default(parameter)),
        )

    def values(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[tuple[str, Any]] | None:
        """Return all parameter values in order; None where Luigi has to look further (or to complain)."""
        if args or not kwargs.keys() <= self.by_name.keys():
            return None
        values = dict(self.defaults)
        for name, value in {**self.raw_defaults, **kwargs}.items():
            values[name] = hashable(self.by_name[name].normalize(value))
        elsewhere = self._set_elsewhere()
        if elsewhere:
            try:
                values.update(self._look_up(elsewhere - kwargs.keys()))
            except Exception:  # Luigi meets it again, and says what is wrong
                return None
        if len(values) < len(self.parameters):
            return None
        return [(name, values[name]) for name, _ in self.parameters]

    def _set_elsewhere(self) -> frozenset[str]:
        """Return the names of the parameters that section or command line give, or that are asked each time."""
        options = _luigi.all_options(self.family)
        given = _luigi.command_line_names(self.family, self.by_name)
        if not (options or given):
            return self.looked_up
        return self.looked_up.union(given, self.by_name.keys() & {option.replace('-', '_') for option in options})

    def _look_up(self, names: Iterable[str]) -> dict[str, Any]:
        found = {name: self.by_name[name] for name in names}
        return {
            name: hashable(parameter.task_value(self.family, name))
            for name, parameter in found.items()
            if parameter.has_task_value(self.family, name)
        }


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
        if cache is None:
            return cls._instantiate(args, kwargs)
        table = cls.parameter_table
        values = cls.get_param_values(table.parameters, args, kwargs)  # type: ignore[attr-defined]
        # With the type, as 1 == 1.0 == True although their ids differ.
        key = (cls, tuple((name, type(value), _cache_key(table.by_name.get(name), value)) for name, value in values))
        try:
            instance = cache.get(key)
        except TypeError:  # a value is not hashable
            return cls._instantiate(args, kwargs)
        return instance if instance is not None else cache.setdefault(key, cls._instantiate(args, kwargs))

    def _instantiate(cls, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return type.__call__(cls, *args, **kwargs)

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
        names = [name for name, parameter in table.parameters if parameter.positional][: len(args)]
        if len(names) == len(args) and not kwargs.keys() & set(names):
            kwargs = {**dict(zip(names, args, strict=True)), **kwargs}
            args = ()
        else:
            kwargs = dict(kwargs)
        injection = current_injection()
        if injection and table.family in injection.values:
            kwargs = {**injection.values[table.family], **kwargs}
        cls._add_configuration(kwargs, 'TaskOnKart')
        values = None if _luigi.has_unknown_option(cls, table.by_name) else table.values(args, kwargs)
        if values is not None:
            return values
        with explained_lookup(cls, kwargs):
            values = super().get_param_values(params, args, kwargs)
        return values or []

    @classmethod
    def batch_param_names(cls) -> list[str]:
        """Return the names of the parameters whose values can be combined."""
        return [name for name, parameter in cls.parameter_table.parameters if _luigi.is_batchable(parameter)]

    def to_str_params(self, only_significant: bool = False, only_public: bool = False) -> dict[str, str]:
        """Return the parameters as strings, without private ones; each kind is made once and remembered."""
        remembered = vars(self).setdefault('_gokart_serialized_parameters', {})
        kind = (only_significant, only_public)
        if kind not in remembered:
            remembered[kind] = super().to_str_params(only_significant, only_public)
        return dict(remembered[kind])

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


def hashable(value: Any) -> Any:
    """Return lists and sets as tuples, as Luigi does, so that instances can be cached."""
    return tuple(value) if isinstance(value, (list, set)) else value


def _cache_key(parameter: luigi.Parameter[Any] | None, value: Any) -> Any:
    # Tasks compare equal when their significant parameters do; a parameter must hold the very one that was given.
    key = getattr(parameter, 'cache_key', None)
    return value if key is None else key(value)


def _is_private(parameter: luigi.Parameter[Any]) -> bool:
    return parameter.significant and parameter.visibility == ParameterVisibility.PRIVATE


def _normalizes_alike(parameter: luigi.Parameter[Any]) -> bool:
    return type(parameter).normalize.__module__.partition('.')[0] in ('luigi', __package__)
