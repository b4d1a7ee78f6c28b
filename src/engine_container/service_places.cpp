#include "engine_container/service_places.hpp"

#include "base/text.hpp"

namespace pintle::engine_container {
namespace {

Result<std::string> path_of(const std::string& place, const std::string& from) {
    constexpr std::string_view kScheme = "unix://";
    const std::string path = place.starts_with(kScheme) ? place.substr(kScheme.size()) : place;
    if (path.starts_with('/')) return path;
    return fail(ErrorCode::kInvalid,
                "{} is \"{}\", and a container service can be used on this machine only, through a socket such as "
                "unix:///run/podman/podman.sock",
                from, to_valid_utf8(place));
}

}  // namespace

Result<std::vector<std::string>> service_places(const std::string& configured, const Variable& variable) {
    if (!configured.empty()) return std::vector{TRY(path_of(configured, "the configuration's containers.socket"))};
    for (const char* name : {"CONTAINER_HOST", "DOCKER_HOST"}) {
        const auto value = variable(name);
        if (value && !value->empty()) return std::vector{TRY(path_of(*value, fmt::format("${}", name)))};
    }
    std::vector<std::string> places;
    if (const auto own = variable("XDG_RUNTIME_DIR"); own && own->starts_with('/')) {
        places = {*own + "/podman/podman.sock", *own + "/docker.sock"};
    }
    for (const char* place : {"/run/podman/podman.sock", "/run/docker.sock", "/var/run/docker.sock"})
        places.emplace_back(place);
    return places;
}

}  // namespace pintle::engine_container
