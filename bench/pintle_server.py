"""A Pintle server on a data folder of its own, and a client that costs little."""
import json
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import time

from peers import free_ports
from timing import Failed, until

API = "/api/v1"


class Connection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, address, token):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: {address}\r\nAuthorization: Bearer {token}\r\n"
        self.kept = b""

    def close(self):
        self.socket.close()

    def encode(self, method, path, body=None, content_type="application/json"):
        """The bytes of a request, so that they can be made before the clock starts."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "" if body is None else f"Content-Type: {content_type}\r\n"
        length = "" if body is None and method == "GET" else f"Content-Length: {len(data)}\r\n"
        return f"{method} {API}{path} HTTP/1.1\r\n{self.head}{kind}{length}\r\n".encode() + data

    def send(self, request):
        self.socket.sendall(request)

    def receive(self):
        """Status and body of one answer; answers here always have a Content-Length."""
        data = self.kept
        while True:
            end = data.find(b"\r\n\r\n")
            if end >= 0:
                break
            data += self._more()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            raise Failed(f"an answer without a length: {head[:300]!r}")
        length = int(head[at + 15:].split(b"\r\n", 1)[0])
        parts = [data[end + 4:]]
        have = len(parts[0])
        while have < length:
            parts.append(self._more())
            have += len(parts[-1])
        body = b"".join(parts)
        self.kept = body[length:]
        return int(head[9:12]), body[:length]

    def _more(self):
        data = self.socket.recv(1 << 18)
        if not data:
            raise Failed("the server closed the connection")
        return data

    def ask(self, request):
        self.send(request)
        return self.receive()

    def call(self, method, path, body=None, content_type="application/json"):
        status, answer = self.ask(self.encode(method, path, body, content_type))
        if status >= 300:
            raise Failed(f"{method} {path}: {status} {answer[:600].decode(errors='replace')}")
        return json.loads(answer)


class Server:
    def __init__(self, binary, data, config=""):
        self.binary = str(binary)
        self.data = pathlib.Path(data)
        self.config = config
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def command(self, listen):
        words = [self.binary, "serve", "--data", str(self.data), "--listen", listen]
        if self.config:
            (self.data / "bench.yaml").write_text(self.config)
            words += ["--config", str(self.data / "bench.yaml")]
        return words

    def _spawn(self, listen):
        self.data.mkdir(parents=True, exist_ok=True)
        words = self.command(listen)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PINTLE_")}
        with open(self.data / "server.log", "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def _end(self):
        return (self.data / "server.log").read_text(errors="replace")[-2000:]

    def _ready(self):
        if self.process.poll() is not None:
            raise Failed(f"the server ended with {self.process.returncode}: {self._end()}")
        try:
            known = json.loads((self.data / "server.json").read_text())
        except (OSError, ValueError):
            return None
        return known["address"] if known["pid"] == self.process.pid else None

    def start(self):
        self._spawn("127.0.0.1:0")
        self.address = until("the server has started", self._ready, 60, 0.005)
        return self

    def seconds_to_first_answer(self):
        """Starts the server and asks until it answers 200; the data folder must have been used before."""
        port = free_ports(1)[0]
        self.address = f"127.0.0.1:{port}"
        began = time.monotonic()
        self._spawn(self.address)
        while time.monotonic() < began + 60:
            try:
                connection = self.connect()
                status, _ = connection.ask(connection.encode("GET", "/server"))
                took = time.monotonic() - began
                connection.close()
                if status != 200:
                    raise Failed(f"the first answer is {status}")
                return took
            except ConnectionRefusedError:
                time.sleep(0.0005)
        raise Failed(f"the server has not answered within 60 s: {self._end()}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failed(f"the server has not stopped within 30 s of SIGTERM: {self._end()}") from None

    @property
    def token(self):
        return (self.data / "token").read_text().strip()

    def connect(self):
        return Connection(self.address, self.token)

    def processes(self):
        """The server and its launcher; supervisors of jobs are not counted."""
        found = [self.process.pid]
        for child in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            found += [int(pid) for pid in child.read_text().split()]
        return found

    def memory(self):
        """Megabytes (10^6 bytes): RSS of the server, its peak, and the proportional share of server and launcher."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        field = lambda text, name: int(next(line for line in text.splitlines() if line.startswith(name)).split()[1]) * 1024 / 1e6
        pss = sum(field(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss:") for pid in self.processes())
        return {"rss": field(status, "VmRSS:"), "peak": field(status, "VmHWM:"), "pss_with_launcher": pss, "processes": len(self.processes())}

    def totals(self, connection):
        known = connection.call("GET", "/server")
        return known["live_jobs"], known["jobs_by_state"]

    def submit_all(self, paths, connections):
        """Posts each path once, over the connections, each with one request under way. Seconds until all are accepted."""
        waiting = [self.connect() for _ in range(connections)]
        requests = [waiting[0].encode("POST", path, {}) for path in reversed(paths)]
        began = time.monotonic()
        with selectors.DefaultSelector() as ready:
            for connection in waiting:
                if requests:
                    connection.send(requests.pop())
                    ready.register(connection.socket, selectors.EVENT_READ, connection)
            open_requests = min(len(waiting), len(paths))
            while open_requests:
                for key, _ in ready.select():
                    status, body = key.data.receive()
                    if status != 201:
                        raise Failed(f"a job was not accepted: {status} {body[:400].decode(errors='replace')}")
                    if requests:
                        key.data.send(requests.pop())
                    else:
                        open_requests -= 1
                        ready.unregister(key.fileobj)
        took = time.monotonic() - began
        for connection in waiting:
            connection.close()
        return took

    def until_idle(self, connection, seconds):
        until("every job has ended", lambda: self.totals(connection)[0] == 0, seconds, 0.02)

    def finish(self, connection, path, body=None):
        """Runs one job to its end and returns it."""
        job = connection.call("POST", path, body or {})
        while job["ended_at"] is None:
            job = connection.call("GET", f"/jobs/{job['id']}?wait=30s&after={job['revision']}")
        return job
