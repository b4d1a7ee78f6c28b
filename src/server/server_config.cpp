#include "server/server_config.hpp"

#include <cstdlib>
#include <set>

#include "catalog/built_in.hpp"
#include "domain/git_place.hpp"
#include "domain/label.hpp"
#include "domain/metrics_pattern.hpp"
#include "domain/name.hpp"
#include "domain/quantity.hpp"
#include "domain/storage_quota.hpp"
#include "domain/sub_path.hpp"
#include "json/reader.hpp"
#include "json/yaml_text.hpp"

namespace pintle::server {
namespace {

template <class T, class Parse>
void read_quantity(json::Reader& config, const char* name, Parse parse, T& into) {
    const auto text = config.scalar_text(name);
    if (!text) return;
    auto value = parse(*text);
    if (value) {
        into = *value;
    } else {
        config.error_at(name, value.error().message);
    }
}

void read_storages(json::Reader& config, ServerConfig& into) {
    std::set<std::string> names;
    for (json::Reader& item : config.list("storages")) {
        source::Storage storage;
        storage.name = item.text("name", json::kRequired);
        storage.folder = item.text("folder", json::kRequired);
        storage.group = item.text("group", std::string());
        storage.description = item.text("description", std::string());
        read_quantity(item, "project_quota", domain::parse_quota, storage.project_quota);
        read_quantity(item, "group_quota", domain::parse_quota, storage.group_quota);
        item.finish();
        if (!domain::is_valid_name(storage.name)) item.error_at("name", domain::name_fault(storage.name));
        if (!names.insert(storage.name).second)
            item.error_at("name", fmt::format("there are two storages named \"{}\"", storage.name));
        if (!storage.folder.starts_with('/')) item.error_at("folder", "expected an absolute path");
        into.storages.push_back(std::move(storage));
    }
}

constexpr std::int64_t kGpusMax = 1024;

engine_process::DeclaredGpus read_declared(json::Reader& item) {
    engine_process::DeclaredGpus gpus;
    gpus.model = item.scalar_text("model", json::kRequired);
    const json::Value* model = item.raw("model");
    const bool is_text = model != nullptr && model->scalar_text().has_value();
    if (const std::string fault = domain::label_fault("model", gpus.model); is_text && !fault.empty()) {
        item.error_at("model", fault);
    }
    read_quantity(item, "memory", domain::parse_memory, gpus.memory_bytes);
    gpus.count = static_cast<int>(item.integer("count", 1, kGpusMax, 1));
    gpus.healthy = item.boolean("healthy", true);
    item.finish();
    return gpus;
}

// How many GPUs there are, or what they are.
void read_gpus(json::Reader& node, ServerConfig& into) {
    const json::Value* given = node.raw("gpus");
    if (given == nullptr || given->is_null()) return;
    into.declared_kinds.clear();
    if (given->is_number()) {
        into.declared_gpus = static_cast<int>(node.integer("gpus", -1, kGpusMax, into.declared_gpus));
        return;
    }
    if (!given->is_array()) {
        node.error_at("gpus", "expected how many GPUs there are, or a list such as [{model: A100, count: 4}]");
        return;
    }
    std::int64_t count = 0;
    for (json::Reader& item : node.list("gpus")) {
        into.declared_kinds.push_back(read_declared(item));
        count += into.declared_kinds.back().count;
    }
    into.declared_gpus = into.declared_kinds.empty() ? 0 : -1;
    if (count <= kGpusMax) return;
    node.error_at("gpus", fmt::format("a node may have at most {} GPUs, these are {}", kGpusMax, count));
}

void read_node(json::Reader& config, ServerConfig& into) {
    auto node = config.object("node");
    if (!node) return;
    into.node_name = node->text("name", into.node_name);
    read_gpus(*node, into);
    for (auto& [label, value] : node->scalar_text_map("labels")) into.node_labels.insert_or_assign(label, value);
    node->finish();
}

// "containers: off", or what containers need.
void read_containers(json::Reader& config, ServerConfig& into) {
    const json::Value* given = config.raw("containers");
    if (given == nullptr || given->is_null()) return;
    if (!given->is_object()) {
        const std::string text = given->scalar_text().value_or("");
        into.containers = false;
        if (text != "off" && text != "false")
            config.error_at("containers", "expected \"off\", or a mapping with socket, image and gpus");
        return;
    }
    auto containers = config.object("containers");
    if (!containers) return;
    into.container_socket = containers->text("socket", into.container_socket);
    into.default_image = containers->text("image", into.default_image);
    const auto gpus = containers->choice("gpus", {"toolkit", "cdi"});
    if (gpus)
        into.container_gpus =
            *gpus == "cdi" ? engine_container::GpuWay::kCdi : engine_container::GpuWay::kDeviceRequest;
    containers->finish();
}

void read_sources(json::Reader& config, ServerConfig& into) {
    auto sources = config.object("sources");
    if (!sources) return;
    read_quantity(*sources, "patience", domain::parse_timeout, into.source_patience);
    into.private_sources = sources->boolean("allow_private", into.private_sources);
    sources->finish();
}

void read_metrics(json::Reader& config, ServerConfig& into) {
    auto metrics = config.object("metrics");
    if (!metrics) return;
    read_quantity(*metrics, "interval", domain::parse_sample_interval, into.sample_interval);
    if (into.sample_interval.count() == 0) metrics->error_at("interval", "expected a time from 1s to 10s");
    read_quantity(*metrics, "keep", domain::parse_timeout, into.samples_kept);
    constexpr Duration kLeast = std::chrono::hours(1);
    if (into.samples_kept < kLeast) metrics->error_at("keep", "expected at least 1h");
    into.metrics_public = metrics->boolean("public", into.metrics_public);
    metrics->finish();
}

runtime::CatalogPlace read_catalog(json::Reader& item) {
    runtime::CatalogPlace place;
    place.name = item.text("name", json::kRequired);
    place.folder = item.text("folder", std::string());
    const std::string url = item.text("git", std::string());
    place.git.revision = item.scalar_text("revision", std::string());
    place.git.account = item.text("account", std::string());
    place.sub_path = item.text("path", std::string());
    read_quantity(item, "refresh", domain::parse_timeout, place.refresh);
    item.finish();
    if (!domain::is_valid_name(place.name)) item.error_at("name", domain::name_fault(place.name));
    if (place.folder.empty() == url.empty()) item.error("expected either a folder or the address of a git repository");
    if (!place.folder.empty() && !place.folder.starts_with('/')) item.error_at("folder", "expected an absolute path");
    const bool has_more = !place.git.revision.empty() || !place.git.account.empty() || !place.sub_path.empty();
    if (!place.folder.empty() && has_more)
        item.error_at("folder", "revision, account and path are for git repositories");
    if (place.refresh < std::chrono::seconds(1)) item.error_at("refresh", "expected at least 1s");
    if (url.empty()) return place;
    // The address of a folder in a browser says the revision and the path too; what is said beside it goes before.
    domain::GitPlace git = domain::take_apart(url);
    if (const auto allowed = domain::check_repository(git.repository); !allowed)
        item.error_at("git", allowed.error().message);
    if (place.git.revision.empty()) place.git.revision = git.revision;
    const std::size_t slash = git.sub_path.find('/');
    if (place.sub_path.empty() && slash != std::string::npos) place.sub_path = git.sub_path.substr(slash + 1);
    place.git.repository = std::move(git.repository);
    const auto clean = domain::clean_sub_path(place.sub_path);
    if (!clean || clean->starts_with('/')) item.error_at("path", "expected the path of a folder within the repository");
    else place.sub_path = *clean;
    return place;
}

void read_catalogs(json::Reader& config, ServerConfig& into) {
    constexpr std::size_t kCatalogsMost = 50;
    std::set<std::string> names{catalog::kBuiltInCatalog};
    for (json::Reader& item : config.list("catalogs")) {
        runtime::CatalogPlace place = read_catalog(item);
        if (!names.insert(place.name).second)
            item.error_at("name", fmt::format("there are two catalogs named \"{}\"", place.name));
        into.catalogs.push_back(std::move(place));
    }
    if (into.catalogs.size() > kCatalogsMost)
        config.error_at("catalogs",
                        fmt::format("at most {} catalogs, these are {}", kCatalogsMost, into.catalogs.size()));
}

}  // namespace

Result<void> read_config(std::string_view text, ServerConfig& config) {
    const json::Value document = TRY(json::parse_yaml(text));
    json::Faults faults(json::Faults::Unknown::kRefuse);
    json::Reader reader(document, "", faults);
    config.data = reader.text("data", config.data);
    config.listen = reader.text("listen", config.listen);
    read_storages(reader, config);
    read_node(reader, config);
    read_containers(reader, config);
    read_quantity(reader, "log_limit", domain::parse_memory, config.log_limit_bytes);
    read_quantity(reader, "stop_grace", domain::parse_timeout, config.stop_grace);
    read_sources(reader, config);
    read_metrics(reader, config);
    read_catalogs(reader, config);
    read_sign_in(reader, config.sign_in);
    read_components(reader, config.components);
    reader.finish();
    return faults.result("the configuration");
}

std::string default_data_folder() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr ? value : "");
    };
    if (const std::string data = variable("PINTLE_DATA"); !data.empty()) return data;
    if (const std::string share = variable("XDG_DATA_HOME"); !share.empty()) return share + "/pintle";
    const std::string home = variable("HOME");
    return (home.empty() ? std::string("/root") : home) + "/.local/share/pintle";
}

}  // namespace pintle::server
