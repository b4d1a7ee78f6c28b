#include "api/test_server.hpp"

#include <doctest/doctest.h>

#include "api/openapi.hpp"
#include "api/router.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"
#include "json/json_text.hpp"
#include "net/url.hpp"
#include "os/file.hpp"
#include "testing/builders.hpp"

namespace pintle::api {

/// Everything in the order in which it is made; it goes in the reverse.
struct TestServer::Running {
    std::optional<runtime::DataFolder> data;
    std::optional<auth::Tokens> tokens;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::ReaderPool> readers;
    std::optional<vault::Vault> vault;
    std::unique_ptr<source::SourcePreparer> sources;
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<runtime::Catalogs> catalogs;
    std::unique_ptr<runtime::Uploads> uploads;
    std::unique_ptr<Api> api;
    std::unique_ptr<net::HttpServer> http;
};

TestServer::TestServer(Options options)
    : options_(std::move(options)),
      engine_(options_.nodes.empty() ? std::vector{testing::a_node("here", 8, 32)} : options_.nodes) {
    log::set_level(log::Level::kError);
    start();
}

TestServer::~TestServer() { stop(); }

void TestServer::start() {
    running_ = std::make_unique<Running>();
    Running& now = *running_;
    now.data.emplace(runtime::DataFolder::open(folder_.path()).value());
    now.tokens.emplace(auth::Tokens::open(folder_.path()).value());
    store::Store::Options store_options;
    store_options.path = now.data->file("state.db");
    store_options.now = clock_.now();
    store_options.changes_kept = options_.changes_kept;
    now.store = store::Store::open(store_options).value();
    now.readers = store::ReaderPool::open(now.store->location()).value();
    const auto accounts =
        now.readers->with([](store::StoreReader& reader) { return reader.list_accounts(store::kEverything); });
    now.vault = vault::Vault::at(now.data->file("account-key"), accounts.value().empty());
    REQUIRE(os::make_folders(storage_folder()).has_value());
    source::SourceOptions source_options;
    source_options.storages = {{"default", storage_folder()}};
    for (source::Storage storage : options_.storages) {
        if (storage.folder.empty()) storage.folder = folder_.path() + "/storage/" + storage.name;
        REQUIRE(os::make_folders(storage.folder).has_value());
        source_options.storages.push_back(std::move(storage));
    }
    source_options.cache_folder = now.data->file("cache");
    source_options.work_folder = now.data->file("work");
    source_options.staging_folder = now.data->file("uploads/staged");
    source_options.private_addresses = options_.private_addresses;
    now.sources = std::make_unique<source::SourcePreparer>(source_options);
    runtime::RuntimeOptions runtime_options;
    runtime_options.core.storages.clear();
    for (const source::Storage& storage : now.sources->storages()) {
        runtime_options.core.storages.push_back(storage.name);
        if (!storage.group.empty()) runtime_options.core.storage_groups.emplace(storage.name, storage.group);
    }
    runtime_options.measuring.pause = Duration(10);
    if (options_.containers) runtime_options.core.engines.push_back(domain::EngineKind::kContainer);
    now.runtime =
        runtime::Runtime::start({clock_, *now.store, engine_, *now.sources, *now.data}, std::move(runtime_options))
            .value();
    // The first operator, as a server makes one at its first start.
    const domain::UserId root(now.runtime->make_id());
    static_cast<void>(now.runtime->call(core::input::BeginUsers{root, "root", {"no secret has this hash", root, {}}}));
    engine_.connect([&runtime = *now.runtime](engine::Observation seen) { runtime.observe(std::move(seen)); });
    runtime::Catalogs::Options catalog_options;
    catalog_options.places = options_.catalogs;
    catalog_options.cache_folder = now.data->file("cache");
    catalog_options.state_folder = now.data->file("catalogs");
    catalog_options.patience = std::chrono::seconds(60);
    now.catalogs = std::make_unique<runtime::Catalogs>(std::move(catalog_options), clock_);
    now.uploads =
        runtime::Uploads::open(now.data->file("uploads"), now.sources->staging_folders(), clock_.now()).value();
    ApiOptions api_options;
    api_options.version = "1.2.3";
    api_options.address = "127.0.0.1:7171";
    api_options.host_names = {"pintle.example"};
    gateway::Door::Options door;
    door.address = "127.0.0.1:7172";
    door.main_address = api_options.address;
    if (options_.leads_to_components) api_options.door = std::make_shared<gateway::Door>(std::move(door));
    api_options.heartbeat = options_.heartbeat;
    api_options.cluster_pause = options_.cluster_pause;
    api_options.log_poll = Duration(10);
    api_options.partial_line_patience = options_.partial_line_patience;
    api_options.sign_in = options_.sign_in;
    api_options.sign_in.strength = auth::HashStrength::kTestsOnly;
    now.api = std::make_unique<Api>(deps(), api_options);
    net::HttpServer::Options http_options;
    http_options.listen = "127.0.0.1:0";
    http_options.body_limit_bytes = kBodyLimitBytes;
    now.http = net::HttpServer::open(http_options, [&api = *now.api](net::Request request, net::Responder responder) {
                   api.handle(std::move(request), std::move(responder));
               }).value();
}

void TestServer::stop() {
    if (!running_) return;
    running_->api->stop();
    running_->http->stop();
    engine_.connect({});
    running_->runtime->stop();
    running_.reset();
}

void TestServer::forbid_private_addresses() {
    options_.private_addresses = false;
    restart();
}

void TestServer::restart() {
    stop();
    start();
}

std::string TestServer::url(const std::string& path) const {
    return fmt::format("http://{}/api/v1{}", running_->http->address(), path);
}
const std::string& TestServer::address() const { return running_->http->address(); }
std::string TestServer::token() const { return running_->tokens->operator_token(); }
std::string TestServer::job_token(const std::string& project_id, const std::string& job_id) const {
    return running_->tokens->job_token(domain::ProjectId(project_id), domain::JobId(job_id));
}
ApiDeps TestServer::deps() {
    Running& now = *running_;
    return {*now.runtime, *now.readers, *now.tokens, *now.sources,  engine_,
            clock_,       *now.data,    *now.vault,  *now.catalogs, *now.uploads};
}

runtime::Runtime& TestServer::runtime() { return *running_->runtime; }

TestClient::TestClient(TestServer& server, std::optional<std::string> token)
    : server_(server), token_(token.value_or(server.token())) {}

namespace {

void check_promise(const std::string& method, const std::string& url, const Answer& answer) {
    static const Router kRouter(all_routes());
    net::Request request;
    request.method = method;
    const auto target = net::parse_target(url);
    if (!target) return;
    request.segments = target->segments;
    const Match match = kRouter.find(request);
    INFO(method << " " << url << ": " << answer.text.substr(0, 2000));
    CHECK(answer.headers.get("Cache-Control") == "no-store");
    CHECK(answer.headers.get("X-Content-Type-Options") == "nosniff");
    // A person who asks for a page gets one, or is led on.
    if (answer.status == 303 || answer.headers.get("Content-Type").starts_with("text/html")) return;
    if (answer.status >= 400) {
        CHECK(schema_fault(answer.json, "Error").value_or("") == "");
        return;
    }
    REQUIRE(match.route != nullptr);
    const bool is_part = answer.status == 206 && match.route->answer.media == AnswerShape::Media::kJsonOrBytes;
        if (!is_part) CHECK(answer.status == match.route->answer.status);
    const bool is_json = answer.headers.get("Content-Type") == "application/json";
    if (is_json && !match.route->answer.schema.empty())
        CHECK(schema_fault(answer.json, match.route->answer.schema).value_or("") == "");
}

}  // namespace

Answer TestClient::send(const std::string& method, const std::string& path, const std::string& body,
                        net::Headers headers) {
    net::ClientRequest request;
    request.method = method;
    request.url = server_.url(path);
    request.headers = std::move(headers);
    if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
    request.body = body;
    request.timeout = std::chrono::seconds(90);
    const auto response = http_.send(request);
    INFO(method << " " << path << ": " << (response ? "" : response.error().message));
    REQUIRE(response.has_value());
    Answer answer{response->status, {}, response->body, response->headers};
    if (answer.headers.get("Content-Type") == "application/json") {
        auto value = json::parse_json(answer.text);
        REQUIRE(value.has_value());
        answer.json = std::move(*value);
    }
    check_promise(method, request.url, answer);
    return answer;
}

json::Value TestClient::make_project(const std::string& yaml) {
    const Answer made = post("/projects", yaml, {{"Content-Type", "application/yaml"}});
    INFO(made.text);
    REQUIRE(made.status == 201);
    return made.json["project"];
}

json::Value TestClient::run(const std::string& project, const std::string& task) {
    const Answer made = post(fmt::format("/projects/{}/tasks/{}/jobs", project, task));
    INFO(made.text);
    REQUIRE(made.status == 201);
    return wait_for(made.json["id"].as_string(), "Running");
}

json::Value TestClient::wait_for(const std::string& job, const std::string& state) {
    std::int64_t after = 0;
    for (int turn = 0; turn < 100; ++turn) {
        const Answer answer = get(fmt::format("/jobs/{}?wait=30s&after={}", net::percent_encode(job), after));
        INFO(answer.text);
        REQUIRE(answer.status == 200);
        if (answer.json["state"].as_string() == state) return answer.json;
        after = answer.json["revision"].as_int();
    }
    FAIL("the job never reached the state " << state);
    return {};
}

EventReader::EventReader(TestServer& server, const std::string& path, const std::string& token, net::Headers headers)
    : events_(1'000'000) {
    net::ClientRequest request;
    request.url = server.url(path);
    request.headers = std::move(headers);
    request.headers.add("Authorization", "Bearer " + token);
    request.headers.add("Accept", "text/event-stream");
    thread_ = std::thread([this, request] {
        net::HttpClient http;
        net::SseParser parser;
        static_cast<void>(http.stream(request, [&](std::string_view chunk) {
            if (chunk.find(":\n") != std::string_view::npos || chunk.starts_with(":")) ++comments_;
            const auto events = parser.feed(chunk);
            if (!events || over_) return false;
            for (const net::SseEvent& event : *events) events_.force(event);
            return true;
        }));
        events_.close();
    });
}

EventReader::~EventReader() {
    over_ = true;
    thread_.join();
}

std::optional<net::SseEvent> EventReader::next() {
    auto got = events_.drain(1, std::chrono::seconds(60));
    if (!got.empty()) return std::move(got.front());
    REQUIRE_MESSAGE(events_.closed(), "an event comes in time");
    return std::nullopt;
}

std::vector<net::SseEvent> EventReader::rest() {
    std::vector<net::SseEvent> all;
    while (auto event = next()) all.push_back(std::move(*event));
    return all;
}

namespace {

std::optional<std::string> fault_of(const json::Value& value, const json::Value& schema, const std::string& path);

bool has_type(const json::Value& value, const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_int();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "array") return value.is_array();
    return value.is_object();
}

std::optional<std::string> fault_of_record(const json::Value& value, const json::Value& schema,
                                           const std::string& path) {
    for (const json::Value& name : schema["required"].as_array()) {
        if (!value.has(name.as_string())) return path + "." + name.as_string() + " is missing";
    }
    for (const json::Member& member : value.as_object()) {
        const json::Value* property = schema["properties"].find(member.key);
        if (property == nullptr) return path + "." + member.key + " is in no schema";
        if (auto fault = fault_of(member.value, *property, path + "." + member.key)) return fault;
    }
    return std::nullopt;
}

std::optional<std::string> fault_of(const json::Value& value, const json::Value& schema, const std::string& path) {
    static const json::Value kSchemas = openapi_schemas();
    if (schema.has("$ref")) {
        const std::string& ref = schema["$ref"].as_string();
        const json::Value* named = kSchemas.find(ref.substr(ref.rfind('/') + 1));
        return named == nullptr ? ref + " is not there" : fault_of(value, *named, path);
    }
    if (schema.has("anyOf")) {
        for (const json::Value& choice : schema["anyOf"].as_array()) {
            if (!fault_of(value, choice, path)) return std::nullopt;
        }
        return path + " is none of what it may be: " + json::to_json(value);
    }
    if (schema.has("type") && !has_type(value, schema["type"].as_string()))
        return path + " is no " + schema["type"].as_string();
    if (schema.has("enum")) {
        const auto& words = schema["enum"].as_array();
        if (std::find(words.begin(), words.end(), value) == words.end()) return path + " is an unknown word";
    }
    if (schema.has("items")) {
        for (const json::Value& item : value.as_array()) {
            if (auto fault = fault_of(item, schema["items"], path + "[]")) return fault;
        }
    }
    return schema.has("properties") ? fault_of_record(value, schema, path) : std::nullopt;
}

}  // namespace

std::optional<std::string> schema_fault(const json::Value& value, std::string_view type) {
    return fault_of(value, schema_of_type(type), std::string(type));
}

}  // namespace pintle::api
