"""Objects as parameters that say themselves how they are written as text."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import luigi
from typing_extensions import Self, Unpack

from gokart import _luigi
from gokart.errors import ParameterTypeError
from gokart.parameter.shown import chainable, shown_class, shown_parameter, unparsable


class Serializable(Protocol):
    """An object that can be written as text and made of it again."""

    def gokart_serialize(self) -> str:
        """Return the text; it joins the id of the task, so equal objects should give equal texts."""
        ...

    @classmethod
    def gokart_deserialize(cls, s: str) -> Self:
        """Make the object of the text that `gokart_serialize` gave."""
        ...


S = TypeVar('S', bound=Serializable)


class SerializableParameter(luigi.Parameter[S], Generic[S]):
    """A parameter whose value is an object of a class of yours.

    Args:
        object_type: the class; it is asked to parse texts.
        default: the value when none is given.
    """

    def __init__(
        self,
        object_type: type[S],
        default: S | _luigi.NoValue = _luigi.NO_VALUE,
        **kwargs: Unpack[_luigi.ParameterKwargs],
    ) -> None:
        super().__init__(default, **kwargs)
        self._object_type = object_type

    def parse(self, x: str) -> S:
        """Make the object of its text.

        Raises:
            ParameterValueError: the class does not take the text.
        """
        try:
            return self._object_type.gokart_deserialize(x)
        except Exception as error:
            expected = (
                f'{shown_class(self._object_type)}.gokart_deserialize() has to take what gokart_serialize() gives.'
            )
            raise unparsable(self, x, error, expected) from chainable(self, error)

    def serialize(self, x: S) -> str:
        """Return the text of the object.

        Raises:
            ParameterTypeError: the object has no ``gokart_serialize()``.
        """
        serialize = getattr(x, 'gokart_serialize', None)
        if serialize is None:
            raise ParameterTypeError(
                f'The {shown_parameter(self)} takes an object with gokart_serialize(), like those of '
                f'{shown_class(self._object_type)}, but was given an object of {shown_class(type(x))}.'
            )
        text: str = serialize()
        return text
