"""Door: the worker of builds and its settings."""

from gokart.running.worker import Worker as Worker
from gokart.running.worker import gokart_worker as gokart_worker
