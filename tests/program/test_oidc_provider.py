"""The identity provider of these tests does what a real one does."""
import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request

import pytest

from oidc_provider import HERE, Browser, OidcProvider

REDIRECT = "http://127.0.0.1:7171/sign-in/test"


@pytest.fixture(scope="module")
def provider():
    with OidcProvider(REDIRECT) as started:
        yield started


def get(url, token=None):
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def unpadded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Flow:
    """One sign-in, as a client does it."""

    def __init__(self, provider, redirect=REDIRECT):
        self.provider = provider
        self.redirect = redirect
        self.discovery = get(provider.issuer + "/.well-known/openid-configuration")
        self.verifier, self.state, self.nonce = (secrets.token_urlsafe(32) for _ in range(3))

    def url(self, **changed):
        challenge = unpadded(hashlib.sha256(self.verifier.encode()).digest())
        params = {"response_type": "code", "client_id": self.provider.client_id, "redirect_uri": self.redirect,
                  "scope": "openid profile email", "state": self.state, "nonce": self.nonce,
                  "code_challenge": challenge, "code_challenge_method": "S256", **changed}
        return self.discovery["authorization_endpoint"] + "?" + urllib.parse.urlencode(params)

    def token(self, code, **changed):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect,
                "code_verifier": self.verifier, **changed}
        request = urllib.request.Request(self.discovery["token_endpoint"], urllib.parse.urlencode(form).encode())
        if self.provider.client_secret:
            pair = f"{self.provider.client_id}:{self.provider.client_secret}".encode()
            request.add_header("Authorization", "Basic " + base64.b64encode(pair).decode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)


def query_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def test_a_sign_in_gives_a_token_of_the_person(provider):
    flow = Flow(provider)
    back = provider.sign_in(flow.url())
    assert back.startswith(REDIRECT + "?")
    query = query_of(back)
    assert query["state"] == flow.state
    assert query["iss"] == provider.issuer
    tokens = flow.token(query["code"])
    header, claims, _ = tokens["id_token"].split(".")
    assert decoded(header)["alg"] == "RS256"
    assert decoded(claims)["sub"] == "subject-ana"
    assert decoded(claims)["nonce"] == flow.nonce
    assert decoded(claims)["aud"] == "pintle"
    assert decoded(claims)["iss"] == provider.issuer
    person = get(flow.discovery["userinfo_endpoint"], tokens["access_token"])
    assert person == {"sub": "subject-ana", "name": "Ana Lee", "preferred_username": "ana",
                      "email": "ana@example.org", "email_verified": True}
    known = [key["kid"] for key in get(flow.discovery["jwks_uri"])["keys"]]
    assert decoded(header)["kid"] in known


def test_each_account_has_its_own_subject(provider):
    flow = Flow(provider)
    tokens = flow.token(query_of(provider.sign_in(flow.url(), "ben"))["code"])
    assert decoded(tokens["id_token"].split(".")[1])["sub"] == "subject-ben"


def test_a_browser_that_has_signed_in_is_not_asked_again(provider):
    browser = Browser()
    provider.sign_in(Flow(provider).url(), browser=browser)
    flow = Flow(provider)
    back = provider.sign_in(flow.url(), password="wrong", browser=browser)
    assert "id_token" in flow.token(query_of(back)["code"])


def test_a_code_works_once_and_only_with_its_verifier(provider):
    flow = Flow(provider)
    code = query_of(provider.sign_in(flow.url()))["code"]
    assert flow.token(code, code_verifier=secrets.token_urlsafe(32))["error"] == "invalid_grant"
    flow = Flow(provider)
    code = query_of(provider.sign_in(flow.url()))["code"]
    assert "id_token" in flow.token(code)
    assert flow.token(code)["error"] == "invalid_grant"


def test_a_wrong_password_gives_no_code(provider):
    with pytest.raises(AssertionError, match="answered with 403"):
        provider.sign_in(Flow(provider).url(), password="wrong")
    with pytest.raises(AssertionError, match="answered with 403"):
        provider.sign_in(Flow(provider).url(), "constructor", password="wrong")


def test_somebody_who_refuses_is_sent_back_with_the_reason(provider):
    query = query_of(provider.sign_in(Flow(provider).url(), refuse=True))
    assert query["error"] == "access_denied"
    assert "code" not in query


def test_a_place_that_is_not_registered_gets_nothing(provider):
    with pytest.raises(AssertionError, match="answered with 400"):
        provider.sign_in(Flow(provider).url(redirect_uri="http://127.0.0.1:1/elsewhere"))


def test_a_client_without_a_secret_signs_in_too():
    with OidcProvider(REDIRECT, client_secret="") as provider:
        flow = Flow(provider)
        code = query_of(provider.sign_in(flow.url()))["code"]
        assert "id_token" in flow.token(code, client_id=provider.client_id)


@pytest.mark.parametrize("algorithm, key", [("PS256", "rsa"), ("ES256", "p256"), ("EdDSA", "ed25519")])
def test_a_client_chooses_how_its_tokens_are_signed(algorithm, key):
    with OidcProvider(REDIRECT, id_token_signed_response_alg=algorithm) as provider:
        flow = Flow(provider)
        tokens = flow.token(query_of(provider.sign_in(flow.url()))["code"])
        header = decoded(tokens["id_token"].split(".")[0])
        assert (header["alg"], header["kid"]) == (algorithm, key)


def test_the_lock_file_says_what_to_install_and_not_from_where():
    lock = json.loads((HERE / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name
