"""Real git servers for tests: git's own http-backend behind a password, and OpenSSH's server with a deploy key."""
import base64
import getpass
import hashlib
import http.server
import json
import math
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import threading

CACHE = pathlib.Path(os.environ.get("PINTLE_TEST_CACHE", pathlib.Path.home() / ".cache/pintle-tests"))
# Both come with git itself.
BACKEND = "/usr/lib/git-core/git-http-backend"
DAEMON = "/usr/lib/git-core/git-daemon"
NOBODYS = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@localhost", "GIT_COMMITTER_NAME": "A",
           "GIT_COMMITTER_EMAIL": "a@localhost"}


def git(*words, cwd=None):
    """Runs git as nobody in particular and returns what it says."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **NOBODYS}
    done = subprocess.run(["git", "-c", "safe.directory=*", *map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make_repository(folder, name="digits"):
    """A bare repository that may be pushed to, with one commit on main."""
    bare = pathlib.Path(folder) / f"{name}.git"
    work = pathlib.Path(folder) / f"author-of-{name}"
    git("init", "-q", "--bare", "-b", "main", bare)
    git("-C", bare, "config", "http.receivepack", "true")
    git("init", "-q", "-b", "main", work)
    (work / "src").mkdir()
    (work / "src" / "train.py").write_text("print('trained')\n")
    git("-C", work, "add", "-A")
    git("-C", work, "commit", "-q", "-m", "one")
    git("-C", work, "push", "-q", bare, "main")
    return bare


def commit_large_file(folder, path, content, name="digits"):
    """Commits and pushes a file that is kept with git LFS: its pointer into the repository, its content where LfsStore has it."""
    work, hashed = pathlib.Path(folder) / f"author-of-{name}", hashlib.sha256(content).hexdigest()
    store = LfsStore(pathlib.Path(folder) / f"{name}.git")
    store.put(hashed, content)
    (work / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (work / path).write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashed}\nsize {len(content)}\n")
    git("-C", work, "-c", "filter.lfs.clean=cat", "-c", "filter.lfs.smudge=cat", "add", "-A")
    git("-C", work, "commit", "-q", "-m", f"large {path}")
    git("-C", work, "push", "-q", pathlib.Path(folder) / f"{name}.git", "main")
    return hashed


class LfsStore:
    """The large files of a bare repository, and the part of the batch API with which git-lfs gets and puts them.

    https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md, with the transfer "basic".
    """

    def __init__(self, bare):
        self.folder = pathlib.Path(bare) / "lfs/objects"

    def path(self, hashed):
        return self.folder / hashed[:2] / hashed[2:4] / hashed

    def put(self, hashed, content):
        assert hashlib.sha256(content).hexdigest() == hashed
        self.path(hashed).parent.mkdir(parents=True, exist_ok=True)
        self.path(hashed).write_bytes(content)

    def answer(self, command, rest, body, base):
        """What to answer to a request for /NAME.git/info/lfs/REST: its status, headers and content."""
        if command == "POST" and rest == "objects/batch":
            asked = json.loads(body)
            objects = [self.offer(each["oid"], each["size"], asked["operation"], base) for each in asked["objects"]]
            return "200 OK", [("Content-Type", "application/vnd.git-lfs+json")], json.dumps({"transfer": "basic", "objects": objects}).encode()
        hashed = rest.removeprefix("objects/")
        if command == "PUT" and len(hashed) == 64:
            self.put(hashed, body)
            return "200 OK", [], b""
        if command == "GET" and len(hashed) == 64 and self.path(hashed).exists():
            return "200 OK", [("Content-Type", "application/octet-stream")], self.path(hashed).read_bytes()
        return "404 Not Found", [], b""

    def offer(self, hashed, size, operation, base):
        has = self.path(hashed).exists()
        if operation == "download" and not has:
            return {"oid": hashed, "size": size, "error": {"code": 404, "message": "Object does not exist"}}
        href = {"href": f"{base}/objects/{hashed}"}
        return {"oid": hashed, "size": size, "actions": {} if operation == "upload" and has else {operation: href}}


def find_sshd():
    """OpenSSH's server: the machine's, or out of its package, which is not installed since that would start it. None without either."""
    installed, unpacked = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin"), CACHE / "sshd"
    if installed:
        return installed
    if not (unpacked / "usr/sbin/sshd").exists() and shutil.which("apt-get"):
        unpacked.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "openssh-server"], cwd=unpacked, capture_output=True)
        for package in unpacked.glob("openssh-server_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
            package.unlink()
    found = unpacked / "usr/sbin/sshd"
    runs = found.exists() and subprocess.run([found, "-V"], capture_output=True).returncode in (0, 1, 255)
    return str(found) if runs else None


class HttpGit:
    """Serves the repositories of a folder over http to one user, and counts what it sends."""

    def __init__(self, folder, user="robot", password="s3cret"):
        self.folder = str(folder)
        self.known = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.packs = 0
        self.requests = 0
        self.large_requests = []  # Of git LFS, as (command, path).
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                outer.requests += 1
                body = self.body()
                if self.headers.get("Authorization") != outer.known:
                    return self.reply("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"')], b"")
                path, _, query = self.path.partition("?")
                repository, lfs, rest = path.partition("/info/lfs/")
                if lfs:
                    outer.large_requests.append((self.command, rest))
                    base = f"http://127.0.0.1:{outer.port}{repository}/info/lfs"
                    return self.reply(*LfsStore(outer.folder + repository).answer(self.command, rest, body, base))
                if self.command == "POST" and path.endswith("git-upload-pack") and b"done" in body:
                    outer.packs += 1
                status, headers, content = outer.backend(self, path, query, body)
                return self.reply(status, headers, content)

            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def reply(self, status, headers, content):
                code, _, words = status.partition(" ")
                self.send_response(int(code), words)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def backend(self, request, path, query, body):
        environment = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*", "GIT_PROJECT_ROOT": self.folder, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": request.command, "REMOTE_USER": "robot", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": request.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": request.headers.get("Git-Protocol", "")}
        done = subprocess.run([BACKEND], input=body, env=environment, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status, headers = "200 OK", []
        for line in head.decode().splitlines():
            name, _, value = line.partition(": ")
            if name == "Status":
                status = value
            else:
                headers.append((name, value))
        return status, headers, content

    @property
    def port(self):
        return self.server.server_address[1]

    def url(self, name="digits"):
        return f"http://127.0.0.1:{self.port}/{name}.git"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def with_user_sshd(at):
    """Words before a command that lets it find the user sshd, whom only the installed package makes; root's server wants them."""
    try:
        pwd.getpwnam("sshd")
        return []
    except KeyError:
        if os.geteuid() != 0:
            return []
    users = at / "passwd"
    users.write_text(pathlib.Path("/etc/passwd").read_text() + "sshd:x:65534:65534::/run/sshd:/usr/sbin/nologin\n")
    return ["unshare", "--mount", "sh", "-c", f'mount --bind "{users}" /etc/passwd && exec "$@"', "sh"]


class SshGit:
    """Serves the repositories of a folder over ssh to whoever has the deploy key."""

    def __init__(self, folder, at):
        self.folder = pathlib.Path(folder)
        at = pathlib.Path(at)
        at.mkdir(mode=0o700)
        self.key, self.host_key = at / "deploy", at / "host"
        for path in (self.key, self.host_key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        os.makedirs("/run/sshd", exist_ok=True) if os.geteuid() == 0 else None
        (at / "config").write_text(
            f"HostKey {self.host_key}\nAuthorizedKeysFile {self.key}.pub\nStrictModes no\nUsePAM no\nPidFile none\n"
            f"ListenAddress 127.0.0.1:{self.port}\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n")
        self.log = open(at / "log", "wb")
        self.process = subprocess.Popen([*with_user_sshd(at), find_sshd(), "-D", "-e", "-f", at / "config"], stdout=self.log, stderr=self.log)

    def is_up(self):
        try:
            return socket.create_connection(("127.0.0.1", self.port), 1).close() or True
        except OSError:
            return False

    def url(self, name="digits"):
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{self.folder}/{name}.git"

    def known_hosts(self):
        kind, key = (self.host_key.with_suffix(".pub")).read_text().split()[:2]
        return f"[127.0.0.1]:{self.port} {kind} {key}\n"

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()


class GatedGit:
    """git's own daemon, behind a gate that lets so many bytes through to who asks, and then 80 kB a second until it is opened."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.daemon_port = free.getsockname()[1]
        self.daemon = subprocess.Popen(
            [DAEMON, "--export-all", f"--base-path={folder}", "--listen=127.0.0.1", f"--port={self.daemon_port}", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_COUNT": "1",
                                                                       "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"})
        self.opened = threading.Event()
        self.opened.set()
        self.most = 0
        self.held = 0  # Connections that are held up now.
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.take, daemon=True).start()

    def close_after(self, count):
        """From now on each connection gets so many bytes soon, and the rest slowly until open()."""
        self.most = count
        self.opened.clear()

    def pass_who_come_later(self):
        """Connections made from now on get everything soon; those that are held up stay so until open()."""
        self.most = math.inf

    def open(self):
        self.opened.set()

    def take(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        with client, socket.create_connection(("127.0.0.1", self.daemon_port)) as server:
            threading.Thread(target=self.pass_on, args=(client, server), daemon=True).start()
            most, passed = self.most, 0
            try:
                while part := server.recv(1 << 14):
                    if passed >= most and not self.opened.is_set():
                        self.held += 1
                        self.opened.wait(0.2)
                        self.held -= 1
                    client.sendall(part)
                    passed += len(part)
            except OSError:
                return

    @staticmethod
    def pass_on(one, other):
        try:
            while part := one.recv(1 << 16):
                other.sendall(part)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def is_up(self):
        try:
            return socket.create_connection(("127.0.0.1", self.daemon_port), 1).close() or True
        except OSError:
            return False

    def url(self, name):
        return f"git://127.0.0.1:{self.listener.getsockname()[1]}/{name}.git"

    def stop(self):
        self.open()
        self.listener.close()
        self.daemon.terminate()
        self.daemon.wait(10)
