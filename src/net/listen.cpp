#include "net/listen.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include "base/text.hpp"

namespace pintle::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Result<tcp::endpoint> parse_listen(std::string_view text) {
    const auto wrong = [&] {
        return fail(ErrorCode::kInvalid,
                    "cannot listen on \"{}\": expected an address and a port such as 127.0.0.1:7171 or [::1]:7171",
                    to_valid_utf8(text));
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    std::string host(text.substr(0, colon));
    const auto port = parse_int(text.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535) return wrong();
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    error_code ec;
    const asio::ip::address address = asio::ip::make_address(host, ec);
    if (ec || address.is_v6() != brackets) return wrong();
    return tcp::endpoint(address, static_cast<std::uint16_t>(*port));
}

Error listen_error(const tcp::endpoint& endpoint, const error_code& ec) {
    const std::string place = to_text(endpoint);
    if (ec == asio::error::address_in_use) {
        return {ErrorCode::kConflict, fmt::format("cannot listen on {}: another process already does", place), {}, {}};
    }
    if (ec == asio::error::access_denied) {
        return {ErrorCode::kDenied, fmt::format("cannot listen on {}: this user may not use the port", place), {}, {}};
    }
    return {ErrorCode::kUnavailable, fmt::format("cannot listen on {}: {}", place, ec.message()), {}, {}};
}

}  // namespace

std::string to_text(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                      : fmt::format("{}:{}", address, endpoint.port());
}

Result<void> listen_at(Acceptor& acceptor, std::string_view place, bool may_be_absent) {
    const tcp::endpoint endpoint = TRY(parse_listen(place));
    error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    // Helpers that outlive the server must not keep its port.
    if (!ec) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && may_be_absent && endpoint.address().is_v4()) {
        acceptor.set_option(asio::detail::socket_option::boolean<IPPROTO_IP, IP_FREEBIND>(true), ec);
    }
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) return fail(listen_error(endpoint, ec));
    return {};
}

std::size_t raise_fd_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        rlimit raised = limit;
        raised.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur;
}

std::string set_up(Socket& socket) {
    error_code ec;
    const tcp::endpoint peer = socket.remote_endpoint(ec);
    if (ec) return {};
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    socket.set_option(tcp::no_delay(true), ec);
    socket.set_option(asio::socket_base::keep_alive(true), ec);
    socket.non_blocking(true, ec);
    return to_text(peer);
}

}  // namespace pintle::net
