FROM python:3.13-slim AS build
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1
COPY boot.py requirements.lock requirements-uv.lock requirements-official.lock ./
ARG EXTRA=
RUN python boot.py install ${EXTRA}
COPY . .
RUN python boot.py setup \
 && rm .venv/bin/uv .venv/bin/uvx \
 && python -m compileall -q backend

FROM python:3.13-slim
WORKDIR /app
RUN useradd --system --no-log-init --uid 10001 --home-dir /var/lib/reperes --create-home reperes \
 && ln -s /app/bin/reperes /usr/local/bin/reperes
COPY --from=build /app /app
# All that is written goes to /var/lib/reperes and /tmp: the rest may be mounted read-only.
ENV PYTHONDONTWRITEBYTECODE=1 \
    REPERES_HOST=0.0.0.0 \
    REPERES_PORT=8000 \
    REPERES_VAR_DIR=/var/lib/reperes
VOLUME /var/lib/reperes
USER 10001:10001
EXPOSE 8000 9982
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s CMD ["/app/.venv/bin/python", "-c", "from os import environ; from urllib.request import urlopen; urlopen(f'http://127.0.0.1:{environ[\"REPERES_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["reperes"]
CMD ["run"]
