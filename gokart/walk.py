"""Walks over a graph of tasks: each task once, requirements first, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from gokart.errors import CyclicRequirementError

N = TypeVar('N')


def bottom_up(root: N, requirements: Callable[[N], Iterable[N]]) -> Iterator[N]:
    """Yield every node that `root` reaches, each once, after all of its requirements; `root` comes last.

    Nodes are told apart by identity. `requirements` is asked once for each node.

    Raises:
        CyclicRequirementError: a node reaches itself; the message shows the way.
    """
    # The nodes are kept, not only their ids: the id of a node that is thrown away may be given to another one.
    done: dict[int, N] = {}
    path: dict[int, N] = {id(root): root}
    pending: list[Iterator[N]] = [iter(requirements(root))]
    while pending:
        for node in pending[-1]:
            if id(node) in path:
                raise CyclicRequirementError(_describe_cycle(list(path.values()), node))
            if id(node) not in done:
                path[id(node)] = node
                pending.append(iter(requirements(node)))
                break
        else:
            pending.pop()
            key, node = path.popitem()
            done[key] = node
            yield node


def _describe_cycle(path: list[N], node: N) -> str:
    start = next(position for position, other in enumerate(path) if other is node)
    way = ' -> '.join(_name(step) for step in [*path[start:], node])
    return (
        f'{_name(node)} requires itself: {way}. Remove one of these requirements; '
        'a task can only require tasks that do not need its own result.'
    )


def _name(node: object) -> str:
    # Not repr(): the repr of a task shows its id, which is just what cannot be computed here.
    return str(getattr(node, 'task_id', node))
