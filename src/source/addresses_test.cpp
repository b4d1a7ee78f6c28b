#include "source/addresses.hpp"

#include <doctest/doctest.h>

namespace pintle::source {

TEST_CASE("addresses of the machine and its surroundings are private") {
    for (const char* address : {"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                                "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::",
                                "fe80::1", "fe80::1%eth0", "fd00::5", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                                "64:ff9b::127.0.0.1", "nonsense"}) {
        CAPTURE(address);
        CHECK(is_private_address(address));
    }
    for (const char* address : {"8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8"}) {
        CAPTURE(address);
        CHECK_FALSE(is_private_address(address));
    }
}

TEST_CASE("a host at a private address is refused with that address") {
    const auto refused = public_address_of("localhost");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kDenied);
    CHECK(refused.error().message.find("localhost is at the private address") == 0);
    CHECK(public_address_of("2130706433").error().code == ErrorCode::kDenied);  // 127.0.0.1 as one number
    CHECK(public_address_of("8.8.8.8").value() == "8.8.8.8");
}

}  // namespace pintle::source
