#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::source {

/// Whether the numeric address is of this machine or of its surroundings rather than of the internet: loopback,
/// link-local, private (RFC 1918, unique local), carrier-grade, unspecified, multicast; also as IPv4 within IPv6. Pure.
[[nodiscard]] bool is_private_address(std::string_view numeric);

/// The numeric address that the host has at this moment, refused with kDenied when any address of it is private: a name
/// can stand for a public address now and for one of ours a moment later, so what is asked for is the address returned.
/// Blocks as long as looking up names takes. kUnavailable when there is no such host.
[[nodiscard]] Result<std::string> public_address_of(const std::string& host);

/// Says at which numeric address a host is to be reached, or why it is not: public_address_of() where the administrator
/// forbids private ones.
using AddressOf = std::function<Result<std::string>(const std::string& host)>;

}  // namespace pintle::source
