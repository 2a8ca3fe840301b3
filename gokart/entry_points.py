"""What other packages add to gokart by entry points: one thing for a name, made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from gokart.errors import GokartError


@dataclass(frozen=True)
class EntryPoints:
    """The entry points of one group: the name of each says what it is for, its value is a class or function."""

    group: str
    title: str
    """What one of them adds, with ``{}`` for its name: messages begin with it."""

    contract: type
    """What each has to make."""

    error: type[GokartError]
    """Raised where one cannot be had."""

    same_name: Callable[[str], str] = str.lower
    """Gives names that mean the same one form."""

    def names(self) -> list[str]:
        """Return the names for which something is installed, sorted."""
        return sorted({self.same_name(entry.name) for entry in self._installed()})

    def make(self, name: str, *arguments: Any) -> Any:
        """Call what is installed for `name` with `arguments`; None when nothing is.

        Raises:
            GokartError: `error`: several packages add it, or what is installed fails or makes something else than the
                contract asks for. Of a failure with `arguments`, which may be secret, only the type is told.
        """
        candidates = {entry.value: entry for entry in self._installed() if self.same_name(entry.name) == name}
        if not candidates:
            return None
        if len(candidates) > 1:
            raise self.error(
                f'{self.title.format(name)} is added by several packages: {" and ".join(sorted(candidates))}. '
                'Uninstall all but one.'
            )
        [entry] = candidates.values()
        origin = f'{self.title.format(name)}, entry point {entry.name!r} = {entry.value!r}'
        knows_secrets = False
        try:
            make = entry.load()
            knows_secrets = bool(arguments)
            made = make(*arguments)
        except Exception as error:
            failure = f'{origin}, cannot be made: {type(error).__name__}'
            if knows_secrets:
                raise self.error(f'{failure}.') from None
            raise self.error(f'{failure}: {error}') from error
        missing = [method for method in vars(self.contract) if method[0] != '_' and not hasattr(made, method)]
        if missing:
            kind = self.contract.__name__
            raise self.error(f'{origin}, is a {type(made).__name__}, no {kind}: it lacks {", ".join(missing)}.')
        return made

    def _installed(self) -> list[EntryPoint]:
        from importlib.metadata import entry_points  # takes 7 ms, and is needed for rare names only

        return list(entry_points(group=self.group))
