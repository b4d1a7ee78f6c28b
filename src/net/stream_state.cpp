#include "net/stream_state.hpp"

#include <utility>

#include "net/mailbox.hpp"

namespace pintle::net {

StreamState::StreamState(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection,
                         std::size_t limit_bytes)
    : mailbox_(std::move(mailbox)), connection_(std::move(connection)), limit_bytes_(limit_bytes) {}

bool StreamState::write(std::string chunk) {
    bool fits = true;
    {
        const std::lock_guard lock(mu_);
        if (closed_) return false;
        fits = pending_.size() + in_flight_bytes_ + chunk.size() <= limit_bytes_;
        if (fits) {
            if (pending_.empty()) {
                pending_ = std::move(chunk);
            } else {
                pending_ += chunk;
            }
            if (std::exchange(flush_posted_, true)) return true;
        } else {
            closed_ = cut_ = true;
            pending_ = {};
            changed_.notify_all();
        }
    }
    const Mail::Kind kind = fits ? Mail::Kind::kFlush : Mail::Kind::kCut;
    mailbox_->post({kind, connection_, 0, {}, shared_from_this()});
    return fits;
}

void StreamState::close() {
    {
        const std::lock_guard lock(mu_);
        if (std::exchange(closed_, true)) return;
        changed_.notify_all();
    }
    mailbox_->post({Mail::Kind::kFlush, connection_, 0, {}, shared_from_this()});
}

std::size_t StreamState::queued_bytes() const {
    const std::lock_guard lock(mu_);
    return pending_.size() + in_flight_bytes_;
}

bool StreamState::wait_below(std::size_t bytes, Duration patience) {
    std::unique_lock lock(mu_);
    changed_.wait_for(lock, patience, [&] { return closed_ || pending_.size() + in_flight_bytes_ <= bytes; });
    return !closed_ && pending_.size() + in_flight_bytes_ <= bytes;
}

bool StreamState::closed() const {
    const std::lock_guard lock(mu_);
    return closed_;
}

void StreamState::on_closed(std::function<void()> callback) {
    {
        const std::lock_guard lock(mu_);
        if (!ended_) {
            std::swap(on_closed_, callback);
            return;
        }
    }
    if (callback) callback();
}

std::string StreamState::take() {
    const std::lock_guard lock(mu_);
    flush_posted_ = false;
    in_flight_bytes_ = pending_.size();
    return std::exchange(pending_, {});
}

void StreamState::written() {
    const std::lock_guard lock(mu_);
    in_flight_bytes_ = 0;
    changed_.notify_all();
}

bool StreamState::drained() const {
    const std::lock_guard lock(mu_);
    return closed_ && !cut_ && pending_.empty() && in_flight_bytes_ == 0;
}

void StreamState::end() {
    std::function<void()> callback;
    {
        const std::lock_guard lock(mu_);
        closed_ = true;
        ended_ = true;
        pending_ = {};
        in_flight_bytes_ = 0;
        std::swap(callback, on_closed_);
        changed_.notify_all();
    }
    if (callback) callback();
}

}  // namespace pintle::net
