"""What the system and the libraries say when a file or a connection fails, as messages."""

from __future__ import annotations

import errno
import gzip
import zipfile
import zlib
from urllib.error import URLError

from engine.messages import Message, verbatim

_BY_NUMBER = {
    errno.ENOENT: Message("there is no such file or folder"),
    errno.EACCES: Message("you have no right to it"),
    errno.EPERM: Message("you have no right to it"),
    errno.EISDIR: Message("it is a folder"),
    errno.ENOTDIR: Message("a part of its path is no folder"),
    errno.EEXIST: Message("it exists already"),
    errno.ENOSPC: Message("its disk is full"),
    errno.EROFS: Message("its disk is read-only"),
    errno.ENAMETOOLONG: Message("its name is too long"),
    errno.EIO: Message("its disk fails"),
    errno.EADDRINUSE: Message("another program uses it"),
    errno.EADDRNOTAVAIL: Message("it is no address of this machine"),
    errno.ECONNREFUSED: Message("the connection was refused"),
    errno.ECONNRESET: Message("the connection was cut"),
    errno.ETIMEDOUT: Message("there was no answer in time"),
    errno.ENETUNREACH: Message("the network cannot be reached"),
    errno.EHOSTUNREACH: Message("the network cannot be reached"),
}
_BY_KIND: tuple[tuple[type[Exception], Message], ...] = (
    (gzip.BadGzipFile, Message("it is not compressed by gzip")),
    (zlib.error, Message("its compressed data are damaged")),
    (zipfile.BadZipFile, Message("it is no ZIP archive, or is damaged")),
    (EOFError, Message("it ends too soon")),
    (UnicodeDecodeError, Message("it is not a text in UTF-8")),
    (TimeoutError, Message("there was no answer in time")),
)


def why(error: Exception) -> Message:
    """Why it failed: what is known by the error's number or kind, else the error's own words."""
    cause = error.reason if isinstance(error, URLError) else error  # the connection's own
    if isinstance(cause, OSError) and cause.errno in _BY_NUMBER:
        return _BY_NUMBER[cause.errno]
    for kind, message in _BY_KIND:
        if isinstance(cause, kind):
            return message
    own = getattr(cause, "strerror", None) or str(cause)
    return verbatim(own or type(error).__name__)
