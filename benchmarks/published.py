"""The published library in an environment of its own, installed from PyPI and never opened."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

VERSION = '1.12.2'
REQUIREMENTS = [f'gokart=={VERSION}', 'boto3']


def published_python() -> str:
    """Return the Python of an environment that has the published library; it is made once for each Python."""
    version = '.'.join(map(str, sys.version_info[:2]))
    cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache')
    directory = cache / 'gokart-benchmarks' / f'{VERSION}-python{version}'
    python = directory / ('Scripts/python.exe' if os.name == 'nt' else 'bin/python')
    ready = directory / 'ready'
    if not ready.exists():
        print(f'Installing gokart {VERSION} into {directory} ...', file=sys.stderr)
        venv.create(directory, clear=True, with_pip=True)
        subprocess.run([python, '-m', 'pip', 'install', '--quiet', *REQUIREMENTS, *_same_versions()], check=True)
        ready.touch()
    return str(python)


def _same_versions() -> list[str]:
    """Pin what both libraries are built on to the versions that this one runs with: only gokart is to differ."""
    from importlib.metadata import PackageNotFoundError, version

    pinned = []
    for name in ('luigi', 'pandas', 'numpy', 'pyarrow', 'dill'):
        try:
            pinned.append(f'{name}=={version(name)}')
        except PackageNotFoundError:
            continue
    return pinned
