#include "source/file_senders.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <list>
#include <thread>
#include <vector>

#include "base/synchronized.hpp"

namespace pintle::source {

struct FileSenders::Shared {
    struct State {
        std::list<os::Child> arriving;
        std::size_t count = 0;
        bool is_over = false;
    };
    explicit Shared(std::size_t limit) : most(limit), news(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    void poke() const {
        const std::uint64_t one = 1;
        (void)!::write(news.get(), &one, sizeof one);
    }
    void watch();

    const std::size_t most;
    const os::UniqueFd news;
    Synchronized<State> state;
    std::thread watcher;
};

void FileSenders::Shared::watch() {
    std::list<os::Child> running;
    while (true) {
        const bool is_over = state.with([&](State& now) {
            running.splice(running.end(), now.arriving);
            now.count = running.size();
            return now.is_over;
        });
        if (is_over) return;
        std::vector<pollfd> wanted{{news.get(), POLLIN, 0}};
        for (const os::Child& child : running) {
            wanted.push_back({child.ends_fd(), POLLIN, 0});
            wanted.push_back({child.reader_fd(), 0, 0});
        }
        ::poll(wanted.data(), wanted.size(), -1);
        std::uint64_t count = 0;
        (void)!::read(news.get(), &count, sizeof count);
        // Dropped, a child is killed; its reader then finds the end of the pipe.
        std::size_t at = 1;
        running.remove_if([&](const os::Child&) {
            const bool is_done = wanted[at].revents != 0 || wanted[at + 1].revents != 0;
            at += 2;
            return is_done;
        });
    }
}

FileSenders::FileSenders(std::size_t most) : shared_(std::make_unique<Shared>(most)) {
    shared_->watcher = std::thread([shared = shared_.get()] { shared->watch(); });
}

FileSenders::~FileSenders() {
    shared_->state.with([](Shared::State& now) { now.is_over = true; });
    shared_->poke();
    shared_->watcher.join();
}

Result<void> FileSenders::check_room() const {
    const bool has_room = shared_->state.with([&](const Shared::State& now) { return now.count < shared_->most; });
    if (has_room) return {};
    return fail(ErrorCode::kUnavailable, "{} files of servers are being downloaded already; try again in a moment",
                shared_->most);
}

os::UniqueFd FileSenders::keep(os::Child child) {
    os::UniqueFd output = std::move(child.output());
    shared_->state.with([&](Shared::State& now) {
        now.arriving.push_back(std::move(child));
        ++now.count;
    });
    shared_->poke();
    return output;
}

}  // namespace pintle::source
