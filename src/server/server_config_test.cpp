#include "server/server_config.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::server;

TEST_CASE("a configuration overrides the defaults it names") {
    ServerConfig config;
    REQUIRE(read_config("listen: 0.0.0.0:80\nstorages:\n- {name: big, folder: /srv/big}\nnode: {name: n1, gpus: 2, "
                        "labels: {disk: ssd}}\nlog_limit: 1Gi\nstop_grace: 3s\n",
                        config)
                .has_value());
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
    CHECK_FALSE(read_config("storages: [{name: a, folder: /x, project_quota: much}]\n", config).has_value());
    CHECK_FALSE(read_config("storages: [{name: a, folder: /x}, {name: a, folder: /y}]\n", config).has_value());
    CHECK_FALSE(read_config("node: {gpus: many}\n", config).has_value());
}

TEST_CASE("metrics may be sampled more often, kept for another time, and be open to all") {
    ServerConfig config;
    REQUIRE(read_config("metrics: {interval: 2s, keep: 7d, public: true}\n", config).has_value());
    CHECK(config.sample_interval == Duration(2000));
    CHECK(config.samples_kept == std::chrono::hours(7 * 24));
    CHECK(config.metrics_public);
    for (const char* bad : {"interval: 1m", "interval: 0", "keep: 5m", "public: maybe", "rate: 1s"}) {
        CHECK_MESSAGE(!read_config(fmt::format("metrics: {{{}}}\n", bad), config).has_value(), bad);
    }
}

TEST_CASE("catalogs are folders or repositories, whose addresses may say revision and path too") {
    ServerConfig config;
    REQUIRE(read_config(
        "catalogs:\n- {name: team, git: 'https://github.com/org/repo/tree/v1/a/b', account: hub, refresh: 90s}\n"
        "- {name: own, git: 'git@host.example:org/repo.git', revision: main, path: templates/}\n- {name: lab, folder: "
        "/srv/templates}\n",
        config));
    REQUIRE(config.catalogs.size() == 3);
    CHECK(config.catalogs[0].git == domain::GitSource{"https://github.com/org/repo", "v1", "hub"});
    CHECK(config.catalogs[0].sub_path == "a/b");
    CHECK(config.catalogs[0].refresh == std::chrono::seconds(90));
    CHECK(config.catalogs[1].git.revision == "main");
    CHECK(config.catalogs[1].sub_path == "templates");
    CHECK(config.catalogs[2].folder == "/srv/templates");
    for (const std::string entry :
         {"name: a", "name: a, folder: x", "name: a, folder: /x, git: 'https://h.example/a'", "name: A!, folder: /x",
          "name: built-in, folder: /x", "name: a, folder: /x, revision: b", "name: a, git: '--upload-pack=x'",
          "name: a, git: 'https://h.example/a', path: ../b", "name: a, git: 'https://h.example/a', refresh: soon",
          "name: a, git: 'https://h.example/a', refresh: 0", "nam: a, folder: /x"}) {
        CAPTURE(entry);
        CHECK_FALSE(read_config("catalogs: [{" + entry + "}]\n", config));
    }
    CHECK_FALSE(read_config("catalogs: [{name: a, folder: /x}, {name: a, folder: /y}]\n", config));
}

TEST_CASE("components may be told where to listen and what browsers call them") {
    ServerConfig config;
    REQUIRE(read_config("components: {listen: '0.0.0.0:9000', url: 'https://*.tools.example:8443/', look_every: 5s}\n",
                        config));
    CHECK(config.components.listen == "0.0.0.0:9000");
    CHECK(config.components.look_every == std::chrono::seconds(5));
    CHECK_FALSE(read_config("components: {look_every: 0s}\n", config));
    CHECK(config.components.url == "https://*.tools.example:8443");
    for (const std::string url : {"tools.example", "ftp://tools.example", "https://", "https://*", "https://a.*.b",
                                  "https://tools.example/path", "https://a@b"}) {
        CAPTURE(url);
        CHECK_FALSE(read_config("components: {url: '" + url + "'}\n", config));
    }
    CHECK_FALSE(read_config("components: {lisen: x}\n", config));
}

TEST_CASE("GPUs are declared by their number or one kind after the other") {
    using Kinds = std::vector<engine_process::DeclaredGpus>;
    ServerConfig config;
    const std::string_view kinds =
        "node:\n  gpus:\n  - {model: A100, memory: 80Gi, count: 4}\n  - {model: T4, healthy: false}\n";
    REQUIRE(read_config(kinds, config));
    CHECK(config.declared_kinds == Kinds{{"A100", std::int64_t{80} << 30, 4, true}, {"T4", 0, 1, false}});
    CHECK(config.declared_gpus == -1);
    REQUIRE(read_config("node: {name: other}\n", config));
    CHECK(config.declared_kinds.size() == 2);
    REQUIRE(read_config("node: {gpus: 3}\n", config));
    CHECK(config.declared_kinds.empty());
    CHECK(config.declared_gpus == 3);
    REQUIRE(read_config("node: {gpus: []}\n", config));
    CHECK(config.declared_gpus == 0);
}

TEST_CASE("GPUs that are declared wrongly are refused with what is wrong and where") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"many", "node.gpus: expected how many GPUs there are, or a list such as [{model: A100, count: 4}]"},
        {"{model: A100}", "node.gpus: expected how many GPUs there are, or a list such as [{model: A100, count: 4}]"},
        {"1025", "node.gpus: expected a whole number from -1 to 1024, got 1025"},
        {"[A100]", "node.gpus[0]: expected a mapping, got text"},
        {"[{count: 2}]", "node.gpus[0].model: is required"},
        {"[{model: ''}]", "node.gpus[0].model: a model's name may not be empty"},
        {"[{model: 'a/b'}]", "node.gpus[0].model: a model's name may not have a slash or a colon"},
        {"[{model: T4}, {model: T4, count: 0}]", "node.gpus[1].count: expected a whole number from 1 to 1024, got 0"},
        {"[{model: T4, memory: lots}]", "node.gpus[0].memory: expected memory like 64Mi, 8Gi or 512M, got \"lots\""},
        {"[{model: T4, healthy: 2}]", "node.gpus[0].healthy: expected true or false, got 2"},
        {"[{model: T4, cuont: 2}]", "node.gpus[0].cuont: unknown field \"cuont\"; did you mean \"count\"?"},
        {"[{model: T4, count: 1000}, {model: T4, count: 25}]",
         "node.gpus: a node may have at most 1024 GPUs, these are 1025"},
    };
    for (const auto& [text, fault] : cases) {
        ServerConfig config;
        const auto read = read_config("node:\n  gpus: " + text + "\n", config);
        REQUIRE_FALSE(read.has_value());
        REQUIRE(read.error().details.size() == 1);
        CHECK(read.error().details[0].path + ": " + read.error().details[0].message == fault);
        CHECK(read.error().details[0].line == 2);
        CHECK(read.error().details[0].column > 0);
    }
}

TEST_CASE("containers are as configured, or off") {
    ServerConfig config;
    CHECK(config.containers);
    REQUIRE(read_config("containers: {socket: /run/d.sock, image: 'python:3.12', gpus: cdi}\n", config));
    CHECK(config.containers);
    CHECK(config.container_socket == "/run/d.sock");
    CHECK(config.default_image == "python:3.12");
    CHECK(config.container_gpus == engine_container::GpuWay::kCdi);
    REQUIRE(read_config("containers: off\n", config));
    CHECK_FALSE(config.containers);
    for (const char* wrong : {"containers: maybe\n", "containers: {sokcet: /x}\n", "containers: {gpus: all}\n"}) {
        CHECK_FALSE(read_config(wrong, config).has_value());
    }
}

TEST_CASE("a storage may be one group's alone, and have quotas that hold unless an operator says otherwise") {
    ServerConfig config;
    REQUIRE(read_config("storages:\n- {name: all, folder: /a}\n- {name: lab, folder: /l, group: research, description: "
                        "fast disks, project_quota: 100GB, "
                        "group_quota: none}\n",
                        config)
                .has_value());
    CHECK(config.storages.at(0).group.empty());
    CHECK_FALSE(config.storages.at(0).project_quota.has_value());
    CHECK(config.storages.at(1).group == "research");
    CHECK(config.storages.at(1).description == "fast disks");
    CHECK(config.storages.at(1).project_quota == 100'000'000'000);
    CHECK_FALSE(config.storages.at(1).group_quota.has_value());
}
