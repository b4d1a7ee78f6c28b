#include "engine_process/sweeper.hpp"

#include <set>

#include "base/log.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {

Sweeper::Sweeper(std::string folder) : folder_(std::move(folder)), thread_([this] { run(); }) { sweep(); }

Sweeper::~Sweeper() {
    ending_ = true;
    wakes_.close();
    thread_.join();
}

void Sweeper::sweep() {
    // Refused when it will look anyway.
    (void)wakes_.push(true);
}

void Sweeper::run() {
    std::set<std::string> stuck;
    while (wakes_.pop()) {
        const auto names = os::list_folder(folder_);
        if (!names) continue;
        for (const std::string& name : *names) {
            if (ending_) return;
            if (stuck.count(name) > 0) continue;
            const auto removed = os::remove_tree(folder_ + "/" + name);
            if (removed) continue;
            log::error("engine.sweep_failed", {{"error", removed.error().message}});
            stuck.insert(name);
        }
    }
}

}  // namespace pintle::engine_process
