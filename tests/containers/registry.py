"""A registry of container images for tests, on loopback: images come from a folder that podman wrote (`dir:`)."""
import base64
import hashlib
import http.server
import json
import pathlib
import re
import threading

USER, PASSWORD = "robot", "registry-password"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class Registry:
    """`open/NAME` is for everybody, `private/NAME` for USER; `open/arm` is the same image for another processor.
    Nothing else exists. `down` makes it answer 503."""

    def __init__(self, folder):
        self.blobs = {}
        self.down = False
        self.asked = []
        folder = pathlib.Path(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        for part in [manifest["config"], *manifest["layers"]]:
            digest = part["digest"].removeprefix("sha256:")
            self.blobs[part["digest"]] = (folder / digest).read_bytes()
        self.manifests = {"open/test": manifest, "private/test": manifest, "open/arm": self.for_arm(manifest)}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.name = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def for_arm(self, manifest):
        config = json.loads(self.blobs[manifest["config"]["digest"]])
        config["architecture"] = "arm64"
        content = json.dumps(config).encode()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return {**manifest, "config": {**manifest["config"], "digest": digest, "size": len(content)}}

    def answer(self, path, authorization):
        """Status, content type and content."""
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.down:
            return 503, "text/plain", b"down"
        if path == "/v2/":
            # Clients ask here whether there is something to sign in for, and send what they have only then.
            return (200 if authorization == expected else 401), "application/json", b"{}"
        found = re.fullmatch(r"/v2/(\w+/\w+)/(manifests|blobs)/(.+)", path)
        if not found:
            return 404, "application/json", b"{}"
        name, kind, reference = found.groups()
        if name.startswith("private/") and authorization != expected:
            return 401, "application/json", b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'
        if kind == "blobs" and reference in self.blobs:
            return 200, "application/octet-stream", self.blobs[reference]
        if kind == "manifests" and name in self.manifests:
            return 200, self.manifests[name]["mediaType"], json.dumps(self.manifests[name]).encode()
        return 404, "application/json", b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'

    def handler(registry):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                registry.asked.append(self.path)
                status, kind, content = registry.answer(self.path, self.headers.get("Authorization"))
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="tests"')
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Docker-Content-Digest", "sha256:" + hashlib.sha256(content).hexdigest())
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET

            def log_message(self, *words):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()
