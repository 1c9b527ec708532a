# One image for every service, the gateway and the CLI; what runs is the command's choice.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY pyproject.toml requirements.in README.md ./
COPY shared shared
COPY services services
COPY infra infra
RUN pip install --no-deps --no-build-isolation . && useradd --create-home guatu
USER guatu
EXPOSE 8000
CMD ["guatu", "--help"]
