"""The configuration that Luigi's parameters read: files that are added to it, and the section of all tasks."""

from gokart.config.files import add_config
from gokart.config.lookup import explained_lookup
from gokart.config.section import UnknownOptionWarning, apply_section

__all__ = ['UnknownOptionWarning', 'add_config', 'apply_section', 'explained_lookup']
