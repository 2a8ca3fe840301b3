"""Two builds share the tasks of one pipeline: a central scheduler of Luigi gives each task to one of them."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import luigi

import gokart

LUIGID = [sys.executable, '-c', 'from luigi.cmdline import luigid; luigid()']


class Part(gokart.TaskOnKart):
    """Takes a while; its result is the process that made it."""

    number = luigi.IntParameter()

    def run(self):
        time.sleep(0.3)
        self.dump(os.getpid())


class Whole(gokart.TaskOnKart):
    """The processes that made the parts."""

    def requires(self):
        return [Part(number=number) for number in range(8)]

    def run(self):
        self.dump(self.load())


def build(url):
    """Build, one of several that do so, with the scheduler at `url`."""
    # While the other build runs what this one needs, it waits, and looks for work every tenth of a second.
    for option, value in {'keep_alive': 'true', 'wait_interval': '0.1', 'wait_jitter': '0'}.items():
        luigi.configuration.get_config().set('gokart_worker', option, value)
    return gokart.build(Whole(), local_scheduler=False, scheduler_url=url)


@contextlib.contextmanager
def scheduler():
    """Run ``luigid``, and give its URL; yours is started once, on a machine that all the others reach."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        options = ['--address', '127.0.0.1', '--port', str(port), '--state-path', f'{directory}/state']
        server = subprocess.Popen([*LUIGID, *options], stderr=subprocess.DEVNULL)
        try:
            url = f'http://127.0.0.1:{port}'
            wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait()


def wait_for(url, server):
    """Wait until the server answers."""
    while server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=1).close()
            return
        time.sleep(0.1)
    raise SystemExit('luigid did not start')


def main():
    """Run a scheduler and two builds."""
    with scheduler() as url:
        builds = [subprocess.Popen([sys.executable, __file__, url]) for _ in range(2)]
        codes = [process.wait() for process in builds]
        if any(codes):
            raise SystemExit('a build failed')
    made_by = gokart.build(Whole())  # what they stored
    print(f'{len(made_by)} parts, made by {len(set(made_by))} processes')


if __name__ == '__main__':
    if len(sys.argv) > 1:
        build(sys.argv[1])
    else:
        main()
