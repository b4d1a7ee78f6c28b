"""What sources cost: the start of a job with them, the second job of a repository, and reading through mounts."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from pintle_server import Server
from timing import Failed, spread, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/program"))
import git_servers  # noqa: E402
from real_servers import NfsServer, S3Server, answers, free_port  # noqa: E402

MEGABYTE = 10**6
REPOSITORY_FILES = 2000
REPOSITORY_BYTES_EACH = 10_000


def missing_programs():
    return [name for name in ("git", "rclone", "ganesha.nfsd", "nfs-cp", "node", "npm", "fusermount3") if not shutil.which(name)]


# --- the start of a job ------------------------------------------------------------------------------------------

def storages(count):
    return [{"name": f"part-{i}", "cluster_storage": "default"} for i in range(count)]


def repositories(urls):
    return [{"name": f"code-{i}", "git": {"repository": url}} for i, url in enumerate(urls)]


def create(connection, name, sources, command):
    """A project with one task, which mounts all of them."""
    task = {"name": "t", "resources": [{"name": "r", "command": command}]}
    connection.call("POST", "/projects", {"name": name, "sources": sources, "tasks": [task]})


def run(server, connection, name):
    expect_complete(server.finish(connection, f"/projects/{name}/tasks/t/jobs"))


def job_starts(bench):
    """Milliseconds from before the submission to the program's first act, by what the task mounts. In turns."""
    folder = bench.new_folder("source-starts")
    stamp = bench.folder / "source-stamp"
    (folder / "git").mkdir(parents=True)
    ten = repositories([f"file://{git_servers.make_repository(folder / 'git', f'code-{i}')}" for i in range(10)])
    loads = {"none": [], "storage-1": storages(1), "storage-10": storages(10), "git-1": ten[:1], "git-10": ten}
    found = {load: [] for load in loads}
    with Server(bench.binary, folder / "data") as server:
        connection = server.connect()
        for load, sources in loads.items():
            create(connection, load, sources, f"echo $EPOCHREALTIME > {stamp}")
            run(server, connection, load)  # It fills the mirrors.
        for _ in range(bench.sizes.source_starts):
            for load in loads:
                began = time.time()
                run(server, connection, load)
                found[load].append((float(stamp.read_text()) - began) * 1e3)
    return {load: spread(times) for load, times in found.items()}


def expect_complete(job):
    if job["state"] != "Complete":
        raise Failed(f"the job {job['name']} is {job['state']}: {job['reason']}")


# --- the second job of a repository ------------------------------------------------------------------------------

def large_repository(folder):
    bare = git_servers.make_repository(folder, "large")
    work = folder / "author-of-large"
    for number in range(REPOSITORY_FILES):
        path = work / f"data/{number % 50}/{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(REPOSITORY_BYTES_EACH))
    git_servers.git("-C", work, "add", "-A")
    git_servers.git("-C", work, "commit", "-q", "-m", "data")
    git_servers.git("-C", work, "push", "-q", bare, "main")


class GitServer:
    """git's own server of repositories in a folder."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"git://127.0.0.1:{port}"
        self.process = subprocess.Popen(["git", "-c", "safe.directory=*", "daemon", "--reuseaddr", "--export-all", f"--base-path={folder}", "--listen=127.0.0.1",
                                         f"--port={port}", str(folder)], start_new_session=True, stderr=subprocess.DEVNULL)
        until("git's server answers", lambda: answers(port), 30)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def second_job(bench):
    """Seconds from submission to end of the first and the later jobs of a repository, beside a clone by hand."""
    folder = bench.new_folder("second-job")
    folder.mkdir(parents=True)
    large_repository(folder)
    git_server = GitServer(folder)
    url = f"{git_server.url}/large.git"
    found = {"clone": [], "first": [], "second": [], "none": []}

    def timed(way, act):
        began = time.monotonic()
        act()
        found[way].append(time.monotonic() - began)

    try:
        for turn in range(bench.sizes.git_runs):
            timed("clone", lambda turn=turn: git_servers.git("clone", "-q", url, folder / f"clone-{turn}"))
            with Server(bench.binary, folder / f"data-{turn}") as server:
                connection = server.connect()
                create(connection, "plain", [], "true")
                create(connection, "again", repositories([url]), "true")
                run(server, connection, "plain")
                for number in range(4):
                    timed("first" if number == 0 else "second", lambda: run(server, connection, "again"))
                    timed("none", lambda: run(server, connection, "plain"))
    finally:
        git_server.stop()
    return {name: spread(times) for name, times in found.items()}


# --- reading through a mount -------------------------------------------------------------------------------------

READ = "/usr/bin/python3 - <<'PROGRAM'\nimport os, time\nbegan = time.monotonic()\ndone = 0\nwith open(os.environ['DATA_DIR'] + '/large.bin', 'rb', buffering=0) as data:\n" \
       "    while piece := data.read(1 << 20): done += len(piece)\nopen('{out}', 'w').write(f'{{done}} {{time.monotonic() - began}}')\nPROGRAM"


class Reader:
    """Reads one file by a fresh job, which has a fresh mount; in megabytes per second."""

    def __init__(self, server, bench, name, source):
        self.server, self.out, self.name = server, bench.folder / f"read-{name}", name
        self.connection = server.connect()
        data = {"name": "data", "mount_path": "/workspace/data", "read_only": True, **source}
        create(self.connection, name, [data], READ.format(out=self.out))

    def __call__(self):
        run(self.server, self.connection, self.name)
        done, seconds = self.out.read_text().split()
        return int(done) / float(seconds) / MEGABYTE


def copied(command, target, size):
    """A plain copy with the tool itself, into memory."""
    def run():
        target.unlink(missing_ok=True)
        began = time.monotonic()
        command()
        took = time.monotonic() - began
        if target.stat().st_size != size:
            raise Failed(f"{target} has {target.stat().st_size} bytes instead of {size}")
        target.unlink()
        return size / took / MEGABYTE
    return run


def throughput(bench):
    """The same file through a mount in a job and by a plain copy, in turns."""
    folder = bench.new_folder("throughput")
    size = bench.sizes.read_bytes
    nfs, s3 = NfsServer(folder / "nfs"), S3Server(folder / "s3")
    target = pathlib.Path("/dev/shm") / f"pintle-bench-{os.getpid()}"
    block = os.urandom(MEGABYTE)
    with open(nfs.export / "large.bin", "wb") as data:
        for _ in range(size // MEGABYTE):
            data.write(block)
    try:
        nfs.start(), s3.start()
        s3.rclone("copyto", str(nfs.export / "large.bin"), f"s3:{s3.bucket}/large.bin")
        host, port = nfs.address.split(":")
        nfs_copy = ["nfs-cp", f"nfs://{host}/exported/large.bin?nfsport={port}&mountport={port}&version=4", str(target)]
        with Server(bench.binary, folder / "data") as server:
            ways = {
                "s3 mount": Reader(server, bench, "s3-mount", {"s3": {"bucket": s3.bucket, "server": s3.url}}),
                "s3 tool": copied(lambda: s3.rclone("copyto", f"s3:{s3.bucket}/large.bin", str(target)), target, size),
                "nfs mount": Reader(server, bench, "nfs-mount", {"nfs": {"server": nfs.address, "path": "/exported"}}),
                "nfs tool": copied(lambda: subprocess.run(nfs_copy, check=True, capture_output=True), target, size),
            }
            found = {name: [] for name in ways}
            for _ in range(bench.sizes.read_runs):
                for name, run in ways.items():
                    found[name].append(run())
    finally:
        nfs.stop(), s3.stop()
        target.unlink(missing_ok=True)
    return {"bytes": size, **{name: spread(values) for name, values in found.items()}}


def measure(bench):
    return {"starts": job_starts(bench), "git": second_job(bench), "throughput": throughput(bench)}
