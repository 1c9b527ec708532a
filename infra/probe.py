"""`python -m infra.probe URL`: exit 0 if the URL answers 200 within three seconds; a container's health check."""

import sys

import httpx

if __name__ == "__main__":
    try:
        answer = httpx.get(sys.argv[1], timeout=3, trust_env=False)
    except httpx.TransportError as error:
        sys.exit(f"{sys.argv[1]}: {error!r}")
    if answer.status_code != 200:
        sys.exit(f"{sys.argv[1]}: {answer.status_code}")
