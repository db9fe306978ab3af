# One image for every service of docker-compose.yml; the command says which one it is.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Charts as PNG are drawn here: their Japanese needs a font.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-ipafont-gothic \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home layerlab && install --directory --owner=layerlab /cache
WORKDIR /app

COPY . .
ARG PACKAGES=""
RUN pip install --constraint constraints.txt . ${PACKAGES}

USER layerlab
ENV LAYERLAB_DATA_DIR=/data LAYERLAB_CACHE_DIR=/cache LAYERLAB_LOG_DIR=/home/layerlab/logs
CMD ["layerlab", "--help"]
