# Untested: it was never built.
#
#   docker build -t seq2exp-tracks .                                 CPU
#   docker build -t seq2exp-tracks --build-arg TORCH_OPTIONS= .      NVIDIA GPUs
#   docker run --rm -v "$PWD:/data" seq2exp-tracks demo --out demo
#   docker run --rm -v "$PWD:/data" -p 127.0.0.1:8123:8123 seq2exp-tracks view demo/run \
#       --host 0.0.0.0 --port 8123 --no-browser
#
# The GPU variant also needs the NVIDIA Container Toolkit and `docker run --gpus all`.

FROM python:3.12-slim AS build
# torch for the CPU has an index of its own; the wheels for Linux on PyPI bring CUDA.
ARG TORCH_OPTIONS="--index-url=https://download.pytorch.org/whl/cpu"
RUN python -m venv /opt/seq2exp-tracks
ENV PATH=/opt/seq2exp-tracks/bin:$PATH
COPY constraints.txt /source/
RUN pip install --no-cache-dir torch $TORCH_OPTIONS --constraint /source/constraints.txt
COPY . /source
# The page of the browser is bundled from npm's packages, with the node that pip brings; without it, stop.
RUN SEQ2EXP_REQUIRE_PAGE=1 pip install --no-cache-dir /source --constraint /source/constraints.txt

FROM python:3.12-slim
COPY --from=build /opt/seq2exp-tracks /opt/seq2exp-tracks
ENV PATH=/opt/seq2exp-tracks/bin:$PATH
# Any user may run it: the genomes that are registered lie beside the data.
ENV SEQ2EXP_TRACKS_CONFIG=/data/.seq2exp-tracks
WORKDIR /data
ENTRYPOINT ["seq2exp-tracks"]
