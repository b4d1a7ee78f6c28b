#include "server/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "api/api.hpp"
#include "api/component_directory.hpp"
#include "auth/tokens.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/credentials.hpp"
#include "engine/engine_set.hpp"
#include "engine_container/container_engine.hpp"
#include "engine_container/init_image.hpp"
#include "engine_container/service_places.hpp"
#include "engine_process/process_engine.hpp"
#include "gateway/gateway.hpp"
#include "json/json_text.hpp"
#include "net/http_server.hpp"
#include "net/url.hpp"
#include "os/file.hpp"
#include "runtime/account_opener.hpp"
#include "runtime/runtime.hpp"
#include "server/first_start.hpp"
#include "server/launcher_image.hpp"
#include "server/run_folder.hpp"
#include "server/version.hpp"
#include "store/reader_pool.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"
#include "webui/pages.hpp"

namespace pintle::server {
namespace {

std::vector<source::Storage> storages_of(const ServerConfig& config, const runtime::DataFolder& data) {
    return config.storages.empty() ? std::vector<source::Storage>{{"default", data.file("storage/default")}}
                                   : config.storages;
}

std::optional<std::string> environment_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// The link names this very program even after its file was replaced by a newer one.
std::string this_program() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

template <class Options>
void set_log_limits(const ServerConfig& config, Options& options) {
    options.log_total_bytes = static_cast<std::uint64_t>(config.log_limit_bytes);
    options.log_segment_bytes = std::min<std::uint64_t>(options.log_segment_bytes,
                                                        std::max<std::uint64_t>(options.log_total_bytes / 8, 1 << 20));
}

// Where `pintle login` keeps who signed in as the server's user. The folder, because signing in replaces the file; made
// at once, for it could not be hidden from jobs that run when it appears.
std::optional<std::string> credentials_folder() {
    const auto file = cli::credentials_file(environment_variable);
    if (!file) return std::nullopt;
    std::string folder = std::filesystem::path(*file).parent_path().string();
    (void)os::make_folders(folder, 0700);  // Where that fails, nobody signs in.
    return folder;
}

// What lets who reads it act as somebody else, and where other groups' sources lie.
std::vector<std::string> hidden_from_jobs(const ServerConfig& config, const runtime::DataFolder& data) {
    std::vector<std::string> hidden{data.path()};
    for (const source::Storage& storage : storages_of(config, data)) hidden.push_back(storage.folder);
    for (const ProviderConfig& provider : config.sign_in.providers) {
        if (!provider.client_secret_file.empty()) hidden.push_back(provider.client_secret_file);
    }
    if (auto folder = credentials_folder()) hidden.push_back(std::move(*folder));
    return hidden;
}

Result<engine_process::Options> engine_options(const ServerConfig& config, const runtime::DataFolder& data) {
    engine_process::Options options;
    options.folder = TRY(open_run_folder(data.path()));
    options.cache_folder = data.file("cache/python");
    options.hidden = hidden_from_jobs(config, data);
    if (const std::string program = this_program(); !program.empty())
        options.launcher_command = {program, "supervise", "--launcher"};
    options.launcher_image = launcher_image();
    options.node_name = config.node_name;
    options.node_labels = config.node_labels;
    options.declared_gpus = config.declared_gpus;
    options.declared_kinds = config.declared_kinds;
    set_log_limits(config, options);
    return options;
}

// Programs of jobs run on this machine: they reach a server that listens everywhere at the loopback address.
std::string local_url(const std::string& address) {
    std::string local = address;
    if (local.starts_with("0.0.0.0:")) local = "127.0.0.1" + local.substr(7);
    if (local.starts_with("[::]:")) local = "[::1]" + local.substr(4);
    return "http://" + local;
}

// Where nothing is said, the first free port after the server's own, so that it is the same after a restart.
Result<std::unique_ptr<gateway::Gateway>> open_gateway(const ServerConfig& config, const std::string& address,
                                                       const auth::Tokens& tokens, const Clock& clock) {
    constexpr std::int64_t kPortsTried = 20;
    gateway::Gateway::Options options;
    options.key = tokens.key_for("components");
    options.look_interval = config.components.look_every;
    if (!config.components.listen.empty()) {
        options.listen = config.components.listen;
        return gateway::Gateway::open(std::move(options), clock);
    }
    const std::size_t colon = address.rfind(':');
    const std::int64_t port = parse_int(address.substr(colon + 1)).value_or(0);
    for (std::int64_t next = port + 1; next <= std::min<std::int64_t>(port + kPortsTried, 65535); ++next) {
        options.listen = fmt::format("{}:{}", address.substr(0, colon), next);
        auto opened = gateway::Gateway::open(options, clock);
        if (opened || opened.error().code != ErrorCode::kConflict) return opened;
    }
    options.listen = address.substr(0, colon) + ":0";
    return gateway::Gateway::open(std::move(options), clock);
}

bool is_loopback_address(const std::string& address) {
    return address.starts_with("127.") || address.starts_with("[::1]:");
}

}  // namespace

struct Server::Impl {
    SystemClock clock;
    std::unique_ptr<runtime::DataFolder> data;
    std::unique_ptr<auth::Tokens> tokens;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::ReaderPool> readers;
    std::optional<vault::Vault> vault;
    std::unique_ptr<runtime::AccountOpener> accounts;
    std::unique_ptr<source::SourcePreparer> sources;
    runtime::ObservationRelay relay;
    std::unique_ptr<engine_process::ProcessEngine> processes;
    std::unique_ptr<net::HttpServer> http;
    std::unique_ptr<engine_container::ContainerEngine> containers;  // May be absent; calls the two above.
    std::unique_ptr<engine::EngineSet> both;
    engine::Engine* engine = nullptr;
    Synchronized<std::map<std::string, std::string>> gateways;  ///< Where containers reach us, and the URL for them.
    std::shared_ptr<gateway::Door> door;
    std::unique_ptr<api::ComponentDirectory> components;
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<runtime::Catalogs> catalogs;
    std::unique_ptr<runtime::Uploads> uploads;
    std::unique_ptr<api::Api> api;
    std::unique_ptr<gateway::Gateway> gateway;
    std::string url;
    std::optional<std::string> welcome;
    bool stopped = false;

    Result<void> open(const ServerConfig& config);
    Result<void> open_containers(const ServerConfig& config);
    Result<std::optional<engine_container::RegistryLogin>> login_for(const domain::JobId& id,
                                                                     const std::string& registry);
    Result<void> open_runtime(const ServerConfig& config);
    [[nodiscard]] runtime::Catalogs::Options catalog_options(const ServerConfig& config) const;
    [[nodiscard]] bool listens_everywhere() const {
        return http->address().starts_with("0.0.0.0:") || http->address().starts_with("[::]:");
    }
    std::optional<std::string> url_in(const engine_container::NetworkInfo& network);
    Result<void> write_server_file() const;
    void wait_until_wired();
    std::size_t body_limit_of(const net::Request& head);
    void handle(net::Request request, net::Responder responder);

    // Requests that arrive before everything is wired wait here; the port is bound first because jobs are told it.
    std::mutex gate_mu;
    std::condition_variable gate;
    bool open_for_requests = false;  // guarded by gate_mu
};

void Server::Impl::wait_until_wired() {
    std::unique_lock lock(gate_mu);
    gate.wait(lock, [this] { return open_for_requests; });
}

void Server::Impl::handle(net::Request request, net::Responder responder) {
    wait_until_wired();
    if (request.path == api::kMetricsPath || !webui::answers(request.path)) {
        if (api) api->handle(std::move(request), std::move(responder));
        return;
    }
    responder.send(webui::answer(request));
}

// Who is nobody cannot make the server hold large bodies. Looking somebody up takes a moment of the thread of all
// connections, so it is done only for who announces such a body, or does not say how large it will be.
std::size_t Server::Impl::body_limit_of(const net::Request& head) {
    constexpr std::size_t kStrangersLimit = 64 << 10;
    const auto length = parse_int(head.headers.get("Content-Length"));
    const bool chunked = head.headers.find("Transfer-Encoding") != nullptr;
    if (!chunked && (!length || *length <= static_cast<std::int64_t>(kStrangersLimit))) return kStrangersLimit;
    // Nobody is known before; to refuse the body now would end an upload that goes on after a restart.
    wait_until_wired();
    return api ? std::max(api->body_limit_of(head), kStrangersLimit) : kStrangersLimit;
}

Result<void> Server::Impl::open(const ServerConfig& config) {
    data = std::make_unique<runtime::DataFolder>(TRY(runtime::DataFolder::open(config.data)));
    tokens = std::make_unique<auth::Tokens>(TRY(auth::Tokens::open(data->path())));
    store::Store::Options store_options;
    store_options.path = data->file("state.db");
    store_options.now = clock.now();
    store = TRY(store::Store::open(std::move(store_options)));
    readers = TRY(store::ReaderPool::open(store->location()));
    // In place of a key that is lost no other is made while there are secrets that it sealed.
    const auto kept =
        TRY(readers->with([](store::StoreReader& reader) { return reader.list_accounts(store::kEverything); }));
    vault = vault::Vault::at(data->file("account-key"), kept.empty());
    if (vault->fault()) log::error("vault.no_key", {{"reason", *vault->fault()}});

    source::SourceOptions source_options;
    source_options.storages = storages_of(config, *data);
    source_options.cache_folder = data->file("cache/git");
    source_options.work_folder = data->file("work");
    source_options.staging_folder = data->file("uploads/staged");
    accounts = std::make_unique<runtime::AccountOpener>(*readers, *vault);
    source_options.accounts = [this](const domain::UserId& user, const std::string& name) {
        return accounts->open(user, name);
    };
    source_options.private_addresses = config.private_sources;
    for (const source::Storage& storage : source_options.storages) TRY(os::make_folders(storage.folder));
    sources = std::make_unique<source::SourcePreparer>(std::move(source_options));

    processes = TRY(engine_process::ProcessEngine::open(
        TRY(engine_options(config, *data)),
        [this](engine::Observation observation) { relay(std::move(observation)); }));

    net::HttpServer::Options http_options;
    http_options.listen = config.listen;
    http_options.body_limit_bytes = api::kBodyLimitBytes;
    http_options.body_limit_of = [this](const net::Request& head) { return body_limit_of(head); };
    http = TRY(net::HttpServer::open(http_options, [this](net::Request request, net::Responder responder) {
        handle(std::move(request), std::move(responder));
    }));
    url = local_url(http->address());
    if (!is_loopback_address(http->address())) {
        log::warn("server.open_to_network", {{"address", http->address()},
                                             {"advice", "the connection is not encrypted; put a TLS proxy before it"}});
    }
    engine = processes.get();
    if (config.containers) TRY(open_containers(config));
    return open_runtime(config);
}

// A container has a network of its own, in which the loopback address is not ours: we listen at its gateway too.
std::optional<std::string> Server::Impl::url_in(const engine_container::NetworkInfo& network) {
    const std::string port = http->address().substr(http->address().rfind(':')), &bridge = network.gateway;
    if (network.rootless)
        return listens_everywhere() ? std::optional("http://host.containers.internal" + port) : std::nullopt;
    if (bridge.empty()) return std::nullopt;
    const std::string address = bridge + port;
    const std::string there = "http://" + address;
    if (listens_everywhere()) return there;
    return gateways.with([&](auto& map) -> std::optional<std::string> {
        if (const auto known = map.find(bridge); known != map.end()) return known->second;
        if (const auto opened = http->open_side_door(address); !opened) {
            log::warn("server.gateway_failed", {{"reason", opened.error().message}});
            return std::nullopt;
        }
        map[bridge] = there;
        return there;
    });
}

// Images are pulled with an account of the job's owner, or of their group, for the registry.
Result<std::optional<engine_container::RegistryLogin>> Server::Impl::login_for(const domain::JobId& id,
                                                                               const std::string& registry) {
    using Login = std::optional<engine_container::RegistryLogin>;
    const auto job = TRY(readers->with([&](store::StoreReader& reader) { return reader.find_job(id); }));
    if (!job) return Login();
    const auto account = TRY(accounts->open_for_server(job->owner, domain::AccountKind::kRegistry, registry));
    return account ? Login({account->user, account->secret}) : Login();
}

Result<void> Server::Impl::open_containers(const ServerConfig& config) {
    engine_container::Options options;
    options.folder = data->file("containers");
    const auto places = engine_container::service_places(config.container_socket, environment_variable);
    if (places) options.sockets = *places;
    else options.sockets_fault = places.error().message;
    options.keeper_command = {this_program(), "keep-log"};
    options.init_image = engine_container::init_image();
    options.gpu_way = config.container_gpus;
    set_log_limits(config, options);
    options.devices = [this](const std::vector<int>& devices) { return processes->as_drivers_count(devices); };
    options.login = [this](const domain::JobId& job, const std::string& registry) { return login_for(job, registry); };
    options.server_url = [this](const engine_container::NetworkInfo& network) { return url_in(network); };
    options.reaches_rootless = listens_everywhere();
    options.network_gone = [this](const engine_container::NetworkInfo& network) {
        const std::string& bound = http->address();
        const bool was_open = gateways.with([&](auto& map) { return map.erase(network.gateway) > 0; });
        if (was_open) http->close_side_door(network.gateway + bound.substr(bound.rfind(':')));
    };
    containers = TRY(engine_container::ContainerEngine::open(
        std::move(options), [this](engine::Observation observation) { relay(std::move(observation)); }));
    both = std::make_unique<engine::EngineSet>(*processes, *containers, [this] { return containers->fault(); });
    engine = both.get();
    return {};
}

runtime::Catalogs::Options Server::Impl::catalog_options(const ServerConfig& config) const {
    runtime::Catalogs::Options options;
    options.places = config.catalogs;
    options.cache_folder = data->file("cache/git");
    options.state_folder = data->file("catalogs");
    options.accounts = [this](const std::string& name) { return accounts->open_of_operator(name); };
    return options;
}

Result<void> Server::Impl::open_runtime(const ServerConfig& config) {
    runtime::RuntimeOptions options;
    options.core.stop_grace = config.stop_grace;
    if (config.containers) options.core.engines.push_back(domain::EngineKind::kContainer);
    options.core.default_image = config.default_image;
    options.core.source_patience = config.source_patience;
    options.sampling = {config.sample_interval, config.samples_kept};
    options.core.storages.clear();
    for (const source::Storage& storage : sources->storages()) {
        options.core.storages.push_back(storage.name);
        if (!storage.group.empty()) options.core.storage_groups.emplace(storage.name, storage.group);
    }
    options.credentials = [this](const domain::Job& job) {
        std::vector<std::pair<std::string, std::string>> credentials{
            {"PINTLE_URL", url}, {"PINTLE_TOKEN", tokens->job_token(job.project_id, job.id)}};
        if (job.kind == domain::JobKind::kComponent)
            credentials.emplace_back("PINTLE_COMPONENT_TOKEN", tokens->component_secret(job.id));
        return credentials;
    };
    runtime = TRY(runtime::Runtime::start({clock, *store, *engine, *sources, *data}, std::move(options)));
    relay.connect(*runtime);

    api::ApiOptions api_options;
    api_options.version = kVersion;
    api_options.address = http->address();
    const std::string host = config.listen.substr(0, config.listen.rfind(':'));
    api_options.host_names = {host};
    // As containers call the machine that they run on.
    if (containers)
        api_options.host_names.insert(api_options.host_names.end(),
                                      {"host.containers.internal", "host.docker.internal"});
    api_options.metrics_public = config.metrics_public;
    api_options.sign_in = TRY(sign_in_options(config.sign_in, *tokens));
    const std::string& public_url = config.sign_in.public_url;
    if (!public_url.empty()) api_options.host_names.push_back(net::url_host(public_url));
    gateway = TRY(open_gateway(config, http->address(), *tokens, clock));
    door = std::make_shared<gateway::Door>(gateway::Door::Options{gateway->address(), config.components.url,
                                                                  http->address(), public_url, api_options.host_names});
    api_options.door = door;
    const FirstStart first{config.sign_in.first_operator, public_url.empty() ? url : public_url,
                           config.sign_in.passwords};
    welcome = TRY(server::welcome(first, *runtime, *readers, *data, clock.now()));
    catalogs = std::make_unique<runtime::Catalogs>(catalog_options(config), clock);
    uploads = TRY(runtime::Uploads::open(data->file("uploads"), sources->staging_folders(), clock.now()));
    const api::ApiDeps deps{*runtime, *readers, *tokens, *sources, *engine, clock, *data, *vault, *catalogs, *uploads};
    api = std::make_unique<api::Api>(deps, std::move(api_options));
    components = std::make_unique<api::ComponentDirectory>(deps);
    gateway->connect(*components, *door);
    {
        const std::lock_guard lock(gate_mu);
        open_for_requests = true;
    }
    gate.notify_all();
    return write_server_file();
}

Result<void> Server::Impl::write_server_file() const {
    const json::Value file = json::Value::object(
        {{"address", http->address()}, {"pid", static_cast<std::int64_t>(::getpid())}, {"version", kVersion}});
    return os::write_file_atomic(data->file("server.json"), json::to_json(file) + "\n", 0600, false);
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(ServerConfig config) {
    std::unique_ptr<Server> server(new Server(std::make_unique<Impl>()));
    TRY(server->impl_->open(config));
    log::info("server.started",
              {{"address", server->address()}, {"data", server->data_folder()}, {"version", kVersion}});
    return server;
}

const std::string& Server::address() const { return impl_->http->address(); }
const std::string& Server::data_folder() const { return impl_->data->path(); }
const std::optional<std::string>& Server::welcome() const { return impl_->welcome; }

void Server::stop() {
    if (impl_->stopped) return;
    impl_->stopped = true;
    {
        const std::lock_guard lock(impl_->gate_mu);
        impl_->open_for_requests = true;
    }
    impl_->gate.notify_all();
    if (impl_->gateway) impl_->gateway->stop();
    if (impl_->api) impl_->api->stop();
    if (impl_->http) impl_->http->stop();
    impl_->relay.disconnect();
    if (impl_->runtime) impl_->runtime->stop();
    if (impl_->data) ::unlink(impl_->data->file("server.json").c_str());
}

}  // namespace pintle::server
