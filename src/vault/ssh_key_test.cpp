#include "vault/ssh_key.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::vault;

namespace {

std::string say(const std::vector<std::string>& words) {
    os::Command command;
    command.argv = words;
    const auto result = os::run(command).value();
    REQUIRE(result.exit_code == 0);
    return result.output;
}

std::string fault_of(const std::string& text) {
    const auto print = fingerprint_of_private_key(text);
    REQUIRE_FALSE(print.has_value());
    return print.error().message;
}

}  // namespace

TEST_CASE("the fingerprint of a private key is the one that ssh-keygen shows") {
    const testing::TempFolder temp;
    for (const std::string type : {"ed25519", "ecdsa", "rsa"}) {
        CAPTURE(type);
        const std::string file = temp.path() + "/" + type;
        say({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", file});
        const std::string key = os::read_file(file).value();
        const std::string shown = split(say({"ssh-keygen", "-lf", file}), ' ').at(1);
        CHECK(fingerprint_of_private_key(key).value() == shown);
        CHECK(fingerprint_of_private_key("\n" + key + "\n").value() == shown);
        CHECK(fault_of(key.substr(0, key.size() / 2)).find("whole private key") != std::string::npos);
        std::string torn = key;
        torn.replace(torn.size() / 2, 200, "");
        CHECK_FALSE(fingerprint_of_private_key(torn).has_value());
    }
}

TEST_CASE("what cannot be used as a deploy key is refused in words that do not repeat it") {
    const testing::TempFolder temp;
    const std::string locked = temp.path() + "/locked", old = temp.path() + "/old";
    say({"ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", locked});
    CHECK(fault_of(os::read_file(locked).value()).find("has a passphrase") != std::string::npos);
    CHECK(fault_of(os::read_file(locked + ".pub").value()).find("the public half") != std::string::npos);
    say({"ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "", "-f", old});
    CHECK(fault_of(os::read_file(old).value()).find("ssh-keygen -p") != std::string::npos);
    for (const std::string text :
         {"", "s3cret", "-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret\n-----END OPENSSH PRIVATE KEY-----\n"}) {
        CHECK(fault_of(text).find("s3cret") == std::string::npos);
    }
}
