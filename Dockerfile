# An image that migrates one project: the tool, the project's revisions and its profiles. A project of your own replaces
# what is copied to /srv/app (docs/kubernetes.md).

FROM python:3.13-slim AS build

# Extras of pyproject.toml for other databases, such as "mysql".
ARG EXTRAS=""

RUN python -m venv /opt/migrator
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY migrator ./migrator
# Compiled here, because a read-only file system never lets Python do it later; unchecked hashes survive a layer that
# changes the files' dates.
RUN /opt/migrator/bin/pip install --no-cache-dir --no-compile ".${EXTRAS:+[$EXTRAS]}" \
    && /opt/migrator/bin/pip uninstall --yes pip \
    && /opt/migrator/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/migrator/lib

WORKDIR /srv/app
COPY pyproject.toml ./
COPY env_profiles ./env_profiles
COPY migrations ./migrations
COPY examples/__init__.py ./examples/
COPY examples/service ./examples/service
RUN /opt/migrator/bin/python -m compileall -q --invalidation-mode unchecked-hash /srv/app


FROM python:3.13-slim

RUN useradd --uid 10001 --no-create-home --home-dir /srv/app --shell /usr/sbin/nologin migrator
COPY --from=build /opt/migrator /opt/migrator
COPY --from=build /srv/app /srv/app

ENV PATH=/opt/migrator/bin:$PATH \
    HOME=/srv/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/app
# A number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 10001:10001
ENTRYPOINT ["migrator"]
CMD ["--help"]
