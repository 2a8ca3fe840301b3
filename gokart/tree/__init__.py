"""Doors: trees and tables of tasks; the code lives in `gokart.plan`."""

from gokart.tree import task_info, task_info_formatter

__all__ = ['task_info', 'task_info_formatter']
