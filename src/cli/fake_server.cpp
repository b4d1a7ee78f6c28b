#include "cli/fake_server.hpp"

#include <filesystem>

#include "cli/cli.hpp"
#include "os/file.hpp"

namespace pintle::cli::testing {
namespace {

constexpr std::string_view kBase = "/api/v1";

std::string key_of(const std::string& method, const std::string& path) { return method + " " + path; }

std::string key_of(const net::Request& request) {
    return key_of(request.method, request.path.starts_with(kBase) ? request.path.substr(kBase.size()) : request.path);
}

}  // namespace

net::Response json_answer(int status, std::string body) {
    net::Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

net::Response error_answer(int status, const std::string& code, const std::string& message,
                           const std::string& details) {
    return json_answer(status, fmt::format(R"({{"code":"{}","message":"{}","details":{},"request_id":"R1"}})", code,
                                           message, details));
}

FakeServer::FakeServer(std::string listen) {
    net::HttpServer::Options options;
    options.listen = std::move(listen);
    options.stop_grace = std::chrono::milliseconds(100);
    server_ = net::HttpServer::open(options, [this](net::Request request, net::Responder responder) {
                  handle(std::move(request), std::move(responder));
              }).value();
}

void FakeServer::on(const std::string& method, const std::string& path, Answer answer) {
    talk(method, path, [answer = std::move(answer)](const net::Request& request, net::Responder responder) {
        responder.send(answer(request));
    });
}

void FakeServer::on(const std::string& method, const std::string& path, const std::string& json) {
    on(method, path, [json](const net::Request&) { return json_answer(200, json); });
}

void FakeServer::talk(const std::string& method, const std::string& path, Talk talk) {
    talks_[key_of(method, path)] = std::move(talk);
}

std::vector<net::Request> FakeServer::requests() const {
    return requests_.with([](const auto& requests) { return requests; });
}

net::Request FakeServer::last(const std::string& method, const std::string& path) const {
    net::Request found;
    for (const net::Request& request : requests()) {
        if (key_of(request) == key_of(method, path)) found = request;
    }
    return found;
}

void FakeServer::handle(net::Request request, net::Responder responder) {
    requests_.with([&](auto& requests) { requests.push_back(request); });
    if (asks_for_token_ && request.headers.get("Authorization") != "Bearer secret") {
        return responder.send(error_answer(401, "unauthorized", "this needs a token"));
    }
    const auto found = talks_.find(key_of(request));
    if (found == talks_.end()) return responder.send(error_answer(404, "not_found", "nothing here"));
    found->second(request, std::move(responder));
}

CliBox::CliBox() {
    env = {{"PINTLE_URL", "http://" + server.address()},
           {"PINTLE_TOKEN", "secret"},
           {"HOME", folder.path()},
           {"TMPDIR", folder.path()}};
    deps.out = [this](std::string_view text) { return out += text, 0; };
    deps.err = [this](std::string_view text) { return err += text, 0; };
    deps.read_line = [this]() -> std::optional<std::string> {
        if (input.empty()) return std::nullopt;
        std::string line = input.front();
        input.erase(input.begin());
        return line;
    };
    deps.read_secret = deps.read_line;
    deps.host_name = "box";
    deps.env = [this](const std::string& name) -> std::optional<std::string> {
        const auto found = env.find(name);
        return found == env.end() ? std::nullopt : std::optional(found->second);
    };
    deps.now = [] { return time_from_iso("2026-03-01T12:00:00Z").value(); };
    deps.sleep = [](Duration) {};
    deps.run_program = [](const std::vector<std::string>& argv) -> Result<int> {
        return fail(ErrorCode::kNotFound, "no {} in this test", argv[0]);
    };
    deps.version = "1.2.3";
}

int CliBox::run(const std::vector<std::string>& argv) {
    out.clear();
    err.clear();
    return run_cli(argv, deps);
}

void CliBox::use_terminal() {
    deps.in_is_terminal = deps.out_is_terminal = deps.err_is_terminal = true;
    deps.width = 80;
}

std::string CliBox::file(const std::string& name, const std::string& content) {
    const std::string path = folder.path() + "/" + name;
    (void)os::make_folders(std::filesystem::path(path).parent_path().string());
    (void)os::write_file_atomic(path, content, 0644, false);
    return path;
}

}  // namespace pintle::cli::testing
