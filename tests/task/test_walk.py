"""Walks reach each node once, requirements first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.errors import CyclicRequirementError
from gokart.walk import bottom_up


class Node:
    def __init__(self, name, below=()):
        self.task_id = name
        self.below = list(below)


def walk(root):
    return list(bottom_up(root, lambda node: node.below))


def test_requirements_come_before_what_needs_them():
    a = Node('a')
    b, c = Node('b', [a]), Node('c', [a])
    d = Node('d', [b, c])
    assert walk(d) == [a, b, c, d]


def test_a_chain_longer_than_the_recursion_limit_is_walked():
    node = Node('0')
    for depth in range(1, 20_000):
        node = Node(str(depth), [node])
    assert len(walk(node)) == 20_000


def test_each_node_of_a_hundred_diamonds_is_asked_once():
    node = Node('bottom')
    for _ in range(100):
        node = Node('top', [Node('left', [node]), Node('right', [node])])
    asked = []

    def below(n):
        asked.append(n)
        return n.below

    list(bottom_up(node, below))
    assert len(asked) == len(set(map(id, asked))) == 301


def test_a_cycle_is_shown():
    a, b, c = Node('a'), Node('b'), Node('c')
    a.below, b.below, c.below = [b], [c], [b]
    with pytest.raises(CyclicRequirementError, match='b requires itself: b -> c -> b'):
        walk(a)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.sets(st.integers(0, 30)), min_size=1, max_size=30))
def test_any_graph_is_ordered(edges):
    nodes: list[Node] = []
    for number, below in enumerate(edges):
        nodes.append(Node(str(number), [nodes[index] for index in below if index < number]))
    order = walk(nodes[-1])
    position = {id(node): place for place, node in enumerate(order)}
    assert len(position) == len(order)
    assert all(position[id(below)] < position[id(node)] for node in order for below in node.below)
