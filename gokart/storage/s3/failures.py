"""What the exceptions of boto3 mean for another try: it may work, it would fail again, or nobody is there."""

from __future__ import annotations

from gokart.storage.retries import Failure

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; other servers have some codes of their own.
_PASSING_STATUSES = {408, 429, 500, 502, 503, 504}
_PASSING_CODES = {
    'ConditionalRequestConflict',
    'IncompleteBody',
    'InternalError',
    'OperationAborted',
    'RequestTimeout',
    'RequestTimeoutException',
    'ServiceUnavailable',
    'SlowDown',
    'Throttling',
    'ThrottlingException',
}


def code_of(error: BaseException) -> str:
    """Return the code of an error that S3 answered, such as ``NoSuchKey`` or ``404``; empty for other errors."""
    response = getattr(error, 'response', None)
    return str(response.get('Error', {}).get('Code', '')) if isinstance(response, dict) else ''


def status_of(error: BaseException) -> int:
    """Return the status of an answer that is an error; 0 for other errors."""
    response = getattr(error, 'response', None)
    return int(response.get('ResponseMetadata', {}).get('HTTPStatusCode', 0)) if isinstance(response, dict) else 0


def classify(error: BaseException) -> Failure:
    """Tell what a failed request means for another try."""
    from botocore import exceptions, parsers

    if isinstance(error, exceptions.ClientError):
        is_passing = status_of(error) in _PASSING_STATUSES or code_of(error) in _PASSING_CODES
        return Failure.PASSING if is_passing else Failure.FINAL
    if isinstance(error, (exceptions.ConnectionError, exceptions.SSLError)):
        return Failure.UNREACHABLE
    if isinstance(error, exceptions.HTTPClientError):  # resets, silence, truncated answers
        return Failure.FINAL if is_malformed(error) else Failure.PASSING
    if isinstance(error, (exceptions.IncompleteReadError, exceptions.FlexibleChecksumError)):
        return Failure.PASSING
    if isinstance(error, parsers.ResponseParserError):
        return Failure.FINAL if _is_page(error) else Failure.PASSING
    return Failure.FINAL


def is_answer(error: BaseException) -> bool:
    """Whether the server has answered, with an error."""
    return status_of(error) > 0


def is_silence(error: BaseException) -> bool:
    """Whether the server took the request and did not answer in time."""
    from botocore import exceptions

    return isinstance(error, exceptions.ReadTimeoutError)


def is_malformed(error: BaseException) -> bool:
    """Whether the request could not even be sent: an address that is none, a bad header, a missing certificate."""
    cause = getattr(error, 'kwargs', {}).get('error')
    return isinstance(cause, (ValueError, FileNotFoundError, PermissionError))


def is_bad_header(error: BaseException) -> bool:
    """Whether a header cannot be sent; the exception shows it, and it may be a session token."""
    return is_malformed(error) and 'header' in str(error).lower()


def _is_page(error: BaseException) -> bool:
    text = str(error).lower()
    return '<html' in text or '<!doctype html' in text
