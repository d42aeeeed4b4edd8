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
    """From the start of the server until it tells of the last step of every tag, and the values are fetched once."""
    import grpc  # noqa: F401
    import tensorboard_data_server
    from tensorboard.data import server_ingester
    from tensorboard.data.proto import data_provider_pb2 as pb

    assert tensorboard_data_server.server_binary() is not None
    started = time.perf_counter()
    ingester = server_ingester.SubprocessServerIngester(
        server_binary=server_ingester.get_server_binary(),
        logdir=path,
        reload_interval=1e6,
        channel_creds_type=server_ingester.grpc_util.ChannelCredsType.LOCAL,
        samples_per_plugin={"scalars": count},
    )
    ingester.start()
    stub = ingester.data_provider._stub
    last = (count // 4) - 1
    while True:
        request = pb.ListScalarsRequest(experiment_id="", plugin_filter=pb.PluginFilter(plugin_name="scalars"))
        tags = [tag for run in stub.ListScalars(request).runs for tag in run.tags]
        if len(tags) == 4 and all(tag.metadata.max_step == last for tag in tags):
            break
        time.sleep(0.005)
    request = pb.ReadScalarsRequest(
        experiment_id="", plugin_filter=pb.PluginFilter(plugin_name="scalars"), downsample=pb.Downsample(num_points=count)
    )
    found = sum(len(tag.data.step) for run in stub.ReadScalars(request).runs for tag in run.tags)
    assert found == count, (found, count)
    return time.perf_counter() - started


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
