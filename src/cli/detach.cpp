#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

#include "cli/follow.hpp"

namespace pintle::cli {
namespace {

// A signal handler reaches nothing but statics; written before the handler is installed.
std::array<char, 512> hint_text{};
std::size_t hint_size = 0;

extern "C" void detach(int) {
    [[maybe_unused]] const ssize_t put = ::write(STDERR_FILENO, hint_text.data(), hint_size);
    ::_exit(130);
}

}  // namespace

DetachOnInterrupt::DetachOnInterrupt(bool enabled, std::string_view hint) : enabled_(enabled) {
    if (!enabled_) return;
    hint_size = std::min(hint.size(), hint_text.size());
    std::memcpy(hint_text.data(), hint.data(), hint_size);
    std::signal(SIGINT, detach);
}

DetachOnInterrupt::~DetachOnInterrupt() {
    if (enabled_) std::signal(SIGINT, SIG_DFL);
}

}  // namespace pintle::cli
