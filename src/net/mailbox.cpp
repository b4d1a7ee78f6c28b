#include "net/mailbox.hpp"

#include <utility>

namespace pintle::net {

bool Mailbox::post(Mail mail) {
    const std::lock_guard lock(mu_);
    if (closed_) return false;
    mail_.push_back(std::move(mail));
    // Under the lock, so that close() cannot return while somebody is about to wake a thread that is gone.
    if (mail_.size() == 1) wake_();
    return true;
}

std::vector<Mail> Mailbox::take() {
    const std::lock_guard lock(mu_);
    return std::exchange(mail_, {});
}

void Mailbox::close() {
    const std::lock_guard lock(mu_);
    closed_ = true;
}

}  // namespace pintle::net
