#include "engine_container/service_places.hpp"

#include <map>

#include <doctest/doctest.h>

using namespace pintle;
using engine_container::service_places;

namespace {

Result<std::vector<std::string>> places(const std::string& configured,
                                        const std::map<std::string, std::string>& variables) {
    return service_places(configured, [&](const std::string& name) {
        const auto at = variables.find(name);
        return at == variables.end() ? std::nullopt : std::optional(at->second);
    });
}

}  // namespace

TEST_CASE("the service is looked for where it is said to be, and else in the usual places") {
    const std::map<std::string, std::string> docker{{"DOCKER_HOST", "unix:///d.sock"}};
    CHECK(places("/c.sock", docker).value() == std::vector<std::string>{"/c.sock"});
    CHECK(places("", docker).value() == std::vector<std::string>{"/d.sock"});
    CHECK(places("", {{"DOCKER_HOST", "unix:///d.sock"}, {"CONTAINER_HOST", "unix:///p.sock"}}).value() ==
          std::vector<std::string>{"/p.sock"});
    CHECK(places("", {{"DOCKER_HOST", ""}}).value().front() == "/run/podman/podman.sock");
    CHECK(places("", {{"XDG_RUNTIME_DIR", "/run/user/7"}}).value().front() == "/run/user/7/podman/podman.sock");
}

TEST_CASE("a service on another machine cannot mount our folders") {
    const auto refused = places("", {{"DOCKER_HOST", "tcp://10.0.0.1:2375"}});
    CHECK(refused.error().code == ErrorCode::kInvalid);
    CHECK(refused.error().message.find("$DOCKER_HOST is \"tcp://10.0.0.1:2375\"") == 0);
}
