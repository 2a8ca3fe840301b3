"""A build on the nodes of a Dask cluster, which share a workspace: ``dask_cluster.py [s3://bucket/directory]``."""

import os
import sys
import time

import distributed
import luigi

import gokart


class Part(gokart.TaskOnKart):
    """Takes a while; its result is the process that made it."""

    number = luigi.IntParameter()

    def run(self):
        time.sleep(0.3)
        self.dump(os.getpid())


class Whole(gokart.TaskOnKart):
    """The processes that made the parts."""

    def requires(self):
        return [Part(number=number, workspace_directory=self.workspace_directory) for number in range(8)]

    def run(self):
        self.dump(self.load())


def main():
    """Build on a cluster of two processes."""
    whole = Whole(workspace_directory=sys.argv[1]) if len(sys.argv) > 1 else Whole()
    # Stands for a cluster of many machines: executor='dask://scheduler.example.com:8786'.
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            made_by = gokart.build(whole, executor=client)
    print(f'{len(made_by)} parts, made by {len(set(made_by))} processes, stored at {whole.output().path()}')


if __name__ == '__main__':
    main()
