#!/usr/bin/python3
"""A podman of its own for tests: its images are kept between runs, its containers end with it.

    podman_service.py start FOLDER     starts a service, prints its socket when it answers and the test image is there
    podman_service.py stop FOLDER      ends it with everything it runs; FOLDER can be removed then
    podman_service.py kill FOLDER      ends the service alone, as a crash would; its containers run on
    podman_service.py run FOLDER …     podman with the same settings

Prints "SKIP: reason" and ends with 77 where podman cannot run. Images are in $PINTLE_TEST_CACHE/podman or
~/.cache/pintle-tests/podman; the test image is localhost/pintle-test."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("PINTLE_TEST_CACHE", pathlib.Path.home() / ".cache/pintle-tests")) / "podman"
IMAGE = "localhost/pintle-test"


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(77)


def podman(folder, *words):
    """Containers and networks belong to the folder, images to the cache, which is only read."""
    base = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file",
            "--root", f"{folder}/root", "--runroot", f"{folder}/run", "--tmpdir", f"{folder}/tmp",
            "--network-config-dir", f"{folder}/networks", "--storage-driver", "overlay",
            "--storage-opt", f"overlay.imagestore={CACHE}"]
    return base + list(words)


def digest(content):
    return hashlib.sha256(content).hexdigest()[:12]


def image_id():
    """The image changes when its maker or Python does."""
    return digest((HERE / "make_image.py").read_bytes() + sys.version.encode())


def prepare_image(packages=None):
    """Makes the test image once for all tests and runs. With `packages`, a folder of Python packages, another one."""
    name = f"{IMAGE}-{digest(packages.encode())}" if packages else IMAGE
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE.parent / "podman.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        store = ["podman", "--root", str(CACHE), "--runroot", f"{CACHE}-run", "--storage-driver", "overlay"]
        tag = f"{name}:{image_id()}"
        if subprocess.run([*store, "image", "exists", tag], capture_output=True).returncode == 0:
            return name
        maker = subprocess.Popen(["/usr/bin/python3", HERE / "make_image.py", *(["--packages", packages] if packages else [])],
                                 stdout=subprocess.PIPE)
        done = subprocess.run([*store, "import", "-q", "-", tag], stdin=maker.stdout, capture_output=True, text=True)
        if maker.wait() != 0 or done.returncode != 0:
            skip(f"podman cannot keep images here: {done.stderr.strip()[-500:]}")
        subprocess.run([*store, "tag", tag, f"{name}:latest"], check=True, capture_output=True)
    return name


def save_image(name, folder):
    """The image as a folder of a manifest and its parts, for a registry."""
    store = ["podman", "--root", str(CACHE), "--runroot", f"{CACHE}-run", "--storage-driver", "overlay"]
    subprocess.run([*store, "push", "-q", "--format", "v2s2", f"{name}:latest", f"dir:{folder}"], check=True, capture_output=True)


def answers(path):
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        try:
            probe.settimeout(5)
            probe.connect(path)
            probe.sendall(b"GET /_ping HTTP/1.0\r\nHost: d\r\n\r\n")
            return b" 200 " in probe.recv(200)
        except OSError:
            return False


def start(folder):
    if not shutil.which("podman"):
        skip("podman is not installed")
    if os.geteuid() != 0:
        skip("a podman for tests needs root")
    prepare_image()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    path = f"{folder}/podman.sock"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with open(f"{folder}/podman.log", "ab") as log:
        service = subprocess.Popen(podman(folder, "system", "service", "--time=0", f"unix://{path}"),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                   cwd=folder)  # Where the keepers of containers note that memory was used up.
    pathlib.Path(f"{folder}/podman.pid").write_text(str(service.pid))
    deadline = time.monotonic() + 30
    while not answers(path):
        if service.poll() is not None or time.monotonic() > deadline:
            words = pathlib.Path(f"{folder}/podman.log").read_text(errors="replace")[-500:]
            skip(f"podman's service does not start here: {words}")
        time.sleep(0.02)
    return path


def kill(folder):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(pathlib.Path(f"{folder}/podman.pid").read_text()), signal.SIGKILL)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{folder}/podman.sock")


def stop(folder):
    kill(folder)
    subprocess.run(podman(folder, "rm", "--force", "--all", "--time", "0"), capture_output=True)
    networks = subprocess.run(podman(folder, "network", "ls", "-q"), capture_output=True, text=True).stdout.split()
    for name in networks:
        if name != "podman":
            subprocess.run(podman(folder, "network", "rm", "--force", name), capture_output=True)
    for mounted in (f"{folder}/root/overlay", f"{folder}/root"):
        subprocess.run(["umount", "-l", mounted], capture_output=True)


def main():
    word, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    if word == "start":
        print(start(folder))
    elif word == "stop":
        stop(folder)
    elif word == "kill":
        kill(folder)
    elif word == "run":
        os.execvp("podman", podman(folder, *sys.argv[3:]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
