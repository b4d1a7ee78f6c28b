"""Real NFS and S3 servers for the whole-program tests, each on ports and folders of its own."""
import contextlib
import fcntl
import hashlib
import hmac
import http.server
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent / "s3_server"
CACHE = pathlib.Path(os.environ.get("PINTLE_TEST_CACHE", pathlib.Path.home() / ".cache/pintle-tests"))
FILES = ("package.json", "package-lock.json", ".npmrc")


def free_port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class RealServer:
    """A server that can be ended and started again on the same port."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = None

    def start(self):
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(self.words(), stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 60
        while not answers(self.port):
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "server.log").read_text()[-3000:]
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)


class NfsServer(RealServer):
    """Ganesha, which exports one folder by NFS 4."""

    path = "/exported"
    ways = "Protocols = 4; Enable_NLM = false;"

    def __init__(self, folder):
        super().__init__(folder)
        self.export = self.folder / "export"
        self.export.mkdir()
        self.address = f"127.0.0.1:{self.port}"
        (self.folder / "ganesha.conf").write_text(f"""
NFS_CORE_PARAM {{ {self.ways} NFS_Port = {self.port}; MNT_Port = {free_port()}; Bind_addr = 127.0.0.1; Enable_RQUOTA = false; }}
NFSv4 {{ Graceless = true; Only_Numeric_Owners = true; RecoveryBackend = fs; }}
EXPORT {{ Export_Id = 1; Path = {self.export}; Pseudo = /exported; Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
  {self.ways.partition(";")[0]}; FSAL {{ Name = VFS; }} }}
LOG {{ Default_Log_Level = WARN; }}
""")

    def words(self):
        return ["ganesha.nfsd", "-F", "-f", str(self.folder / "ganesha.conf"), "-L", str(self.folder / "ganesha.log"),
                "-p", str(self.folder / "ganesha.pid")]


class Nfs3Server(NfsServer):
    """The same by NFS 3, which is found by asking the portmapper: the machine's, or one that is there meanwhile."""

    ways = "Protocols = 3; Enable_NLM = false;"

    def __init__(self, folder):
        super().__init__(folder)
        self.address = "127.0.0.1"
        self.path = str(self.export)
        self.portmapper = None
        # There is one portmapper on a machine, however many runs of these tests.
        CACHE.mkdir(parents=True, exist_ok=True)
        self.lock = open(CACHE / "portmapper.lock", "w")

    def start(self):
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        if not answers(111):
            log = open(self.folder / "rpcbind.log", "ab")
            self.portmapper = subprocess.Popen(["rpcbind", "-f"], stdout=log, stderr=log)
            deadline = time.monotonic() + 60
            while not answers(111):
                if self.portmapper.poll() is not None or time.monotonic() > deadline:
                    raise unittest.SkipTest("no portmapper can be started here: " + (self.folder / "rpcbind.log").read_text()[-500:])
                time.sleep(0.05)
        super().start()
        deadline = time.monotonic() + 60
        while "100005" not in subprocess.run(["rpcinfo", "-p", "127.0.0.1"], capture_output=True, text=True).stdout:
            assert time.monotonic() < deadline, "Ganesha has not told the portmapper where it is"
            time.sleep(0.05)
        return self

    def stop(self):
        super().stop()
        if self.portmapper:
            self.portmapper.terminate()
            self.portmapper.wait(30)
            self.portmapper = None
        fcntl.flock(self.lock, fcntl.LOCK_UN)


def s3_packages():
    """The folder with the packages of the lock file, installed once for all tests and runs."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = CACHE / f"s3-server-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = pathlib.Path(tempfile.mkdtemp(prefix="s3-server-", dir=CACHE))
            for name in FILES:
                shutil.copy(HERE / name, fresh)
            done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=fresh, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                shutil.rmtree(fresh)
                raise AssertionError("the S3 server's packages could not be installed:\n" + done.stdout + done.stderr)
            fresh.rename(folder)
    return folder


class S3Server(RealServer):
    """s3rver, with one bucket; it asks no keys for reading and writing."""

    def __init__(self, folder, bucket="results"):
        super().__init__(folder)
        self.bucket = bucket
        self.objects = self.folder / "objects"
        self.objects.mkdir()
        self.url = f"http://127.0.0.1:{self.port}"

    def words(self):
        return ["node", str(s3_packages() / "node_modules/s3rver/bin/s3rver.js"), "-d", str(self.objects), "-a", "127.0.0.1",
                "-p", str(self.port), "--silent", "--configure-bucket", self.bucket]

    def rclone(self, *words, check=True):
        """rclone with the server's own keys."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "RCLONE_CONFIG": "/dev/null",
                       "RCLONE_CONFIG_S3_TYPE": "s3", "RCLONE_CONFIG_S3_PROVIDER": "Other",
                       "RCLONE_CONFIG_S3_ENDPOINT": self.url, "RCLONE_CONFIG_S3_ACCESS_KEY_ID": "S3RVER",
                       "RCLONE_CONFIG_S3_SECRET_ACCESS_KEY": "S3RVER", "RCLONE_CONFIG_S3_REGION": "us-east-1"}
        return subprocess.run(["rclone", *words], env=environment, capture_output=True, text=True, check=check).stdout

    def put(self, name, text):
        path = self.folder / "put"
        path.write_text(text)
        self.rclone("copyto", str(path), f"s3:{self.bucket}/{name}")

    def get(self, name):
        return self.rclone("cat", f"s3:{self.bucket}/{name}", check=False)


class S3Guard:
    """Stands before an S3 server that takes any secret, and lets requests pass whose signature (version 4) was made with the right one."""

    def __init__(self, behind, key="S3RVER", secret="S3RVER"):
        self.refused = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if not is_signed(self, key, secret):
                    outer.refused += 1
                    text = b"<Error><Code>SignatureDoesNotMatch</Code><Message>The signature does not match.</Message></Error>"
                    return self.reply(403, [("Content-Type", "application/xml")], text)
                request = urllib.request.Request(behind + self.path, data=body or None, method=self.command, headers=dict(self.headers))
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:
                        return self.reply(answer.status, answer.headers.items(), answer.read())
                except urllib.error.HTTPError as error:
                    return self.reply(error.code, error.headers.items(), error.read())

            def reply(self, status, headers, content):
                self.send_response(status)
                length = dict((name.lower(), value) for name, value in headers).get("content-length")
                for name, value in headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                # Of an answer to HEAD it is the object's.
                self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def is_signed(request, key, secret):
    """Whether the request has an AWS signature of version 4 with that key and secret."""
    found = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)",
                     request.headers.get("Authorization") or "")
    if not found or found[1] != key:
        return False
    _, day, region, names, signature = found.groups()
    path, _, query = request.path.partition("?")
    asked = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    quoted = "&".join(f"{urllib.parse.quote(name, safe='-_.~')}={urllib.parse.quote(value, safe='-_.~')}" for name, value in asked)
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names.split(";"))
    canonical = "\n".join([request.command, path, quoted, headers, names, request.headers["X-Amz-Content-Sha256"]])
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    made = ("AWS4" + secret).encode()
    for part in (day, region, "s3", "aws4_request", text):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(made.hex(), signature)
