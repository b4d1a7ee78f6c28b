#include "net/proxy_server.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/bounded_queue.hpp"
#include "base/check.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/rng.hpp"
#include "net/listen.hpp"
#include "net/proxy_connection.hpp"

namespace pintle::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kSpareRefusals = 64;  // connections over the maximum that still get an answer
constexpr std::size_t kFdShare = 4;    // a quarter of the files that may be open is the proxy's
constexpr Duration kAcceptRetry(100);

}  // namespace

class ProxyServer::Impl final : public ProxyHost {
public:
    Impl(Options options, Decide decide)
        : options_(std::move(options)), decide_(std::move(decide)), queue_(options_.request_queue) {}
    ~Impl() override { stop(); }

    Result<void> open();
    void stop();
    [[nodiscard]] const std::string& address() const { return address_; }

    bool decide(Request head, std::shared_ptr<ProxyConnection> connection) override;
    void recheck(std::function<bool()> may_go_on, std::shared_ptr<ProxyConnection> connection) override;
    bool begin_exchange(const std::string& key) override;
    void end_exchange(const std::string& key) override;
    const Options& options() const override { return options_; }
    std::string new_request_id() override { return make_ulid(clock_.now(), rng_.next(), rng_.next()); }
    Time now() const override { return clock_.now(); }
    asio::io_context& io() override { return io_; }
    void forget(ProxyConnection& connection) override;

private:
    void run_worker();
    [[nodiscard]] Verdict verdict_on(const Request& head) const;
    void accept();
    void accepted(Socket socket);
    void sweep_later();
    void sweep();
    void close_all();

    Options options_;
    const Decide decide_;
    std::string address_;
    BoundedQueue<std::function<void()>> queue_;
    std::mutex stop_mu_;  // one stop() at a time
    std::vector<std::thread> workers_;
    std::thread io_thread_;

    // I/O thread, once it runs:
    asio::io_context io_{1};
    asio::executor_work_guard<IoExecutor> work_{io_.get_executor()};
    Acceptor acceptor_{io_};
    Timer sweep_timer_{io_};
    Timer accept_timer_{io_};
    Duration sweep_period_{0};
    bool sweeping_ = false;
    bool stopping_ = false;
    std::vector<std::shared_ptr<ProxyConnection>> connections_;
    std::map<std::string, std::size_t> exchanges_;  // by key
    Rng rng_{(static_cast<std::uint64_t>(std::random_device{}()) << 32) ^ std::random_device{}()};
    SystemClock clock_;
};

Result<void> ProxyServer::Impl::open() {
    check(options_.worker_threads > 0 && options_.max_connections > 0, "a proxy needs a worker and a connection");
    // Each connection may need a second one to the other server.
    options_.max_connections =
        std::min(options_.max_connections, std::max<std::size_t>(raise_fd_limit() / kFdShare, 16));
    const Duration shortest = std::min({options_.request_timeout, options_.idle_timeout, options_.connect_timeout,
                                        options_.stall_timeout, options_.half_closed_timeout, options_.recheck});
    sweep_period_ = std::clamp(shortest / 4, Duration(5), Duration(250));
    TRY(listen_at(acceptor_, options_.listen));
    error_code ec;
    address_ = to_text(acceptor_.local_endpoint(ec));
    accept();
    io_thread_ = std::thread([this] { io_.run(); });
    for (std::size_t i = 0; i < options_.worker_threads; ++i) workers_.emplace_back([this] { run_worker(); });
    return {};
}

void ProxyServer::Impl::run_worker() {
    while (auto work = queue_.pop()) (*work)();
}

ProxyServer::Verdict ProxyServer::Impl::verdict_on(const Request& head) const {
    // Decisions use libraries that throw.
    try {
        return decide_(head);
    } catch (const std::exception& e) {
        log::error("proxy.decision_threw", {{"request_id", head.request_id}, {"what", e.what()}});
    } catch (...) {
        log::error("proxy.decision_threw", {{"request_id", head.request_id}});
    }
    return fault_response({500, "internal", "the server failed to answer this request; its log says more"},
                          head.request_id);
}

bool ProxyServer::Impl::decide(Request head, std::shared_ptr<ProxyConnection> connection) {
    return queue_.push([this, head = std::move(head), connection = std::move(connection)]() mutable {
        asio::post(io_, [verdict = verdict_on(head), connection = std::move(connection)]() mutable {
            connection->decided(std::move(verdict));
        });
    });
}

void ProxyServer::Impl::recheck(std::function<bool()> may_go_on, std::shared_ptr<ProxyConnection> connection) {
    const std::uint64_t turn = connection->turn();
    // When too much waits the question comes again soon.
    (void)queue_.push([this, turn, may_go_on = std::move(may_go_on), connection = std::move(connection)]() mutable {
        bool may = false;
        try {
            may = may_go_on();
        } catch (const std::exception& e) {
            log::error("proxy.recheck_threw", {{"what", e.what()}});
        }
        if (may) return asio::post(io_, [connection = std::move(connection)] {});  // It ends on its own thread.
        asio::post(io_, [turn, connection = std::move(connection)] { connection->cut(turn); });
    });
}

bool ProxyServer::Impl::begin_exchange(const std::string& key) {
    std::size_t& count = exchanges_[key];
    if (count >= options_.max_exchanges_per_key) return false;
    ++count;
    return true;
}

void ProxyServer::Impl::end_exchange(const std::string& key) {
    const auto found = exchanges_.find(key);
    if (found != exchanges_.end() && --found->second == 0) exchanges_.erase(found);
}

void ProxyServer::Impl::accept() {
    acceptor_.async_accept([this](error_code ec, Socket socket) {
        if (stopping_) return;
        if (!ec) {
            accepted(std::move(socket));
        } else if (ec != asio::error::connection_aborted) {
            // Out of descriptors or memory: trying at once would spin.
            log::warn("proxy.accept_failed", {{"reason", ec.message()}});
            accept_timer_.expires_after(kAcceptRetry);
            accept_timer_.async_wait([this](error_code cancelled) {
                if (!cancelled && !stopping_) accept();
            });
            return;
        }
        accept();
    });
}

void ProxyServer::Impl::accepted(Socket socket) {
    if (connections_.size() >= options_.max_connections + kSpareRefusals) return;
    std::string remote = set_up(socket);
    if (remote.empty()) return;
    const auto connection = std::make_shared<ProxyConnection>(std::move(socket), std::move(remote), *this);
    connection->index = connections_.size();
    connections_.push_back(connection);
    sweep_later();
    if (connections_.size() > options_.max_connections) {
        connection->refuse({503, "exhausted", "there are as many connections as there may be; try again in a moment"});
    } else {
        connection->start();
    }
}

void ProxyServer::Impl::forget(ProxyConnection& connection) {
    const std::size_t index = connection.index;
    std::swap(connections_[index], connections_.back());
    connections_[index]->index = index;
    connections_.pop_back();
}

void ProxyServer::Impl::sweep_later() {
    if (connections_.empty() || std::exchange(sweeping_, true)) return;
    sweep_timer_.expires_after(sweep_period_);
    sweep_timer_.async_wait([this](error_code ec) {
        sweeping_ = false;
        if (!ec && !stopping_) sweep();
    });
}

void ProxyServer::Impl::sweep() {
    const SteadyTime now = std::chrono::steady_clock::now();
    // Backwards, because closing one moves the last into its place.
    for (std::size_t i = connections_.size(); i-- > 0;) {
        const auto connection = connections_[i];
        connection->check_time(now);
    }
    sweep_later();
}

void ProxyServer::Impl::close_all() {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    sweep_timer_.cancel();
    const auto connections = connections_;
    for (const auto& connection : connections) connection->close();
    work_.reset();
}

void ProxyServer::Impl::stop() {
    const std::lock_guard lock(stop_mu_);
    if (!io_thread_.joinable()) return;
    queue_.close();
    for (std::thread& worker : workers_) worker.join();
    asio::post(io_, [this] { close_all(); });
    io_thread_.join();
}

ProxyServer::ProxyServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProxyServer::~ProxyServer() = default;

Result<std::unique_ptr<ProxyServer>> ProxyServer::open(Options options, Decide decide) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(decide));
    TRY(impl->open());
    return std::unique_ptr<ProxyServer>(new ProxyServer(std::move(impl)));
}

const std::string& ProxyServer::address() const { return impl_->address(); }
void ProxyServer::stop() { impl_->stop(); }

}  // namespace pintle::net
