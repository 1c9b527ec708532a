"""`python -m infra.probe URL`: exit 0 if the URL answers 200 within six seconds; a container's health check.

With the standard library alone: it runs every few seconds in each container, and a client's import costs more than
the question.
"""

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

if __name__ == "__main__":
    url = urlsplit(sys.argv[1])
    connection = HTTPConnection(url.netloc, timeout=6)
    try:
        connection.request("GET", url.path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.exit(f"{sys.argv[1]}: {error!r}")
    if status != 200:
        sys.exit(f"{sys.argv[1]}: {status}")
