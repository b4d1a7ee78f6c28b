#include "api/welcome_page.hpp"

#include "auth/base64url.hpp"
#include "auth/secret.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --line: #c9ced6; --dim: #5b6472; --good: #0a6b3d; --bad: #b3261e; --main: #1f5fbf; --on-main: #ffffff; --plain: #f2f4f7; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444c58; --dim: #9aa4b2; --good: #5fd39a; --bad: #ff8a80; --main: #8ab4ff; --on-main: #10131a; --plain: #20242b; }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto 4rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
label { display: block; margin: .8rem 0 .2rem; }
input { width: 100%; box-sizing: border-box; font: inherit; padding: .45rem .6rem; border: 1px solid var(--line);
  border-radius: .35rem; background: Canvas; color: CanvasText; }
button { font: inherit; padding: .45rem .9rem; margin: 1rem .4rem 0 0; border: 1px solid var(--line);
  border-radius: .35rem; background: var(--plain); color: CanvasText; cursor: pointer; }
button.main { border-color: var(--main); background: var(--main); color: var(--on-main); }
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 2px solid var(--main); outline-offset: 2px; }
code { font: .9rem ui-monospace, monospace; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
#message { min-height: 1.5rem; margin-top: 1rem; }
#message.bad { color: var(--bad); }
#message.good { color: var(--good); }
[hidden] { display: none; }
)css";

constexpr std::string_view kProgram = R"js(
"use strict";
const $ = (id) => document.getElementById(id);
let csrf = "";

function say(text, kind) {
  $("message").textContent = text;
  $("message").className = kind || "";
}

async function ask(method, path, body) {
  const headers = {};
  if (body) headers["Content-Type"] = "application/json";
  if (csrf) headers["X-CSRF-Token"] = csrf;
  let answer;
  try {
    answer = await fetch("/api/v1" + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  } catch {
    throw new Error("The server cannot be reached.");
  }
  const value = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(value.message), { status: answer.status });
  return value;
}

function show(id) {
  for (const part of ["new-password", "sign-in", "signed-in"]) $(part).hidden = part !== id;
  const first = $(id).querySelector("input:not([readonly])");
  if (first && !first.closest("[hidden]")) first.focus();
}

function on(form, work) {
  $(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = $(form).querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    say("");
    try { await work(); } catch (error) { say(error.message, "bad"); }
    for (const button of buttons) button.disabled = false;
  });
}

async function show_who() {
  const session = await ask("GET", "/session");
  csrf = session.csrf || "";
  $("who").textContent = session.user;
  $("role").textContent = session.role + (session.group ? ", " + session.group : "");
  show("signed-in");
}

async function sign_in(user, password) {
  csrf = (await ask("POST", "/session", { user, password })).csrf;
  await show_who();
}

async function show_ways() {
  const ways = await ask("GET", "/sign-in");
  $("by-password").hidden = !ways.password;
  for (const provider of ways.providers) {
    const path = "/api/v1/sign-in/" + encodeURIComponent(provider.name);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Sign in with " + provider.name;
    button.addEventListener("click", () => { location.href = path; });
    $("providers").append(button);
    const link = document.createElement("button");
    link.type = "button";
    link.textContent = "Link with " + provider.name;
    link.addEventListener("click", async () => {
      try {
        location.href = (await ask("POST", "/sign-in/" + encodeURIComponent(provider.name) + "/link")).redirect_url;
      } catch (error) { say(error.message, "bad"); }
    });
    $("links").append(link);
  }
}

async function begin() {
  const code = location.hash.slice(1);
  // Neither the history nor a bookmark keeps the code.
  if (code) history.replaceState(null, "", location.pathname);
  await show_ways();
  try { await show_who(); } catch (error) { if (error.status !== 401) throw error; show("sign-in"); }
  if (!code.startsWith("pin_")) return;
  const invite = await ask("POST", "/invite", { invite: code });
  $("greeting").textContent = "Welcome, " + invite.user;
  $("new-user").value = invite.user;
  show("new-password");
  on("new-password", async () => {
    if ($("first").value !== $("second").value) throw new Error("The two passwords differ.");
    await ask("POST", "/password", { invite: code, password: $("first").value });
    csrf = "";
    await sign_in(invite.user, $("first").value);
    say("Your password is set.", "good");
  });
}

on("sign-in", () => sign_in($("user").value, $("password").value));
on("token", async () => {
  const scopes = ["read", "run", "write"];
  if ($("role").textContent.startsWith("operator")) scopes.push("operate");
  const made = await ask("POST", "/tokens", { name: $("token-name").value, scopes });
  $("token-text").textContent = made.token;
  $("token-made").hidden = false;
});
$("sign-out").addEventListener("click", async () => {
  try { await ask("DELETE", "/session"); location.reload(); } catch (error) { say(error.message, "bad"); }
});
$("sign-out-everywhere").addEventListener("click", async () => {
  try { await ask("DELETE", "/sessions?tokens=true"); location.reload(); } catch (error) { say(error.message, "bad"); }
});
begin().catch((error) => say(error.message, "bad"));
)js";

constexpr std::string_view kBody = R"html(
<main>
<noscript><p>This page needs JavaScript. On the command line: <code>pintle login</code></p></noscript>
<form id="new-password" hidden>
  <h1 id="greeting">Welcome</h1>
  <p class="dim">Choose a password. The link works once.</p>
  <input id="new-user" autocomplete="username" readonly hidden>
  <label for="first">New password</label>
  <input id="first" type="password" autocomplete="new-password" required>
  <label for="second">The same again</label>
  <input id="second" type="password" autocomplete="new-password" required>
  <button class="main">Set it and sign in</button>
</form>
<form id="sign-in" hidden>
  <h1>Sign in to Pintle</h1>
  <div id="by-password">
    <label for="user">Name</label>
    <input id="user" autocomplete="username" autocapitalize="none" spellcheck="false">
    <label for="password">Password</label>
    <input id="password" type="password" autocomplete="current-password">
    <button class="main">Sign in</button>
  </div>
  <div id="providers"></div>
</form>
<section id="signed-in" hidden>
  <h1>You are <span id="who"></span></h1>
  <p class="dim" id="role"></p>
  <form id="token">
    <label for="token-name">An access token for the command line, named</label>
    <input id="token-name" value="command line" required>
    <button>Make it</button>
  </form>
  <p id="token-made" hidden>It is shown this once. Give it to <code>pintle login</code>:<br>
  <code id="token-text"></code></p>
  <div id="links"></div>
  <button id="sign-out" type="button">Sign out</button>
  <button id="sign-out-everywhere" type="button">Sign out everywhere and revoke all tokens</button>
</section>
<p id="message" role="status" aria-live="polite"></p>
</main>
)html";

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// 'sha256-…' as a Content-Security-Policy names a script or style that may run.
std::string source_hash(std::string_view text) {
    const std::string hex = auth::secret_hash(text);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1]));
    std::string base64 = auth::base64url(bytes);
    for (char& c : base64) c = c == '-' ? '+' : c == '_' ? '/' : c;
    return fmt::format("'sha256-{}='", base64);
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

net::Response page(int status, std::string_view title, std::string_view body, std::string_view program) {
    std::string text = fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>{}",
        title, kStyle, body);
    if (!program.empty()) text += fmt::format("<script>{}</script>\n", program);
    text += "</body>\n</html>\n";
    const std::string script = program.empty() ? "'none'" : source_hash(program);
    net::Response response{status, {{"Content-Type", "text/html; charset=utf-8"}}, std::move(text)};
    response.headers.set("Content-Security-Policy",
                         fmt::format("default-src 'none'; connect-src 'self'; style-src {}; script-src {}; "
                                     "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
                                     source_hash(kStyle), script));
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("X-Frame-Options", "DENY");
    return response;
}

}  // namespace

net::Response welcome_page() {
    static const net::Response kPage = page(200, "Pintle", kBody, kProgram);
    return kPage;
}

net::Response sign_in_failed_page(const Error& error) {
    const std::string body =
        fmt::format("\n<main>\n<h1>Signing in did not work</h1>\n<p>{}</p>\n<p><a href=\"/welcome\">Try again</a></p>\n"
                    "</main>\n",
                    escaped(to_valid_utf8(error.message)));
    return page(http_status(error.code), "Signing in did not work", body, "");
}

}  // namespace pintle::api
