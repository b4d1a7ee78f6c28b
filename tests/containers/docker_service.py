#!/usr/bin/python3
"""A Docker of its own for tests: taken out of its packages, never installed, since that would start one.

    docker_service.py start FOLDER     starts a service, prints its socket when it answers and the test image is there
    docker_service.py stop FOLDER      ends it with everything it runs; FOLDER can be removed then
    docker_service.py kill FOLDER      ends the service alone, as a crash would; its containers run on
    docker_service.py run FOLDER …     docker with the same settings

Prints "SKIP: reason" and ends with 77 where Docker cannot run. The packages are unpacked in $PINTLE_TEST_CACHE/docker or
~/.cache/pintle-tests/docker; the test image is podman's (podman_service.py). It touches no firewall rules."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import podman_service
from podman_service import IMAGE, answers, skip

CACHE = podman_service.CACHE.parent / "docker"
PACKAGES = ("docker.io", "containerd")


def programs():
    """The folders with Docker's programs: those of the machine, or of the packages."""
    if shutil.which("dockerd") and shutil.which("containerd"):
        return []
    folders = [str(CACHE / "usr/bin"), str(CACHE / "usr/sbin")]
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{CACHE}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not CACHE.exists():
            unpack()
    return folders


def unpack():
    if not shutil.which("apt-get"):
        skip("Docker is not installed, and there is no apt-get to take it out of its packages")
    with tempfile.TemporaryDirectory(prefix="docker-", dir=CACHE.parent) as fresh:
        done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=fresh, capture_output=True, text=True)
        if done.returncode != 0:
            skip(f"Docker's packages cannot be had: {done.stderr.strip()[-500:]}")
        unpacked = pathlib.Path(fresh) / "unpacked"
        for package in pathlib.Path(fresh).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
        unpacked.rename(CACHE)


def environment():
    return {**os.environ, "PATH": os.pathsep.join([*programs(), os.environ["PATH"]])}


def socket_of(folder):
    return f"{folder}/docker.sock"


def docker(folder, *words):
    return ["docker", "-H", f"unix://{socket_of(folder)}", *words]


def command(folder):
    """Its networks get addresses of their own, so that several can run on one machine."""
    number = 130 + os.getpid() % 100  # podman's begin with 10.88.
    return ["dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/run", "--pidfile", f"{folder}/docker.pid", "--host", f"unix://{socket_of(folder)}",
            "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none", "--live-restore", "--default-address-pool", f"base=10.{number}.0.0/16,size=24"]


def start(folder):
    if os.geteuid() != 0:
        skip("a Docker for tests needs root")
    programs()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(socket_of(folder))
    with open(f"{folder}/docker.log", "ab") as log:
        service = subprocess.Popen(command(folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), start_new_session=True)
    deadline = time.monotonic() + 60
    while not answers(socket_of(folder)):
        if service.poll() is not None or time.monotonic() > deadline:
            words = pathlib.Path(f"{folder}/docker.log").read_text(errors="replace")[-500:]
            stop(folder)
            skip(f"Docker's service does not start here: {words}")
        time.sleep(0.02)
    put_image(folder)
    return socket_of(folder)


def put_image(folder):
    there = subprocess.run(docker(folder, "image", "inspect", IMAGE), env=environment(), capture_output=True)
    if there.returncode == 0:
        return
    maker = subprocess.Popen(["/usr/bin/python3", podman_service.HERE / "make_image.py"], stdout=subprocess.PIPE)
    done = subprocess.run(docker(folder, "import", "-", f"{IMAGE}:latest"), stdin=maker.stdout, env=environment(), capture_output=True, text=True)
    if maker.wait() != 0 or done.returncode != 0:
        stop(folder)
        skip(f"Docker cannot keep images here: {done.stderr.strip()[-500:]}")


def end(folder, how):
    """Ends the service and the containerd that it has started."""
    for name in (f"{folder}/docker.pid", f"{folder}/run/containerd/containerd.pid"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            process = int(pathlib.Path(name).read_text())
            os.kill(process, how)
            deadline = time.monotonic() + 30
            while pathlib.Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
                time.sleep(0.02)


def unmount_all(folder):
    """What a service that was killed has left mounted, so that the folder can be removed."""
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed([point for point in points if point.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", point], capture_output=True)


def stop(folder):
    listed = subprocess.run(docker(folder, "ps", "-aq"), env=environment(), capture_output=True, text=True).stdout.split()
    if listed:
        subprocess.run(docker(folder, "rm", "--force", *listed), env=environment(), capture_output=True)
    subprocess.run(docker(folder, "network", "prune", "--force"), env=environment(), capture_output=True)
    end(folder, signal.SIGTERM)
    unmount_all(folder)


def main():
    word, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    if word == "start":
        print(start(folder))
    elif word == "stop":
        stop(folder)
    elif word == "kill":
        end(folder, signal.SIGKILL)
    elif word == "run":
        os.execvpe("docker", docker(folder, *sys.argv[3:]), environment())
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
