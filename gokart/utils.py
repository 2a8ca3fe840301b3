"""A door: functions that projects find under this name."""

from gokart._nested import FlattenableItems, flatten, map_flattenable_items
from gokart.config import add_config
from gokart.dataframe_type import get_dataframe_type_from_task
from gokart.file_processor.pickle import load_dill_with_pandas_backward_compatibility

__all__ = [
    'FlattenableItems',
    'add_config',
    'flatten',
    'get_dataframe_type_from_task',
    'load_dill_with_pandas_backward_compatibility',
    'map_flattenable_items',
]
