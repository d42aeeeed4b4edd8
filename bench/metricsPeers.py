"""What bench/metrics.mjs compares with: reads a log with the library that owns it, and prints the milliseconds of the reading.

    python metricsPeers.py accumulator|data-server|pandas PATH COUNT

Exits with 3 where the library is not installed.
"""

import sys
import time


def accumulator(path, count):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    started = time.perf_counter()
    events = EventAccumulator(path, size_guidance={"scalars": 0}).Reload()
    found = sum(len(events.Scalars(tag)) for tag in events.Tags()["scalars"])
    assert found == count, (found, count)
    return time.perf_counter() - started


def data_server(path, count):
    """From the start of the server until its ListScalars tells of the last step of all four tags."""
    import os
    import subprocess
    import tempfile

    import grpc
    import tensorboard_data_server
    from tensorboard.data.proto import data_provider_pb2 as pb
    from tensorboard.data.proto import data_provider_pb2_grpc

    folder = tempfile.mkdtemp()
    port_file = os.path.join(folder, "port")
    started = time.perf_counter()
    server = subprocess.Popen(
        [
            tensorboard_data_server.server_binary(),
            f"--logdir={path}",
            "--reload=once",
            "--samples-per-plugin=scalars=all",
            "--port=0",
            f"--port-file={port_file}",
            "--die-after-stdin",
        ],
        stdin=subprocess.PIPE,
    )
    try:
        while not (os.path.exists(port_file) and open(port_file).read().endswith("\n")):
            time.sleep(0.001)
        channel = grpc.insecure_channel(f"localhost:{int(open(port_file).read())}")
        stub = data_provider_pb2_grpc.TensorBoardDataProviderStub(channel)
        request = pb.ListScalarsRequest(plugin_filter=pb.PluginFilter(plugin_name="scalars"))
        while True:
            tags = [tag for run in stub.ListScalars(request, wait_for_ready=True).runs for tag in run.tags]
            if len(tags) == 4 and all(tag.metadata.max_step == count // 4 - 1 for tag in tags):
                return time.perf_counter() - started
            time.sleep(0.002)
    finally:
        server.stdin.close()
        server.wait()


def pandas_table(path, count):
    started = time.perf_counter()
    import pandas

    assert len(pandas.read_csv(path)) == count
    return time.perf_counter() - started


READERS = {"accumulator": accumulator, "data-server": data_server, "pandas": pandas_table}

if __name__ == "__main__":
    reader, path, count = sys.argv[1:]
    try:
        print(READERS[reader](path, int(count)) * 1000)
    except ImportError:
        sys.exit(3)
