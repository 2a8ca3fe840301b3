"""Door: what trees and tables show of tasks, as data, and how it is drawn."""

from gokart.plan.describe import describe_requirements as _make_requires_info  # noqa: F401 (the name of the contract)
from gokart.plan.describe import make_task_info_tree as make_task_info_tree
from gokart.plan.table import make_tree_info_table_list as make_tree_info_table_list
from gokart.plan.task_info import RequiredTask as RequiredTask
from gokart.plan.task_info import TaskInfo as TaskInfo
from gokart.plan.tree_text import make_tree_info as make_tree_info
