"""Signing in with the real binary: the first start, passwords, sessions, tokens, and a real identity provider."""
import http.client
import json
import os
import re
import stat
import subprocess

import pytest

from conftest import BINARY, Failed, until
from oidc_provider import Browser, OidcProvider, free_port

PASSWORD = "correct horse battery"


@pytest.fixture
def home(folder):
    """A home of its own, so that nobody's real sign-ins are touched."""
    (folder / "home").mkdir()
    return {"HOME": str(folder / "home"), "XDG_CONFIG_HOME": str(folder / "home/.config")}


def welcome_of(server):
    text = (server.data / "welcome").read_text()
    return text, re.search(r"pin_[0-9A-Za-z]+", text).group()


def plain(server, method, path, body=None, headers=None):
    """One request of a browser: (status, headers, JSON)."""
    connection = http.client.HTTPConnection(server.address, timeout=60)
    sent = {"Content-Type": "application/json"} if body is not None else {}
    connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, {**sent, **(headers or {})})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, json.loads(text) if answer.headers["Content-Type"] == "application/json" else text


def set_first_password(server, password=PASSWORD):
    _, code = welcome_of(server)
    status, _, answer = plain(server, "POST", "/password", {"invite": code, "password": password})
    assert status == 200, answer
    return code


def sign_in(server, user="operator", password=PASSWORD):
    status, headers, answer = plain(server, "POST", "/session", {"user": user, "password": password})
    assert status == 201, answer
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": answer["csrf"], "Origin": f"http://{server.address}"}


def remote(server, home, *words, stdin=None, check=True):
    """The command line as from elsewhere: it knows the server's URL and no data folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PINTLE_")}
    env = {**kept, **home, "PINTLE_DATA": home["HOME"] + "/none", "PINTLE_URL": f"http://{server.address}", "NO_COLOR": "1"}
    done = subprocess.run([BINARY, *words], env=env, capture_output=True, text=True, input=stdin, timeout=60)
    if check and done.returncode != 0:
        raise Failed(done.returncode, done.stderr + done.stdout)
    return done.stdout if check else done


def test_the_first_start_prints_a_link_that_sets_a_password_once(server):
    text, code = welcome_of(server)
    assert f"http://{server.address}/welcome#{code}" in text
    assert f"pintle login --url http://{server.address} --invite {code}" in text
    assert stat.S_IMODE((server.data / "welcome").stat().st_mode) == 0o600
    assert text in (server.data / "server.log").read_text()
    # Until it is used, every start says it again, with the address of that time.
    server.restart()
    assert welcome_of(server)[1] == code
    assert plain(server, "POST", "/invite", {"invite": code})[2]["user"] == "operator"
    assert set_first_password(server) == code
    assert not (server.data / "welcome").exists()
    status, _, refused = plain(server, "POST", "/password", {"invite": code, "password": PASSWORD})
    assert status == 403 and refused["message"].startswith("this link was used already")
    server.restart()
    assert not (server.data / "welcome").exists()
    assert plain(server, "GET", "/session", headers=sign_in(server))[2]["role"] == "operator"


def test_the_background_start_prints_the_link_too(folder, home):
    data = folder / "data"
    env = {**os.environ, **home, "PINTLE_DATA": str(data)}
    try:
        out = subprocess.run([BINARY, "serve", "--background", "--data", str(data), "--listen", "127.0.0.1:0"], env=env, capture_output=True, text=True, timeout=60)
        assert out.returncode == 0 and "/welcome#pin_" in out.stdout, out.stderr
    finally:
        subprocess.run([BINARY, "serve", "--stop", "--data", str(data)], env=env, timeout=60, check=True)


def test_the_first_operator_and_the_public_address_are_configured(make_server):
    server = make_server(config="first_operator: root\npublic_url: https://pintle.example\n").start()
    text, code = welcome_of(server)
    assert text.startswith("root has no password yet.") and f"https://pintle.example/welcome#{code}" in text
    set_first_password(server)
    status, headers, _ = plain(server, "POST", "/session", {"user": "root", "password": PASSWORD}, {"Host": "pintle.example"})
    assert status == 201 and headers["Set-Cookie"].endswith("; Secure")
    assert plain(server, "GET", "/sign-in", headers={"Host": "evil.example"})[0] == 403


def test_a_list_of_passwords_has_to_wait_longer_and_longer(server):
    set_first_password(server)
    statuses = [plain(server, "POST", "/session", {"user": "operator", "password": f"guess {i}"})[0] for i in range(5)]
    assert statuses == [401] * 5
    status, headers, answer = plain(server, "POST", "/session", {"user": "operator", "password": PASSWORD})
    assert status == 429 and answer["message"] == "too many failed attempts; try again in 1 s"

    def get_in():
        return plain(server, "POST", "/session", {"user": "operator", "password": PASSWORD})[0] == 201

    until("the right password is taken again", get_in)


def test_sessions_by_plain_http(server):
    set_first_password(server)
    session = sign_in(server)
    cookie = {"Cookie": session["Cookie"]}
    who = plain(server, "GET", "/session", headers=cookie)[2]
    assert who["user"] == "operator" and who["csrf"] == session["X-CSRF-Token"]
    status, _, refused = plain(server, "POST", "/tokens", {"name": "x"}, cookie)
    assert status == 403, refused
    status, _, refused = plain(server, "POST", "/tokens", {"name": "x"}, {**session, "Origin": "https://evil.example"})
    assert status == 403 and "evil.example" in refused["message"]
    status, _, refused = plain(server, "GET", "/session", headers={"Cookie": session["Cookie"][:-1] + "~"})
    assert status == 401
    other = sign_in(server)
    server.restart()
    assert plain(server, "GET", "/session", headers=other)[0] == 200
    assert plain(server, "DELETE", "/sessions", headers=session)[0] == 200
    assert plain(server, "GET", "/session", headers=other)[0] == 401


def test_tokens_do_what_their_scopes_allow_until_they_end(server):
    set_first_password(server)
    session = sign_in(server)
    made = plain(server, "POST", "/tokens", {"name": "reader", "scopes": ["read"], "expires": "1h"}, session)[2]
    assert server.request("GET", "/session", token=made["token"])["scopes"] == ["read"]
    with pytest.raises(Failed) as refused:
        server.request("POST", "/projects", {"name": "p", "tasks": []}, token=made["token"])
    assert refused.value.code == 403 and "has not the scope write" in refused.value.text
    with pytest.raises(Failed) as refused:
        server.request("GET", f"/session?token={made['token']}", token=made["token"])
    assert refused.value.code == 400 and "does not belong into an address" in refused.value.text
    # Nowhere on disk but as a hash.
    for file in server.data.glob("state.db*"):
        assert made["token"].encode() not in file.read_bytes()
    assert plain(server, "DELETE", "/tokens/reader", headers=session)[2] == {"revoked": "reader"}
    with pytest.raises(Failed) as refused:
        server.request("GET", "/session", token=made["token"])
    assert refused.value.code == 401 and "may have been revoked" in refused.value.text


def test_large_bodies_are_taken_from_tokens_and_sessions_but_from_no_stranger(server):
    set_first_password(server)
    session = sign_in(server)
    token = plain(server, "POST", "/tokens", {"name": "w", "scopes": ["write"]}, session)[2]["token"]
    text = json.dumps({"name": "large", "summary": "x" * 200_000, "tasks": [{"name": "t", "resources": [{"name": "r", "command": "true"}]}]})

    def status(name, **headers):
        connection = http.client.HTTPConnection(server.address, timeout=60)
        connection.request("POST", "/api/v1/projects", text.replace("large", name, 1), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    assert status("a", Authorization="Bearer " + token) != 413
    assert status("b", **session) != 413
    try:
        assert status("c", Authorization="Bearer ppt_" + token[4:-1] + "x") == 413
    except ConnectionError:
        pass  # cut off before it could read the answer


def test_the_command_line_signs_in_from_elsewhere(server, home):
    _, code = welcome_of(server)
    assert "Signed in at" in remote(server, home, "login", "--invite", code, stdin=PASSWORD + "\n")
    assert remote(server, home, "whoami").startswith("operator, operator in Default Group\n")
    remote(server, home, "status", "-q")
    refused = remote(server, home, "login", "--user", "operator", stdin="wrong\n", check=False)
    assert refused.returncode == 5 and refused.stderr == "the name or the password is wrong\n"
    token = remote(server, home, "token", "create", "ci", "--scope", "run", "-q", stdin=PASSWORD + "\n").strip()
    assert remote(server, home, "--token", token, "whoami", "-q") == "operator\n"
    names = remote(server, home, "token", "list", "-q", stdin=PASSWORD + "\n").split("\n")
    assert "ci" in names and any(name.startswith("cli@") for name in names)
    remote(server, home, "password", stdin=f"{PASSWORD}\nanother horse battery\n")
    remote(server, home, "logout")
    gone = remote(server, home, "whoami", check=False)
    assert gone.returncode == 5 and "sign in with: pintle login" in gone.stderr
    remote(server, home, "login", "--user", "operator", stdin="another horse battery\n")
    remote(server, home, "logout", "--everywhere", stdin="another horse battery\n")
    assert remote(server, home, "--token", token, "whoami", check=False).returncode == 5
    # On the machine itself the data folder's token goes on: who can read it owns the server.
    assert server.cli("whoami").endswith("by the token in the server's data folder\n")


@pytest.fixture
def with_provider(make_server):
    """A server on a port known before, since the provider must know where people come back to."""
    made = []

    def make(settings=""):
        port = free_port()
        callback = f"http://127.0.0.1:{port}/api/v1/sign-in/keycloak/callback"
        provider = OidcProvider(callback).start()
        made.append(provider)
        server = make_server()
        server.data.mkdir(parents=True)
        (server.data / "secret-of-client").write_text(provider.client_secret + "\n")
        server.config = (
            "sign_in:\n  providers:\n  - name: keycloak\n"
            f"    issuer: {provider.issuer}\n    client_id: {provider.client_id}\n"
            f"    client_secret_file: {server.data}/secret-of-client\n{settings}"
        )
        server.address = f"127.0.0.1:{port}"
        return server.start(), provider

    yield make
    for provider in made:
        provider.stop()


def by_provider(server, provider, browser, name="ana", link=None, **how):
    """Signs in as a person would: (status, headers, text) of the callback."""
    begin = f"http://{server.address}/api/v1/sign-in/keycloak?return_to=%2Fwelcome"
    status, headers, text = browser.request("GET", begin) if link is None else (302, {"Location": link}, "")
    assert status == 302, text
    back = provider.sign_in(headers["Location"], name=name, browser=browser, **how)
    return browser.request("GET", back)


def test_people_sign_in_by_a_real_provider(with_provider):
    server, provider = with_provider("    onboard: true\n")
    browser = Browser()
    status, headers, text = by_provider(server, provider, browser)
    assert status == 302 and headers["Location"] == "/welcome", text
    who = json.loads(browser.request("GET", f"http://{server.address}/api/v1/session")[2])
    assert who["via"] == "session" and who["role"] == "data scientist", who
    # Known the second time; somebody else is somebody else.
    other = Browser()
    by_provider(server, provider, other)
    assert json.loads(other.request("GET", f"http://{server.address}/api/v1/session")[2])["user_id"] == who["user_id"]
    ben = Browser()
    by_provider(server, provider, ben, name="ben")
    assert json.loads(ben.request("GET", f"http://{server.address}/api/v1/session")[2])["user_id"] != who["user_id"]


def test_strangers_and_those_who_refuse_are_not_let_in(with_provider):
    server, provider = with_provider()
    status, _, text = by_provider(server, provider, Browser())
    assert status == 403 and "ask an operator to on-board you" in text
    status, _, text = by_provider(server, provider, Browser(), refuse=True)
    assert status in (401, 403) and "pse_" not in text
    # The answer to somebody else's sign-in.
    mine, theirs = Browser(), Browser()
    begin = f"http://{server.address}/api/v1/sign-in/keycloak"
    back = provider.sign_in(mine.request("GET", begin)[1]["Location"], browser=mine)
    theirs.request("GET", begin)
    status, _, text = theirs.request("GET", back)
    assert status == 401 and "belongs to another sign-in" in text
    assert theirs.request("GET", back)[0] == 401


def test_who_is_signed_in_links_an_account(with_provider):
    server, provider = with_provider()
    set_first_password(server)
    session = sign_in(server)
    status, headers, answer = plain(server, "POST", "/sign-in/keycloak/link", headers=session)
    assert status == 200, answer
    browser = Browser()
    jar = browser.cookies.setdefault(server.address, {})
    for cookie in (session["Cookie"], headers["Set-Cookie"].split(";")[0]):
        name, value = cookie.split("=", 1)
        jar[name] = value
    status, headers, text = by_provider(server, provider, browser, link=answer["redirect_url"])
    assert status == 302 and headers["Location"] == "/account", text
    fresh = Browser()
    by_provider(server, provider, fresh)
    assert json.loads(fresh.request("GET", f"http://{server.address}/api/v1/session")[2])["user"] == "operator"


def test_a_provider_that_is_not_there_keeps_nobody_else_out(with_provider):
    server, provider = with_provider()
    set_first_password(server)
    provider.stop()
    status, _, answer = plain(server, "GET", "/sign-in/keycloak")
    assert status == 503 and "keycloak" in answer["message"]
    assert sign_in(server)
