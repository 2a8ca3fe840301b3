"""A door: deleting what a workspace does not need."""

from gokart.workspace.unneeded import delete_local_unnecessary_outputs

__all__ = ['delete_local_unnecessary_outputs']
