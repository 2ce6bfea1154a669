FROM python:3.11-slim-bookworm AS packages
COPY requirements/run.txt /tmp/run.txt
RUN python -m venv /opt/paraffin \
    && /opt/paraffin/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/run.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/paraffin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PARAFFIN_VAR=/var/lib/paraffin \
    PARAFFIN_EMBEDDED=false \
    MEDIA_ROOT=/var/lib/paraffin/media \
    STATIC_ROOT=/srv/paraffin/static
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/paraffin paraffin \
    && install --directory --owner paraffin --group paraffin \
        /var/lib/paraffin /var/lib/paraffin/media /var/lib/paraffin/beat
COPY --from=packages /opt/paraffin /opt/paraffin
WORKDIR /srv/paraffin
COPY . .
RUN SECRET_KEY=only-for-collecting-static-files python manage.py collectstatic --noinput --verbosity 0
USER 10001
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000"]
