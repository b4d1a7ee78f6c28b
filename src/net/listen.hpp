#pragma once

#include <chrono>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.hpp"

namespace pintle::net {

/// What the servers of this module have in common on their way to a port. Pure but for the calls of the system; the
/// types are those of one I/O thread without a strand.

using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, IoExecutor>;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// "127.0.0.1:80", "[::1]:80".
[[nodiscard]] std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);
/// Binds the acceptor to "127.0.0.1:7171", "localhost:0" or "[::1]:0"; says in words why that cannot be.
/// With `may_be_absent` also to an address that the machine does not have yet.
[[nodiscard]] Result<void> listen_at(Acceptor& acceptor, std::string_view place, bool may_be_absent = false);
/// Raises the soft limit for open files to the hard one and returns it.
[[nodiscard]] std::size_t raise_fd_limit();
/// No delay, kept alive, not blocking; gives the other end's address, or nothing when it has gone already.
[[nodiscard]] std::string set_up(Socket& socket);

}  // namespace pintle::net
