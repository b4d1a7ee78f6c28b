#include "net/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/bounded_queue.hpp"
#include "base/check.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "net/connection.hpp"
#include "net/listen.hpp"
#include "net/mailbox.hpp"
#include "net/stream_state.hpp"
#include "net/wire.hpp"

namespace pintle::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kSpareFds = 64;      // for files, databases, children beside the connections
constexpr std::size_t kSpareRefusals = 64; // connections over the maximum that still get an answer
constexpr Duration kAcceptRetry(100);

}  // namespace

class HttpServer::Impl final : public ConnectionHost {
public:
    Impl(Options options, Handler handler)
        : options_(std::move(options)), handler_(std::move(handler)), queue_(options_.request_queue) {}
    ~Impl() override { stop(); }

    Result<void> open();
    Result<void> open_side_door(const std::string& address);
    void close_side_door(const std::string& address);
    void stop();
    [[nodiscard]] const std::string& address() const { return address_; }

    bool dispatch(Request request, std::shared_ptr<Connection> connection, std::uint64_t exchange) override;
    const Options& options() const override { return options_; }
    std::string new_request_id() override;
    const std::string& date() override;
    bool stopping() const override { return stopping_; }
    void forget(Connection& connection) override;

private:
    struct Job {
        Request request;
        Responder responder;
    };

    void start_threads();
    void run_worker();
    void handle(Job job);
    /// A place where it listens; I/O thread, once it accepts.
    struct Door {
        explicit Door(asio::io_context& io) : acceptor(io), timer(io) {}
        Acceptor acceptor;
        Timer timer;
        void close() {
            error_code ignored;
            acceptor.close(ignored);
            timer.cancel();
        }
    };
    Result<std::shared_ptr<Door>> make_door(const std::string& place, bool may_be_absent);
    void accept(const std::shared_ptr<Door>& door);
    void accepted(Socket socket);
    void read_mail();
    void deliver(Mail mail);
    void begin_stop();
    void arm_sweep();
    void sweep();
    void finish_when_empty();

    // Constant once open:
    Options options_;
    const Handler handler_;
    std::string address_;
    Duration sweep_period_{};
    std::shared_ptr<Mailbox> mailbox_;

    // Any thread:
    BoundedQueue<Job> queue_;
    std::atomic<bool> discard_{false};  // workers drop what is still queued
    std::mutex stop_mu_;                // one stop() at a time
    std::vector<std::thread> workers_;
    std::thread io_thread_;

    // I/O thread, once it runs:
    asio::io_context io_{1};
    asio::executor_work_guard<IoExecutor> work_{io_.get_executor()};
    std::shared_ptr<Door> main_door_;
    std::map<std::string, std::shared_ptr<Door>> side_doors_;
    Timer sweep_timer_{io_};
    bool sweeping_ = false;
    bool stopping_ = false;
    SteadyTime stop_deadline_ = SteadyTime::max();
    std::vector<std::shared_ptr<Connection>> connections_;
    Rng rng_{(static_cast<std::uint64_t>(std::random_device{}()) << 32) ^ std::random_device{}()};
    SystemClock clock_;
    std::int64_t date_second_ = -1;
    std::string date_;
};

Result<void> HttpServer::Impl::open() {
    check(options_.worker_threads > 0 && options_.max_connections > 0, "a server needs a worker and a connection");
    const std::size_t fds = raise_fd_limit();
    options_.max_connections = std::min(options_.max_connections, std::max(fds, 2 * kSpareFds) - kSpareFds);
    const Duration shortest =
        std::min({options_.request_timeout, options_.idle_timeout, options_.write_timeout, options_.stop_grace});
    sweep_period_ = std::clamp(shortest / 4, Duration(5), Duration(250));

    main_door_ = TRY(make_door(options_.listen, false));
    error_code ignored;
    address_ = to_text(main_door_->acceptor.local_endpoint(ignored));
    mailbox_ = std::make_shared<Mailbox>([this] { asio::post(io_, [this] { read_mail(); }); });
    accept(main_door_);
    start_threads();
    return {};
}

Result<std::shared_ptr<HttpServer::Impl::Door>> HttpServer::Impl::make_door(const std::string& place,
                                                                            bool may_be_absent) {
    auto door = std::make_shared<Door>(io_);
    TRY(listen_at(door->acceptor, place, may_be_absent));
    return door;
}

Result<void> HttpServer::Impl::open_side_door(const std::string& address) {
    const auto door = TRY(make_door(address, true));
    asio::post(io_, [this, address, door] {
        if (stopping_) return door->close();
        side_doors_[address] = door;
        accept(door);
    });
    return {};
}

void HttpServer::Impl::close_side_door(const std::string& address) {
    asio::post(io_, [this, address] {
        const auto at = side_doors_.find(address);
        if (at == side_doors_.end()) return;
        at->second->close();
        side_doors_.erase(at);
    });
}

void HttpServer::Impl::start_threads() {
    io_thread_ = std::thread([this] { io_.run(); });
    for (std::size_t i = 0; i < options_.worker_threads; ++i) workers_.emplace_back([this] { run_worker(); });
}

void HttpServer::Impl::run_worker() {
    while (std::optional<Job> job = queue_.pop()) {
        if (!discard_) handle(std::move(*job));
    }
}

void HttpServer::Impl::handle(Job job) {
    const std::string request_id = job.request.request_id;
    // Handlers use libraries that throw; the responder is destroyed on the way, which answers 500.
    try {
        handler_(std::move(job.request), std::move(job.responder));
    } catch (const std::exception& e) {
        log::error("http.handler_threw", {{"request_id", request_id}, {"what", e.what()}});
    } catch (...) {
        log::error("http.handler_threw", {{"request_id", request_id}});
    }
}

bool HttpServer::Impl::dispatch(Request request, std::shared_ptr<Connection> connection, std::uint64_t exchange) {
    // Only this thread adds, so there is still room when push() looks.
    if (queue_.size() >= options_.request_queue) return false;
    return queue_.push(
        {std::move(request), Responder(mailbox_, connection, exchange, options_.stream_queue_limit_bytes)});
}

std::string HttpServer::Impl::new_request_id() { return make_ulid(clock_.now(), rng_.next(), rng_.next()); }

const std::string& HttpServer::Impl::date() {
    const std::int64_t second = to_ms(clock_.now()) / 1000;
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(clock_.now());
    }
    return date_;
}

void HttpServer::Impl::accept(const std::shared_ptr<Door>& door) {
    door->acceptor.async_accept([this, door](error_code ec, Socket socket) {
        if (stopping_ || !door->acceptor.is_open()) return;
        if (!ec) {
            accepted(std::move(socket));
        } else if (ec != asio::error::connection_aborted) {
            // Out of descriptors or memory: trying at once would spin.
            log::warn("http.accept_failed", {{"reason", ec.message()}});
            door->timer.expires_after(kAcceptRetry);
            door->timer.async_wait([this, door](error_code cancelled) {
                if (!cancelled && !stopping_) accept(door);
            });
            return;
        }
        accept(door);
    });
}

void HttpServer::Impl::accepted(Socket socket) {
    if (connections_.size() >= options_.max_connections + kSpareRefusals) return;
    std::string remote = set_up(socket);
    if (remote.empty()) return;
    const auto connection = std::make_shared<Connection>(std::move(socket), std::move(remote), *this);
    connection->index = connections_.size();
    connections_.push_back(connection);
    arm_sweep();
    if (connections_.size() > options_.max_connections) {
        connection->refuse(
            {503, "exhausted", "the server has as many connections as it may have; try again in a moment"});
    } else {
        connection->start();
    }
}

void HttpServer::Impl::forget(Connection& connection) {
    const std::size_t index = connection.index;
    std::swap(connections_[index], connections_.back());
    connections_[index]->index = index;
    connections_.pop_back();
    finish_when_empty();
}

void HttpServer::Impl::read_mail() {
    for (Mail& mail : mailbox_->take()) deliver(std::move(mail));
}

void HttpServer::Impl::deliver(Mail mail) {
    if (mail.kind == Mail::Kind::kStop) return begin_stop();
    const std::shared_ptr<Connection> connection = mail.to.lock();
    if (!connection) {
        if (mail.stream) mail.stream->end();
        return;
    }
    switch (mail.kind) {
        case Mail::Kind::kAnswer: return connection->answer(mail.exchange, std::move(mail.response));
        case Mail::Kind::kStream:
            if (!connection->begin_stream(mail.exchange, std::move(mail.response), mail.stream)) mail.stream->end();
            return;
        case Mail::Kind::kFlush: return connection->flush(mail.stream.get());
        case Mail::Kind::kCut: return connection->cut(mail.stream.get());
        case Mail::Kind::kStop: return;
    }
}

void HttpServer::Impl::begin_stop() {
    stopping_ = true;
    stop_deadline_ = std::chrono::steady_clock::now() + options_.stop_grace;
    main_door_->close();
    for (const auto& [address, door] : side_doors_) door->close();
    side_doors_.clear();
    const auto connections = connections_;
    for (const auto& connection : connections) connection->wind_down();
    finish_when_empty();
}

void HttpServer::Impl::arm_sweep() {
    if (std::exchange(sweeping_, true)) return;
    sweep_timer_.expires_after(sweep_period_);
    sweep_timer_.async_wait([this](error_code ec) {
        sweeping_ = false;
        if (!ec) sweep();
    });
}

void HttpServer::Impl::sweep() {
    const SteadyTime now = std::chrono::steady_clock::now();
    // Backwards, because closing one moves the last into its place.
    for (std::size_t i = connections_.size(); i-- > 0;) {
        const auto connection = connections_[i];
        if (now >= stop_deadline_) {
            connection->close();
        } else {
            connection->check_deadline(now);
        }
    }
    if (!connections_.empty()) arm_sweep();
}

void HttpServer::Impl::finish_when_empty() {
    if (!stopping_ || !connections_.empty()) return;
    sweep_timer_.cancel();
    work_.reset();
}

void HttpServer::Impl::stop() {
    const std::lock_guard lock(stop_mu_);
    if (!io_thread_.joinable()) return;
    mailbox_->post({Mail::Kind::kStop, {}, 0, {}, nullptr});
    io_thread_.join();
    mailbox_->close();
    discard_ = true;
    queue_.close();
    for (std::thread& worker : workers_) worker.join();
    for (Mail& mail : mailbox_->take()) {
        if (mail.stream) mail.stream->end();
    }
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::open(Options options, Handler handler) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
    TRY(impl->open());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

const std::string& HttpServer::address() const { return impl_->address(); }
Result<void> HttpServer::open_side_door(const std::string& address) { return impl_->open_side_door(address); }
void HttpServer::close_side_door(const std::string& address) { impl_->close_side_door(address); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace pintle::net
