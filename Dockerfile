# The production image. Two stages: the compiler stays in the first.
# Build with `docker build -t alignment-portal .`; run with docker-compose.yml.

FROM python:3.11-slim-bookworm AS build
# psycopg2 is published as source only.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev libpq-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/portal
COPY requirements/production.lock requirements/
RUN python -m venv /srv/venv \
 && /srv/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/production.lock
COPY manage.py pyproject.toml ./
COPY alignment_portal alignment_portal
COPY initiatives initiatives
COPY metrics metrics
COPY portfolio portfolio
COPY reviews reviews
COPY gates gates
COPY packs packs
COPY templates templates
COPY static static
COPY demo demo
COPY docs docs
COPY deploy/healthcheck.py deploy/gunicorn.conf.py deploy/
# Production settings demand these before they do anything; none of them is kept in the image.
RUN PORTAL_MODE=production PORTAL_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
    SECRET_KEY=used-for-collecting-static-files-and-thrown-away-afterwards \
    DATABASE_URL=postgres://build@build.invalid/build REDIS_URL=redis://build.invalid/0 \
    /srv/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
 && /srv/venv/bin/python -m compileall -q alignment_portal initiatives metrics portfolio reviews gates packs \
 # A strict umask of whoever fetched the project would keep the image's user out.
 && chmod -R a+rX /srv/portal

FROM python:3.11-slim-bookworm
# WeasyPrint's libraries, fonts to fall back on, and PostgreSQL's client library.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core fonts-liberation libpq5 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /home/portal portal \
 && install --directory --owner portal --group portal /var/lib/portal
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_MODE=production PORTAL_VAR=/var/lib/portal
WORKDIR /srv/portal
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/portal /srv/portal
USER portal
VOLUME /var/lib/portal
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "alignment_portal.wsgi:application"]
