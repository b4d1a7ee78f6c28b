#include "source/git_fixture.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"

namespace pintle::source {
namespace {

os::UniqueFd listen_on_loopback(int& port) {
    os::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
    return fd;
}

void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

std::string shell(const std::string& script) {
    os::Command command;
    command.argv = {"sh", "-ec", script};
    command.environment = {{"HOME", "/nonexistent"},
                           {"GIT_CONFIG_NOSYSTEM", "1"},
                           {"GIT_AUTHOR_NAME", "A"},
                           {"GIT_AUTHOR_EMAIL", "a@localhost"},
                           {"LC_ALL", "C"},
                           {"GIT_COMMITTER_NAME", "A"},
                           {"GIT_COMMITTER_EMAIL", "a@localhost"}};
    const auto result = os::run(command).value();
    REQUIRE_MESSAGE(result.exit_code == 0, script << ": " << result.output);
    return std::string(trim(result.output));
}

TestRepository::TestRepository(std::string folder) : folder_(std::move(folder)) {
    shell("git init -q -b main " + shell_quote(folder_));
    REQUIRE(os::make_folders(folder_ + "/src").has_value());
    REQUIRE(os::write_file_atomic(folder_ + "/src/train.py", "print('one')\n").has_value());
    commit("README", "one");
}

std::string TestRepository::git(const std::string& arguments) const {
    return shell("git -C " + shell_quote(folder_) + " " + arguments);
}

std::string TestRepository::commit(const std::string& path, const std::string& content) const {
    REQUIRE(os::write_file_atomic(folder_ + "/" + path, content).has_value());
    git("add -A");
    git("commit -q -m " + shell_quote("Change " + path));
    return head();
}

FileServer::FileServer(std::string folder, Manner manner) : folder_(std::move(folder)), manner_(manner) {
    listener_ = listen_on_loopback(port_);
    REQUIRE(::listen(listener_.get(), 16) == 0);
    thread_ = std::thread([this] { serve(); });
}

FileServer::~FileServer() {
    ends_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
}

std::vector<std::string> FileServer::requests() const {
    return requests_.with([](const auto& requests) { return requests; });
}

void FileServer::serve() {
    while (!ends_) {
        os::UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection) continue;
        if (manner_ == Manner::kSilent) {
            silent_.push_back(std::move(connection));
        } else {
            answer(connection.get());
        }
    }
}

void FileServer::answer(int connection) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0) return;
        request.append(buffer, static_cast<std::size_t>(got));
    }
    const std::string path = split(request, ' ').at(1);
    requests_.with([&](auto& requests) { requests.push_back(path); });
    const bool known = request.find("Authorization: Basic cm9ib3Q6czNjcmV0\r\n") != std::string::npos;
    if (request.find("Authorization: ") != std::string::npos) ++credentials_seen_;
    const bool serves = manner_ == Manner::kServe || (manner_ == Manner::kPrivate && known);
    const auto content = os::read_file(folder_ + path.substr(0, path.find('?')));
    std::string status = content ? "200 OK" : "404 Not Found";
    if (!serves) status = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"";
    if (manner_ == Manner::kElsewhere) status = "301 Moved Permanently\r\nLocation: " + folder_ + path;
    const std::string body = serves && content ? *content : "";
    send_all(connection,
             fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", status, body.size()) + body);
}

int closed_port() {
    int port = 0;
    const os::UniqueFd fd = listen_on_loopback(port);  // Bound and not listening; closed again at once.
    return port;
}

}  // namespace pintle::source
