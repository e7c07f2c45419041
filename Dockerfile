# Two stages: the first builds an environment from the wheel, the second holds that environment alone.
# Runs as an unprivileged user, also with a read-only root; everything is written to /data.

FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY projections projections
COPY service service
RUN pip wheel --no-cache-dir --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/sanji \
    && pip --python /opt/sanji/bin/python install --no-cache-dir --no-index --find-links /wheels sanji

FROM python:3.13-slim
COPY --from=build /opt/sanji /opt/sanji
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin sanji \
    && install --directory --owner sanji --group sanji --mode 0700 /data
ENV PATH=/opt/sanji/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/data \
    SANJI_DATA_DIR=/data \
    SANJI_DATABASE_URL=sqlite:////data/sanji.db \
    SANJI_PORT=8000
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['SANJI_PORT']), timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["sanji", "serve", "--host", "0.0.0.0"]
