"""A browser's part in front of Jupyter, as far as tests and benchmarks need it: let in by a ticket, WebSocket frames,
Jupyter's messages. Nothing but the standard library."""
import base64
import http.client
import json
import os
import socket
import struct
import urllib.parse
import uuid


class Closed(Exception):
    """The other end closed the WebSocket."""


class WebSocket:
    def __init__(self, address, path, headers, timeout=60):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"GET {path} HTTP/1.1", f"Host: {address}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), *(f"{name}: {value}" for name, value in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.kept = b""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._take(1)
        self.status = int(head.split()[1])

    def _take(self, count):
        while len(self.kept) < count:
            more = self.socket.recv(1 << 16)
            if not more:
                raise Closed()
            self.kept += more
        taken, self.kept = self.kept[:count], self.kept[count:]
        return taken

    def send(self, text):
        data = text.encode()
        mask = os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data)) if len(data) < 65536 else b"\xff" + struct.pack(">Q", len(data))
        self.socket.sendall(b"\x81" + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        """The next message; pings are passed over."""
        whole = b""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._take(8))[0]
            data = self._take(size)
            if first & 0x0F == 8:
                raise Closed()
            if first & 0x0F in (0, 1, 2):
                whole += data
                if first & 0x80:
                    return whole.decode()

    def close(self):
        self.socket.close()


class Visitor:
    """Somebody who was let in to a component."""

    def __init__(self, url):
        """`url` as the API's open gives it."""
        parts = urllib.parse.urlsplit(url)
        self.address = parts.netloc
        status, headers, _ = self.ask("GET", f"{parts.path}?{parts.query}", {})
        if status != 303:
            raise AssertionError(f"the ticket was answered with {status}")
        self.cookie = headers["Set-Cookie"].split(";")[0]
        self.prefix = headers["Location"].rstrip("/")

    def ask(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request(method, path, body=body, headers=headers if headers is not None else {"Cookie": self.cookie})
        answer = connection.getresponse()
        result = answer.status, answer.headers, answer.read()
        connection.close()
        return result

    def get(self, path, **headers):
        return self.ask("GET", self.prefix + path, {"Cookie": self.cookie, **headers})

    def post(self, path, body):
        return self.ask("POST", self.prefix + path, {"Cookie": self.cookie, "Content-Type": "application/json"}, json.dumps(body).encode())

    def socket(self, path, **headers):
        return WebSocket(self.address, self.prefix + path, {"Cookie": self.cookie, **headers})


class Kernel:
    """A kernel behind a WebSocket."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.session = uuid.uuid4().hex

    def send(self, code):
        header = {"msg_id": uuid.uuid4().hex, "username": "", "session": self.session, "msg_type": "execute_request", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        self.websocket.send(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}))
        return header["msg_id"]

    def run(self, code):
        """What the code printed, once the kernel has answered and is idle again."""
        sent, printed, replied, idle = self.send(code), "", False, False
        while not (replied and idle):
            message = json.loads(self.websocket.receive())
            if message.get("parent_header", {}).get("msg_id") != sent:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                printed += content["text"]
            elif kind == "error":
                raise AssertionError(f"{content['ename']}: {content['evalue']}")
            replied = replied or kind == "execute_reply"
            idle = idle or (kind == "status" and content["execution_state"] == "idle")
        return printed
