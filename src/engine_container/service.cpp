#include "engine_container/service.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "json/json_text.hpp"
#include "net/http_client.hpp"
#include "net/url.hpp"

namespace pintle::engine_container {
namespace {

using json::Value;

constexpr auto kSoon = std::chrono::seconds(5);          ///< For what no service has to think about.
constexpr auto kQuick = std::chrono::seconds(30);
constexpr auto kSlow = std::chrono::minutes(2);         ///< Starting and removing on a machine that is busy.
constexpr auto kSilent = std::chrono::minutes(15);      ///< A pull that says nothing for so long is dead.
constexpr std::size_t kStepMax = 1 << 20;

std::string text(const Value& value, std::string_view key) { return value[key].scalar_text().value_or(""); }
std::int64_t number(const Value& value, std::string_view key) { return value[key].is_int() ? value[key].as_int() : 0; }
bool yes(const Value& value, std::string_view key) { return value[key].is_bool() && value[key].as_bool(); }

std::map<std::string, std::string> labels_of(const Value& value) {
    std::map<std::string, std::string> labels;
    if (!value["Labels"].is_object()) return labels;
    for (const auto& member : value["Labels"].as_object()) labels[member.key] = member.value.scalar_text().value_or("");
    return labels;
}

Value object_of(const std::map<std::string, std::string>& labels) {
    Value object = Value::object();
    for (const auto& [name, value] : labels) object.add(name, value);
    return object;
}

ErrorCode code_of(int status) {
    switch (status) {
        case 400: return ErrorCode::kInvalid;
        case 401:
        case 403: return ErrorCode::kDenied;
        case 404: return ErrorCode::kNotFound;
        case 409: return ErrorCode::kConflict;
        case 503: return ErrorCode::kUnavailable;
        default: return ErrorCode::kInternal;
    }
}

// Its own words, on one line and not without end.
std::string words_of(const net::Response& response) {
    const auto body = json::parse_json(response.body);
    std::string words = body ? text(*body, "message") : std::string();
    if (words.empty()) words = body ? text(*body, "cause") : std::string(trim(response.body));
    if (words.empty()) words = fmt::format("status {}", response.status);
    words = to_valid_utf8(replace_all(words, "\n", " "));
    constexpr std::size_t kWordsMax = 1000;
    return words.size() > kWordsMax ? to_valid_utf8(words.substr(0, kWordsMax)) + "…" : words;
}

std::string encode_base64(std::string_view bytes) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t at) {
            return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
        };
        const unsigned word = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        for (std::size_t k = 0; k < 4; ++k) {
            out.push_back(i + k <= bytes.size() ? kLetters[word >> (18 - 6 * k) & 63] : '=');
        }
    }
    return out;
}

std::string filters(const std::string& label) {
    return "filters=" + net::percent_encode(json::to_json(Value::object({{"label", Value::array({label})}})));
}

}  // namespace

bool ContainerState::is_running() const {
    return status == "running" || status == "paused" || status == "stopping" || status == "restarting";
}
bool ContainerState::is_new() const { return status == "created" || status == "configured" || status == "initialized"; }

struct Service::Call {
    std::string method;
    std::string target;
    std::optional<Value> body = std::nullopt;
    Duration timeout = kQuick;
    std::vector<int> fine = {};  ///< Statuses beside 2xx that are no errors.
};

Result<Value> Service::call(const Call& call) const {
    net::ClientRequest request;
    request.method = call.method;
    request.url = "http://container-service" + call.target;
    request.unix_socket_path = socket_;
    request.timeout = call.timeout;
    if (call.body) {
        request.headers.add("Content-Type", "application/json");
        request.body = json::to_json(*call.body);
    }
    net::HttpClient client;
    const net::Response response = TRY(client.send(request));
    const bool fine = std::find(call.fine.begin(), call.fine.end(), response.status) != call.fine.end();
    if (fine) return Value();
    if (response.status / 100 != 2) return fail(code_of(response.status), "{}", words_of(response));
    if (trim(response.body).empty()) return Value();
    auto value = json::parse_json(response.body);
    // "OK" of a ping.
    return value ? std::move(*value) : Value();
}

Result<void> Service::ping() const {
    TRY(call({"GET", "/_ping", std::nullopt, kSoon}));
    return {};
}

Result<ServiceInfo> Service::info() const {
    const Value version = TRY(call({"GET", "/version", std::nullopt, kSoon}));
    const Value info = TRY(call({"GET", "/info", std::nullopt, kSoon}));
    ServiceInfo found;
    found.name = "docker";
    for (std::size_t i = 0; i < version["Components"].size(); ++i) {
        if (text(version["Components"][i], "Name").find("Podman") != std::string::npos) found.name = "podman";
    }
    found.version = text(version, "Version");
    found.architecture = text(version, "Arch");
    found.runtime = text(info, "DefaultRuntime");
    found.rootless = yes(info, "Rootless");
    for (std::size_t i = 0; i < info["SecurityOptions"].size(); ++i) {
        found.rootless = found.rootless ||
                         info["SecurityOptions"][i].scalar_text().value_or("").find("rootless") != std::string::npos;
    }
    // podman says what root could do, also where it runs without root on cgroups of version 1 and has none to use.
    found.has_cgroups = !(found.rootless && text(info, "CgroupVersion") == "1");
    found.limits_memory = found.has_cgroups && yes(info, "MemoryLimit");
    found.limits_cpu = found.has_cgroups && yes(info, "CpuCfsQuota");
    return found;
}

Result<void> Service::make_network(const std::string& name, const Texts& labels, const Texts& options) const {
    const Value network = Value::object({{"Name", name},
                                         {"CheckDuplicate", true},
                                         {"Driver", "bridge"},
                                         {"Options", object_of(options)},
                                         {"Labels", object_of(labels)}});
    TRY(call({"POST", "/networks/create", network}));
    return {};
}

Result<NetworkInfo> Service::network(const std::string& name) const {
    const Value network = TRY(call({"GET", "/networks/" + net::percent_encode(name)}));
    const Value& config = network["IPAM"]["Config"][0];
    return NetworkInfo{text(config, "Subnet"), text(config, "Gateway"), false};
}

Result<void> Service::remove_network(const std::string& name) const {
    TRY(call({"DELETE", "/networks/" + net::percent_encode(name), std::nullopt, kSlow, {404}}));
    return {};
}

Result<std::vector<Labelled>> Service::networks(const std::string& label) const {
    const Value list = TRY(call({"GET", "/networks?" + filters(label)}));
    std::vector<Labelled> found;
    for (std::size_t i = 0; i < list.size(); ++i) found.push_back({text(list[i], "Name"), "", labels_of(list[i])});
    return found;
}

Result<void> Service::create(const std::string& name, const Value& container) const {
    TRY(call({"POST", "/containers/create?name=" + net::percent_encode(name), container, kSlow}));
    return {};
}

Result<void> Service::create_on_podman(const Value& container) const {
    TRY(call({"POST", "/v4.0.0/libpod/containers/create", container, kSlow}));
    return {};
}

Result<void> Service::start(const std::string& name) const {
    TRY(call({"POST", "/containers/" + net::percent_encode(name) + "/start", std::nullopt, kSlow, {304}}));
    return {};
}

Result<void> Service::signal(const std::string& name, const std::string& signal) const {
    const auto done = call({"POST", fmt::format("/containers/{}/kill?signal={}", net::percent_encode(name), signal)});
    if (done) return {};
    const ErrorCode code = done.error().code;
    // It has ended meanwhile; podman says so with another status than Docker.
    const bool ended = code == ErrorCode::kConflict || code == ErrorCode::kNotFound ||
                       done.error().message.find("is not running") != std::string::npos ||
                       done.error().message.find("can only kill running containers") != std::string::npos;
    if (ended) return {};
    return fail(done.error());
}

Result<void> Service::remove(const std::string& name) const {
    const std::string target = fmt::format("/containers/{}?force=true&v=true", net::percent_encode(name));
    TRY(call({"DELETE", target, std::nullopt, kSlow, {404}}));
    return {};
}

Result<std::optional<ContainerState>> Service::inspect(const std::string& name) const {
    auto answer = call({"GET", "/containers/" + net::percent_encode(name) + "/json"});
    if (!answer && answer.error().code == ErrorCode::kNotFound) return std::optional<ContainerState>();
    if (!answer) return fail(answer.error());
    const Value& state = (*answer)["State"];
    ContainerState found;
    found.status = text(state, "Status");
    found.exit_code = static_cast<int>(number(state, "ExitCode"));
    found.oom_killed = yes(state, "OOMKilled");
    found.error = text(state, "Error");
    found.pid = static_cast<int>(number(state, "Pid"));
    return std::optional(std::move(found));
}

Result<std::vector<Labelled>> Service::containers(const std::string& label) const {
    const Value list = TRY(call({"GET", "/containers/json?all=true&" + filters(label)}));
    std::vector<Labelled> found;
    for (std::size_t i = 0; i < list.size(); ++i) {
        std::string name = list[i]["Names"][0].scalar_text().value_or(text(list[i], "Id"));
        if (name.starts_with('/')) name.erase(0, 1);
        found.push_back({std::move(name), text(list[i], "State"), labels_of(list[i])});
    }
    return found;
}

Result<std::string> Service::address(const std::string& name) const {
    const Value container = TRY(call({"GET", "/containers/" + net::percent_encode(name) + "/json"}));
    const Value& networks = container["NetworkSettings"]["Networks"];
    if (networks.is_object()) {
        for (const auto& member : networks.as_object()) {
            if (const std::string address = text(member.value, "IPAddress"); !address.empty()) return address;
        }
    }
    return fail(ErrorCode::kNotFound, "the container {} has no address, because it does not run", name);
}

Result<engine::Usage> Service::usage(const std::string& name) const {
    const Value stats =
        TRY(call({"GET", fmt::format("/containers/{}/stats?stream=false&one-shot=true", net::percent_encode(name))}));
    engine::Usage used;
    const Value& cpu = stats["cpu_stats"]["cpu_usage"];
    if (cpu.has("total_usage")) used.cpu_us = number(cpu, "total_usage") / 1000;
    const Value& memory = stats["memory_stats"];
    if (memory.has("usage")) {
        // What is only cached of files, by the names of either version of cgroups.
        const std::int64_t cached =
            std::max(number(memory["stats"], "inactive_file"), number(memory["stats"], "total_inactive_file"));
        used.memory_bytes = std::max<std::int64_t>(0, number(memory, "usage") - cached);
    }
    if (stats["networks"].is_object()) {
        for (const json::Member& network : stats["networks"].as_object()) {
            used.network_received_bytes = used.network_received_bytes.value_or(0) + number(network.value, "rx_bytes");
            used.network_sent_bytes = used.network_sent_bytes.value_or(0) + number(network.value, "tx_bytes");
        }
    }
    return used;
}

Result<std::optional<ImageInfo>> Service::image(const std::string& name) const {
    auto answer = call({"GET", "/images/" + net::percent_encode(name) + "/json"});
    if (!answer && answer.error().code == ErrorCode::kNotFound) return std::optional<ImageInfo>();
    if (!answer) return fail(answer.error());
    return std::optional(ImageInfo{text(*answer, "Architecture"), text((*answer)["Config"], "WorkingDir")});
}

Result<void> Service::pull(const std::string& image, const std::optional<RegistryLogin>& login,
                           const std::function<bool(const Value& step)>& progress) const {
    net::ClientRequest request;
    request.method = "POST";
    request.url = "http://container-service/images/create?fromImage=" + net::percent_encode(image);
    request.unix_socket_path = socket_;
    // Headers come with the first step, which may be long after.
    request.timeout = kSilent;
    request.idle_timeout = kSilent;
    if (login) {
        const Value credentials = Value::object({{"username", login->user}, {"password", login->password}});
        request.headers.add("X-Registry-Auth", encode_base64(json::to_json(credentials)));
    }
    net::HttpClient client;
    std::string rest, failure;
    bool stopped = false;
    const auto take = [&](std::string_view line) {
        const auto step = json::parse_json(line);
        if (!step || !step->is_object()) return;
        if (const std::string said = text(*step, "error"); !said.empty()) failure = said;
        stopped = stopped || !progress(*step);
    };
    const net::Response response = TRY(client.stream(request, [&](std::string_view chunk) {
        rest += chunk;
        for (std::size_t end = 0; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
            take(std::string_view(rest).substr(0, end));
        }
        return rest.size() <= kStepMax && !stopped;
    }));
    if (response.status / 100 != 2) return fail(code_of(response.status), "{}", words_of(response));
    take(rest);
    if (stopped) return fail(ErrorCode::kCancelled, "the pull was ended");
    if (!failure.empty()) return fail(ErrorCode::kInternal, "{}", to_valid_utf8(replace_all(failure, "\n", " ")));
    return {};
}

}  // namespace pintle::engine_container
