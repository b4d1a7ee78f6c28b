#include "server/server_config.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::server;

TEST_CASE("a configuration overrides the defaults it names") {
    ServerConfig config;
    REQUIRE(read_config("listen: 0.0.0.0:80\nstorages:\n- {name: big, folder: /srv/big}\nnode: {name: n1, gpus: 2, labels: {disk: ssd}}\nlog_limit: 1Gi\nstop_grace: 3s\n", config).has_value());
    CHECK(config.listen == "0.0.0.0:80");
    CHECK(config.storages.at(0).folder == "/srv/big");
    CHECK(config.declared_gpus == 2);
    CHECK(config.node_labels.at("disk") == "ssd");
    CHECK(config.log_limit_bytes == (1LL << 30));
    CHECK(config.stop_grace == Duration(3000));
}

TEST_CASE("a misspelt or wrong setting is refused with its place") {
    ServerConfig config;
    const auto misspelt = read_config("lisen: x\n", config);
    REQUIRE_FALSE(misspelt.has_value());
    CHECK(misspelt.error().details.at(0).line == 1);
    CHECK(misspelt.error().details.at(0).message.find("listen") != std::string::npos);
    CHECK_FALSE(read_config("log_limit: lots\n", config).has_value());
    CHECK_FALSE(read_config("storages: [{name: a, folder: relative}]\n", config).has_value());
    CHECK_FALSE(read_config("storages: [{name: a, folder: /x}, {name: a, folder: /y}]\n", config).has_value());
    CHECK_FALSE(read_config("node: {gpus: many}\n", config).has_value());
}
