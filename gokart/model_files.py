"""The files of a model: what a function of the user saved in a directory, and the function that loads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gokart.errors import BrokenFileError

_MODEL = 'model.pkl'
_LOAD_FUNCTION = 'load_function.pkl'
_PICKLE_PROTOCOL = 4  # what earlier versions of Python and of this library read


def save_model(
    obj: Any, directory: Path, save_function: Callable[[Any, str], Any], load_function: Callable[[str], Any] | None
) -> None:
    """Save `obj` in `directory`, together with the function that loads it."""
    import dill

    pickled = dill.dumps(load_function, protocol=_PICKLE_PROTOCOL)
    save_function(obj, str(directory / _MODEL))
    (directory / _LOAD_FUNCTION).write_bytes(pickled)


def load_model(directory: Path, load_function: Callable[[str], Any] | None) -> Any:
    """Load what `save_model` saved in `directory`, by `load_function` or the one that was saved.

    Raises:
        BrokenFileError: a file is missing.
    """
    try:
        load = load_function or _stored_function(directory)
        return load(str(directory / _MODEL))
    except FileNotFoundError as error:
        missing = Path(str(error.filename))
        if directory not in missing.parents:
            raise
        raise BrokenFileError(f'It lacks {missing.relative_to(directory).as_posix()}.') from error


def _stored_function(directory: Path) -> Callable[[str], Any]:
    import dill

    function: Callable[[str], Any] = dill.loads((directory / _LOAD_FUNCTION).read_bytes())
    return function
