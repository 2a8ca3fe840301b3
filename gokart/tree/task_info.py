"""Door: trees and tables of tasks, to look at and to store."""

from gokart.plan.describe import make_task_info_tree as make_task_info_tree
from gokart.plan.stored import dump_task_info_table as dump_task_info_table
from gokart.plan.stored import dump_task_info_tree as dump_task_info_tree
from gokart.plan.views import make_task_info_as_table as make_task_info_as_table
from gokart.plan.views import make_task_info_as_tree_str as make_task_info_as_tree_str
