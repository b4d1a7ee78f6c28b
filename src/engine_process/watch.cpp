#include "engine_process/watch.hpp"

#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::uint64_t kInotifyToken = 0;
constexpr std::uint64_t kWakeToken = 1;
constexpr int kLookEveryMs = 200;  ///< Without inotify.

bool add(int epoll, int fd, std::uint64_t token) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = token;
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Result<std::unique_ptr<Watch>> Watch::open(const std::string& folder) {
    std::unique_ptr<Watch> watch(new Watch);
    watch->epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    watch->wake_.reset(::eventfd(0, EFD_CLOEXEC));
    if (!watch->epoll_ || !watch->wake_ || !add(watch->epoll_.get(), watch->wake_.get(), kWakeToken)) {
        return fail(os::errno_error("watch", folder, errno));
    }
    // The number of inotify instances is limited per user; without one the folder is listed now and then.
    watch->inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (watch->inotify_ && ::inotify_add_watch(watch->inotify_.get(), folder.c_str(), IN_MOVED_TO) < 0) {
        watch->inotify_.reset();
    }
    if (watch->inotify_ && !add(watch->epoll_.get(), watch->inotify_.get(), kInotifyToken)) watch->inotify_.reset();
    return watch;
}

void Watch::begin(Events events) {
    events_ = std::move(events);
    thread_ = std::thread([this] { run(); });
}

Watch::~Watch() { end(); }

void Watch::end() {
    if (!thread_.joinable()) return;
    ending_ = true;
    const std::uint64_t one = 1;
    check(::write(wake_.get(), &one, sizeof one) == static_cast<ssize_t>(sizeof one),
          "the watching thread can be woken");
    thread_.join();
}

void Watch::follow(const std::string& id, os::UniqueFd supervisor) {
    if (!supervisor) return;
    following_.with([&](Following& following) {
        const std::uint64_t token = following.next_token++;
        const int fd = supervisor.get();
        following.by_token.emplace(token, Followed{id, std::move(supervisor)});
        if (!add(epoll_.get(), fd, token)) following.by_token.erase(token);
    });
}

void Watch::run() {
    epoll_event events[64];
    while (!ending_) {
        const int count = ::epoll_wait(epoll_.get(), events, 64, inotify_ ? -1 : kLookEveryMs);
        if (ending_) return;
        // Reports first: the last one of a supervisor was written before it ended.
        read_reports();
        for (int i = 0; i < count; ++i) {
            if (events[i].data.u64 > kWakeToken) end_of(events[i].data.u64);
        }
    }
}

void Watch::end_of(std::uint64_t token) {
    const Followed ended = following_.with([&](Following& following) {
        auto node = following.by_token.extract(token);
        return node.empty() ? Followed{} : std::move(node.mapped());
    });
    if (!ended.id.empty()) events_.supervisor_ended(ended.id);
}

void Watch::read_reports() {
    if (!inotify_) return events_.missed();
    alignas(inotify_event) char buffer[16 * (sizeof(inotify_event) + NAME_MAX + 1)];
    while (true) {
        const ssize_t got = ::read(inotify_.get(), buffer, sizeof buffer);
        if (got <= 0) return;
        for (const char* at = buffer; at < buffer + got;) {
            inotify_event event{};
            std::memcpy(&event, at, sizeof event);
            const char* name = at + sizeof event;
            at = name + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                events_.missed();
            } else if (const auto report = event.len > 0 ? parse_report_name(name) : std::nullopt) {
                events_.reported(*report);
            }
        }
    }
}

}  // namespace pintle::engine_process
