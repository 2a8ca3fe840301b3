"""What is asked of S3 and how it answers, in short, for tests that look at requests."""

from __future__ import annotations

from support.fault_proxy import FaultProxy


def error_body(code: str, message: str = 'No.', **more: str) -> bytes:
    """What S3 answers where it refuses."""
    elements = ''.join(
        f'<{name}>{value}</{name}>' for name, value in {'Code': code, 'Message': message, **more}.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{elements}</Error>'.encode()


def requests(proxy: FaultProxy) -> list[str]:
    """What was asked through the proxy: methods, with the part of the query that tells what it is about."""
    return [f'{entry.method} {_about(entry.path)}'.rstrip() for entry in proxy.log]


def _about(path: str) -> str:
    query = path.partition('?')[2]
    names = [part.partition('=')[0] for part in query.split('&')]
    return next((name for name in ('uploads', 'partNumber', 'uploadId', 'list-type', 'delete') if name in names), '')
