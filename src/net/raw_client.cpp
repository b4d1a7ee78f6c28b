#include "net/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::net::testing {
namespace {

constexpr int kPatienceMs = 60'000;

int connect_to(const sockaddr* address, socklen_t size, int receive_buffer_bytes) {
    const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(fd >= 0, "no socket for a test");
    if (receive_buffer_bytes > 0)
        ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
    check(::connect(fd, address, size) == 0, "the server under test does not accept");
    return fd;
}

}  // namespace

RawClient::RawClient(const std::string& address, int receive_buffer_bytes) {
    const std::size_t colon = address.rfind(':');
    const auto port = htons(static_cast<std::uint16_t>(parse_int(address.substr(colon + 1)).value()));
    if (address.starts_with('[')) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = port;
        check(::inet_pton(AF_INET6, address.substr(1, colon - 2).c_str(), &v6.sin6_addr) == 1,
              "a bad address in a test");
        fd_.reset(connect_to(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6), receive_buffer_bytes));
    } else {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = port;
        check(::inet_pton(AF_INET, address.substr(0, colon).c_str(), &v4.sin_addr) == 1, "a bad address in a test");
        fd_.reset(connect_to(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4), receive_buffer_bytes));
    }
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawClient::receive() {
    pollfd waiting{fd_.get(), POLLIN, 0};
    check(::poll(&waiting, 1, kPatienceMs) == 1, "the server under test neither answers nor closes");
    std::array<char, 64 << 10> buffer;
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

std::string RawClient::read_until(std::string_view end) {
    std::size_t at = received_.find(end);
    while (at == std::string::npos) {
        const std::size_t looked_at = received_.size();
        if (!receive()) break;
        at = received_.find(end, looked_at - std::min(looked_at, end.size()));
    }
    const std::size_t size = at == std::string::npos ? received_.size() : at + end.size();
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
}

Response RawClient::read_answer(bool head_only) {
    Response response{0, {}, {}};
    const std::string head = read_until("\r\n\r\n");
    if (!head.ends_with("\r\n\r\n")) return response;
    for (const std::string& line : split(head, '\n')) {
        const std::size_t colon = line.find(':');
        if (line.starts_with("HTTP/1.1 ")) {
            response.status = static_cast<int>(parse_int(line.substr(9, 3)).value_or(0));
        } else if (colon != std::string::npos) {
            response.headers.add(line.substr(0, colon), std::string(trim(line.substr(colon + 1))));
        }
    }
    const auto length = static_cast<std::size_t>(parse_int(response.headers.get("Content-Length")).value_or(0));
    if (head_only) return response;
    while (received_.size() < length && receive()) {
    }
    response.body = received_.substr(0, length);
    received_.erase(0, response.body.size());
    return response;
}

std::string RawClient::read_all() {
    while (receive()) {
    }
    return std::exchange(received_, {});
}

bool RawClient::is_closed() { return read_all().empty(); }
void RawClient::finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }

void RawClient::close(bool reset) {
    const linger at_once{1, 0};
    if (reset) ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    fd_.reset();
}

RawListener::RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0, "no port for a test");
    check(::listen(fd_.get(), 16) == 0, "no port for a test");
    socklen_t size = sizeof(address);
    check(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "no port for a test");
    port_ = ntohs(address.sin_port);
}

bool RawListener::has_client(int within_ms) {
    pollfd waiting{fd_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, within_ms) == 1;
}

RawClient RawListener::accept(int receive_buffer_bytes) {
    if (receive_buffer_bytes > 0)
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
    check(has_client(kPatienceMs), "nobody comes to the server of a test");
    return RawClient(os::UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
}

std::string unchunk(std::string_view body) {
    std::string out;
    while (true) {
        const std::size_t end = body.find("\r\n");
        check(end != std::string_view::npos, "the chunked body is cut");
        const std::size_t size = std::stoul(std::string(body.substr(0, end)), nullptr, 16);
        body.remove_prefix(end + 2);
        if (size == 0) return out;
        check(body.substr(size, 2) == "\r\n", "the chunk is cut");
        out += body.substr(0, size);
        body.remove_prefix(size + 2);
    }
}

}  // namespace pintle::net::testing
