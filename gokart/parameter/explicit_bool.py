"""A switch whose value must be written out on the command line."""

from __future__ import annotations

from typing import Any

import luigi
from typing_extensions import Unpack

from gokart import _luigi
from gokart.errors import ParameterValueError
from gokart.parameter.shown import unparsable


class ExplicitBoolParameter(luigi.BoolParameter):
    """A bool that is given as ``--flag true`` or ``--flag false``; without a default it has to be given.

    Args:
        default: the value when none is given.
    """

    def __init__(
        self, default: bool | _luigi.NoValue = _luigi.NO_VALUE, **kwargs: Unpack[_luigi.ParameterKwargs]
    ) -> None:
        super().__init__(default=default, **kwargs)
        _luigi.set_default(self, default)  # Luigi makes a missing default False

    def parse(self, x: Any) -> bool:
        """Parse ``true`` or ``false`` in any case.

        Raises:
            ParameterValueError: `x` is neither.
        """
        text = str(x).lower()
        if text not in ('true', 'false'):
            raise unparsable(self, x, ParameterValueError('it is no truth value'), "Write 'true' or 'false'.")
        return text == 'true'

    def normalize(self, x: Any) -> bool | None:
        """Return the bool that `x` is or spells; None stays None.

        Raises:
            ParameterValueError: `x` is something else.
        """
        return None if x is None else self.parse(x)

    @classmethod
    def _parser_kwargs(cls, param_name: str, task_name: str | None = None) -> dict[str, Any]:
        return _luigi.valued_option(param_name, task_name)
