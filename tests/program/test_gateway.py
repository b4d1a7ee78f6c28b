"""Components in browsers: a real Jupyter with a real kernel behind the server, and who gets to it."""
import datetime
import json
import time

import pytest

from conftest import PATIENCE, Failed, until
from notebook import Closed, Kernel, Visitor
from test_sign_in import plain, sign_in

# A tool as people write them: it knows its path, says who it thinks has called, and speaks WebSocket.
TOOL = r'''
import base64, hashlib, http.server, os
class Tool(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            key = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            self.send_response(101); self.send_header("Upgrade", "websocket"); self.send_header("Connection", "Upgrade"); self.send_header("Sec-WebSocket-Accept", key); self.end_headers()
            self.wfile.write(b"\x81\x02hi"); self.wfile.flush()
            self.rfile.read(1)
            self.close_connection = True
            return
        text = f"{self.path}\n{self.headers}".encode()
        self.send_response(200); self.send_header("Content-Length", str(len(text))); self.send_header("Set-Cookie", "mine=1; Path=/"); self.end_headers(); self.wfile.write(text)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer((os.environ["PINTLE_ADDRESS"], int(os.environ["PORT"])), Tool).serve_forever()
'''


def with_tool(name="p", **tool):
    return json.dumps({"name": name, "components": [{"name": "tool", "port": 9001, "command": f"exec python3 -c '{TOOL}'", **tool}]})


def component(server, name, project="p"):
    return server.request("GET", f"/projects/{project}/components/{name}")


def enable(server, name, project="p", seconds=PATIENCE):
    server.request("POST", f"/projects/{project}/components/{name}/enable", {})
    return until(f"{name} runs", lambda: component(server, name, project)["state"] == "Running" and component(server, name, project), seconds)


def entry(server, name, token=None, project="p"):
    return server.request("GET", f"/projects/{project}/components/{name}/open", token=token)["url"]


def visit(server, name, path="/", seconds=PATIENCE):
    """A visitor for whom the component answers."""
    visitor = Visitor(entry(server, name))
    until(f"{name} answers", lambda: visitor.get(path)[0] == 200, seconds)
    return visitor


def onboard(server, name):
    """What the browser of a new data scientist sends, who has signed in."""
    code = json.loads(server.cli("user", "onboard", name, "-o", "json"))["code"]
    password = f"correct horse battery of {name}"
    assert plain(server, "POST", "/password", {"invite": code, "password": password})[0] == 200
    return sign_in(server, name, password)


def test_a_tool_is_reached_under_its_path_and_sees_nothing_of_the_servers_credentials(server):
    server.create(with_tool())
    enable(server, "tool")
    visitor = visit(server, "tool")
    assert visitor.address != server.address
    status, headers, text = visitor.get("/a?b=c", **{"Authorization": "Bearer " + server.token, "X-Forwarded-For": "6.6.6.6"})
    text = text.decode()
    assert status == 200
    assert text.startswith(f"{visitor.prefix}/a?b=c\n")
    assert server.token not in text and "pintle_component" not in text and "6.6.6.6" not in text
    assert headers["Set-Cookie"] == f"mine=1; Path={visitor.prefix}/"
    websocket = visitor.socket("/ws")
    assert websocket.status == 101
    assert websocket.receive() == "hi"


def test_nobody_gets_in_without_a_ticket_and_each_is_good_once(server):
    server.create(with_tool())
    enable(server, "tool")
    url = entry(server, "tool")
    visitor = Visitor(url)
    with pytest.raises(AssertionError, match="401"):
        Visitor(url)
    assert visitor.ask("GET", visitor.prefix + "/", {})[0] == 401
    assert visitor.ask("GET", visitor.prefix + "/", {"Authorization": "Bearer " + server.token})[0] == 401
    assert visitor.ask("GET", visitor.prefix + "/../jupyter/", {"Cookie": visitor.cookie})[0] == 400
    assert visitor.ask("GET", visitor.prefix.replace("tool", "jupyter") + "/", {"Cookie": visitor.cookie})[0] == 401
    assert visitor.ask("GET", visitor.prefix + "/", {"Cookie": visitor.cookie, "Host": "evil.example"})[0] == 403
    assert visitor.socket("/ws", Origin="https://evil.example").status == 403


def make_project(server, person, text):
    status, _, project = plain(server, "POST", "/projects", json.loads(text), person)
    assert status == 201, project
    return project["project"]["id"]


def test_a_component_is_its_owners_alone_and_ends_for_them_when_they_sign_out(server):
    ana, ben = onboard(server, "ana"), onboard(server, "ben")
    project = make_project(server, ana, with_tool("hers"))
    enable(server, "tool", project)
    path = f"/projects/{project}/components/tool"
    # ben is in the same group: he sees the project, and acts as ana nowhere. Neither does the operator.
    assert plain(server, "GET", path, headers=ben)[0] == 200
    assert plain(server, "GET", path + "/open", headers=ben)[0] == 403
    with pytest.raises(Failed, match="403"):
        entry(server, "tool", project=project)
    status, _, opened = plain(server, "GET", path + "/open", headers=ana)
    assert status == 200
    visitor = Visitor(opened["url"])
    until("the tool answers", lambda: visitor.get("/")[0] == 200)
    websocket = visitor.socket("/ws")
    assert websocket.receive() == "hi"
    assert plain(server, "DELETE", "/session", headers=ana)[0] < 300
    with pytest.raises(Closed):
        websocket.receive()
    assert visitor.get("/")[0] == 401


def test_pages_of_components_cannot_use_the_api_nor_let_themselves_in(server):
    ana = onboard(server, "ana")
    project = make_project(server, ana, with_tool("hers"))
    # A page on the gateway's origin, even one that knew the session's second secret.
    page = {**ana, "Origin": "http://localhost:7172", "Sec-Fetch-Site": "same-site"}
    status, headers, _ = plain(server, "POST", "/tokens", {"name": "stolen", "scopes": ["read"]}, page)
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    path = f"/projects/{project}/components/tool/open"
    fetched = {"Cookie": ana["Cookie"], "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}
    assert plain(server, "GET", path, headers={**fetched, "Sec-Fetch-Site": "cross-site"})[0] == 403
    assert plain(server, "GET", path, headers=fetched)[0] == 403
    led = {**fetched, "Sec-Fetch-Mode": "navigate"}
    status, _, asked = plain(server, "GET", path, headers=led)
    assert status == 200 and "Open it if you meant to" in asked
    status, headers, _ = plain(server, "GET", path, headers={**led, "Sec-Fetch-Site": "same-origin"})
    assert status == 303 and "/enter?ticket=" in headers["Location"]


last_paced = [0.0]


def paced(seconds, ask):
    """Asks, but not sooner after the last time than that: a page that asked all the time would keep the tool busy."""
    if time.monotonic() - last_paced[0] >= seconds:
        last_paced[0] = time.monotonic()
        ask()
    return True


def test_a_kernel_of_a_real_jupyter_computes_through_the_server_and_is_found_idle_only_when_it_is(make_server):
    server = make_server(config="components: {look_every: 500ms}\nmetrics: {interval: 1s}\n").start()
    server.create(json.dumps({"name": "p", "components": [{"name": "jupyter", "idle_pause": "4s"}]}))
    enable(server, "jupyter", seconds=400)
    jupyter = visit(server, "jupyter", "/api/status", 120)
    assert b"jupyter-config-data" in jupyter.get("/lab")[2]
    status, _, kernel = jupyter.post("/api/kernels", {"name": "python3"})
    assert status == 201
    websocket = jupyter.socket(f"/api/kernels/{json.loads(kernel)['id']}/channels", Origin=f"http://{jupyter.address}")
    assert websocket.status == 101
    notebook = Kernel(websocket)
    assert notebook.run("print(6 * 7)") == "42\n"
    # It computes for longer than the pause, without a word.
    assert notebook.run("import time; time.sleep(7); print('done')") == "done\n"
    assert component(server, "jupyter")["state"] == "Running"
    # Neither says a program in a terminal anything, which computes.
    status, _, terminal = jupyter.post("/api/terminals", {})
    assert status == 200
    shell = jupyter.socket(f"/terminals/websocket/{json.loads(terminal)['name']}", Origin=f"http://{jupyter.address}")
    shell.send(json.dumps(["stdin", "python3 -c 'while True: pass'\r"]))
    computing = time.time() + 10
    until("ten seconds are over", lambda: component(server, "jupyter")["state"] != "Running" or time.time() > computing)
    seen = component(server, "jupyter")
    assert seen["state"] == "Running" and not seen["busy"]
    assert time.time() - datetime.datetime.fromisoformat(seen["last_work"].replace("Z", "+00:00")).timestamp() < 5
    shell.send(json.dumps(["stdin", "\x03"]))
    # What its page does by itself is no use: the WebSockets stay open, and it is asked for its kernels as pages do.
    until("it is paused", lambda: paced(0.5, lambda: jupyter.get("/api/kernels")) and component(server, "jupyter")["state"] == "Paused")
    with pytest.raises(Closed):
        websocket.receive()
        while True:
            websocket.receive()
    status, _, page = jupyter.get("/lab", Accept="text/html")
    assert status == 503 and b"is paused" in page and b"/.pintle/resume" in page
    assert jupyter.post("/.pintle/resume", {})[0] == 303
    until("it answers again", lambda: jupyter.get("/api/status")[0] == 200)


def test_a_browser_stays_let_in_when_the_server_is_killed_and_starts_again(server):
    server.create(with_tool())
    enable(server, "tool")
    visitor = visit(server, "tool")
    server.restart()
    until("the tool answers again", lambda: answers(visitor))


def answers(visitor):
    try:
        return visitor.get("/")[0] == 200
    except OSError:
        return False
