"""Configuration files: read as a whole, checked, then put on top of the configuration that Luigi uses."""

from __future__ import annotations

import codecs
import configparser
import locale
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from luigi import configuration
from luigi.configuration import LuigiConfigParser
from luigi.freezing import recursively_freeze

from gokart import _luigi
from gokart.config.lookup import filled_in
from gokart.config.toml_tables import sections_of
from gokart.errors import ConfigError, ConfigFileNotFoundError
from gokart.storage.registry import forget_storages


def add_config(file_path: str | os.PathLike[str]) -> None:
    """Read a configuration file on top of what was read before: its options win, all others stay.

    Storages are made anew when they are next used, with the addresses and credentials of then.

    Args:
        file_path: a ``.toml`` file, or one in the format of ``.ini``, ``.cfg`` and ``.conf``, in UTF-8. ``${NAME}`` in
            a value is the environment variable, looked up when the value is used.

    Raises:
        ConfigFileNotFoundError: there is no such file.
        ConfigError: the file cannot be read or is broken; nothing of it is used.
    """
    path = Path(os.path.abspath(file_path))  # noqa: PTH100 (resolve() would follow links)
    data = _bytes_of(path)
    if path.suffix.lower() == '.toml':
        _add_toml(path, data)
    else:
        _add_ini(path, data)
    forget_storages()


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigFileNotFoundError(
            f'The configuration file {path} does not exist (the working directory is {Path.cwd()}).'
        ) from None
    except OSError as error:
        reason = 'it is a directory' if path.is_dir() else error.strerror
        raise ConfigError(f'The configuration file {path} cannot be read: {reason}.') from error


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        return _decoded_as_the_machine_does(path, data, error)


def _decoded_as_the_machine_does(path: Path, data: bytes, error: UnicodeDecodeError) -> str:
    # Luigi reads its files in the encoding of the machine, so such files exist on Windows.
    try:
        return data.decode(locale.getpreferredencoding(False))
    except UnicodeDecodeError:
        line = data.count(b'\n', 0, error.start) + 1
        raise ConfigError(f'The configuration file {path}, line {line}, is not in UTF-8. Save it in UTF-8.') from None


def _add_ini(path: Path, data: bytes) -> None:
    text = _decoded(path, data)
    parsed = LuigiConfigParser()
    try:
        parsed.read_string(text, source=str(path))
    except configparser.Error as error:
        # Not chained: the error of the parser shows the line, which may hold a secret.
        raise ConfigError(f'The configuration file {path} is broken: {_reason(error)}.{_hint(path)}') from None
    config = configuration.get_config()
    if isinstance(config, LuigiConfigParser):
        config.read_string(text, source=str(path))
        if not data.startswith(codecs.BOM_UTF8):  # Luigi cannot read such a file itself
            _luigi.remember_config_path(str(path))
    else:  # Luigi's parser of TOML, which fills nothing in
        for section in parsed.sections():
            for option in parsed[section]:
                config.set(section, option, filled_in(parsed, section, option))


def _add_toml(path: Path, data: bytes) -> None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tables = tomllib.loads(_decoded(path, data))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f'The configuration file {path} is broken: {error}.') from error
    loose = [name for name, value in tables.items() if not isinstance(value, dict)]
    if loose:
        raise ConfigError(f'The configuration file {path} gives {loose} outside of a section such as [TaskOnKart].')
    config = configuration.get_config()
    if isinstance(config, LuigiConfigParser):
        _set_options(config, sections_of(tables))
    else:
        for section, table in tables.items():
            for option, value in table.items():
                config.set(section, option, recursively_freeze(value) if isinstance(value, dict) else value)
        _luigi.remember_config_path(str(path))


def _set_options(config: LuigiConfigParser, sections: Mapping[str, Mapping[str, str]]) -> None:
    for section, options in sections.items():
        if section != config.default_section and not config.has_section(section):
            config.add_section(section)
        for option, text in options.items():
            # The method of Luigi's parser refuses [DEFAULT]. A percent sign has no meaning in TOML.
            configparser.ConfigParser.set(config, section, option, text.replace('%', '%%'))


def _reason(error: configparser.Error) -> str:
    if isinstance(error, configparser.MissingSectionHeaderError):
        return f'line {error.lineno} stands before the first section; put a section such as [TaskOnKart] above it'
    if isinstance(error, configparser.ParsingError):
        lines = ', '.join(str(line) for line, _ in error.errors)
        return f'line {lines} is neither a section nor an option; write [section] or option = value'
    if isinstance(error, configparser.DuplicateOptionError):
        return f"line {error.lineno} gives the option '{error.option}' of section [{error.section}] a second time"
    if isinstance(error, configparser.DuplicateSectionError):
        return f'line {error.lineno} starts the section [{error.section}] a second time; put its options together'
    return type(error).__name__


def _hint(path: Path) -> str:
    if path.suffix.lower() in ('.ini', '.cfg', '.conf'):
        return ''
    return f" Files that end in '{path.suffix}' are read like .ini; for TOML the name has to end in .toml."
