#include "server/server_config.hpp"

#include <cstdlib>
#include <set>

#include "domain/name.hpp"
#include "domain/quantity.hpp"
#include "json/reader.hpp"
#include "json/yaml_text.hpp"

namespace pintle::server {
namespace {

void read_storages(json::Reader& config, ServerConfig& into) {
    std::set<std::string> names;
    for (json::Reader& item : config.list("storages")) {
        source::Storage storage{item.text("name", json::kRequired), item.text("folder", json::kRequired)};
        item.finish();
        if (!domain::is_valid_name(storage.name)) item.error_at("name", domain::name_fault(storage.name));
        if (!names.insert(storage.name).second) item.error_at("name", fmt::format("there are two storages named \"{}\"", storage.name));
        if (!storage.folder.starts_with('/')) item.error_at("folder", "expected an absolute path");
        into.storages.push_back(std::move(storage));
    }
}

void read_node(json::Reader& config, ServerConfig& into) {
    auto node = config.object("node");
    if (!node) return;
    into.node_name = node->text("name", into.node_name);
    into.declared_gpus = static_cast<int>(node->integer("gpus", -1, 1024, into.declared_gpus));
    for (auto& [label, value] : node->scalar_text_map("labels")) into.node_labels.insert_or_assign(label, value);
    node->finish();
}

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

}  // namespace

Result<void> read_config(std::string_view text, ServerConfig& config) {
    const json::Value document = TRY(json::parse_yaml(text));
    json::Faults faults(json::Faults::Unknown::kRefuse);
    json::Reader reader(document, "", faults);
    config.data = reader.text("data", config.data);
    config.listen = reader.text("listen", config.listen);
    read_storages(reader, config);
    read_node(reader, config);
    read_quantity(reader, "log_limit", domain::parse_memory, config.log_limit_bytes);
    read_quantity(reader, "stop_grace", domain::parse_timeout, config.stop_grace);
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
