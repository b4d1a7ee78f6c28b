"""A real OpenID Connect provider for the whole-program tests: the npm package `oidc-provider` with two accounts."""
import fcntl
import hashlib
import html.parser
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent / "oidc_provider"
CACHE = pathlib.Path(os.environ.get("PINTLE_TEST_CACHE", pathlib.Path.home() / ".cache/pintle-tests"))
FILES = ("package.json", "package-lock.json", ".npmrc")


def installed():
    """The folder with the packages of the lock file, installed once for all tests and runs."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = CACHE / f"oidc-provider-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = pathlib.Path(tempfile.mkdtemp(prefix="oidc-provider-", dir=CACHE))
            for name in FILES:
                shutil.copy(HERE / name, fresh)
            done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=fresh, capture_output=True, text=True,
                                  timeout=300)
            if done.returncode != 0:
                shutil.rmtree(fresh)
                said = done.stdout + done.stderr
                raise AssertionError("the identity provider's packages could not be installed:\n" + said)
            fresh.rename(folder)
    return folder


class Form(html.parser.HTMLParser):
    """The names of the fields of a page's form."""

    def __init__(self, page):
        super().__init__()
        self.fields = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "input":
            self.fields.append(dict(attributes)["name"])


class Browser:
    """As much of a browser as signing in takes: cookies per host, and redirects one at a time."""

    def __init__(self):
        self.cookies = {}

    def request(self, method, url, form=None):
        """Returns (status, headers, text); follows nothing."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        jar = self.cookies.setdefault(parts.netloc, {})
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, value = line.split(";")[0].split("=", 1)
            if value and "expires=thu, 01 jan 1970" not in line.lower():
                jar[name] = value
            else:
                jar.pop(name, None)
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, answer.headers, text


class OidcProvider:
    """`with OidcProvider("http://127.0.0.1:7171/callback") as provider: …`"""

    ACCOUNTS = {"ana": "ana-password", "ben": "ben-password"}

    def __init__(self, *redirect_uris, client_id="pintle", client_secret="client-secret-for-tests", **client):
        self.client_id = client_id
        self.client_secret = client_secret
        self.client = {"client_id": client_id, "redirect_uris": list(redirect_uris), **client}
        if client_secret:
            self.client["client_secret"] = client_secret
        else:
            self.client["token_endpoint_auth_method"] = "none"
        self.process = None
        self.issuer = None

    def start(self):
        # Modules are looked for beside the program, so it runs from a folder that has both.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pintle-oidc-"))
        (self.folder / "node_modules").symlink_to(installed() / "node_modules")
        for name in ("package.json", "server.mjs"):
            shutil.copy(HERE / name, self.folder)
        for _ in range(5):
            if self._start_on(free_port()):
                return self
        raise AssertionError("the identity provider did not start:\n" + self.log.read_text())

    def _start_on(self, port):
        """False when somebody else took the port meanwhile."""
        self.log = self.folder / "provider.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["node", "server.mjs", str(port), json.dumps(self.client)], cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.issuer = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.issuer in self.log.read_text().splitlines():
                return True
            time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        return False

    def stop(self):
        """Afterwards nothing listens at the issuer any more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def sign_in(self, authorization_url, name="ana", password=None, refuse=False, browser=None):
        """Does what a person does there, and returns the URL with the code (or the error) at the client."""
        browser = browser or Browser()
        method, url, form = "GET", authorization_url, None
        for _ in range(10):
            status, headers, text = browser.request(method, url, form)
            if 300 <= status < 400:
                method, url, form = "GET", urllib.parse.urljoin(url, headers["Location"]), None
                if not url.startswith(self.issuer + "/"):
                    return url
            elif status == 200 and Form(text).fields == ["name", "password"]:
                method = "POST"
                form = {"refuse": "1"} if refuse else {"name": name, "password": password or self.ACCOUNTS[name]}
            else:
                raise AssertionError(f"the identity provider answered with {status}:\n{text}")
        raise AssertionError("the identity provider sent the browser round in circles")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    # For tests in other languages: `oidc_provider.py REDIRECT_URI` tells its issuer and client, and runs until its
    # input ends.
    with OidcProvider(sys.argv[1]) as running:
        print(json.dumps({"issuer": running.issuer, "client_id": running.client_id,
                          "client_secret": running.client_secret, "accounts": running.ACCOUNTS}), flush=True)
        sys.stdin.read()
