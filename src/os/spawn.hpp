#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "os/unique_fd.hpp"

namespace pintle::os {

/// How a helper program is started: with nothing of ours but what is said here. Signals are as a program finds them at
/// a terminal, whatever this process does about its own.
struct SpawnPlan {
    std::vector<std::string> argv;  ///< argv[0] is a path, or looked up on PATH.
    /// Its variables; and PATH, HOME, LANG, TMPDIR, SSL_CERT_FILE and SSL_CERT_DIR of ours where they are not given.
    std::vector<std::pair<std::string, std::string>> environment;
    std::string folder;   ///< Where it runs; empty: where we are.
    int input = -1;       ///< Becomes its standard input, which is empty otherwise.
    int output = -1;      ///< Becomes its standard output,
    int complaints = -1;  ///< and this its standard error. -1: what we have.
    int kept_open = -1;   ///< A descriptor of ours that it and all it starts have as 3: a lock on what it changes, say.
    /// kGroup: it leads a process group, so that all it starts can be killed together. kSession: a session, so that
    /// nothing that ends us ends it.
    enum class Leads { kGroup, kSession } leads = Leads::kGroup;
};

/// Starts it; the caller waits for it. Any thread. Fails with kNotFound when there is no such program.
[[nodiscard]] Result<pid_t> spawn(const SpawnPlan& plan);

/// A file in memory for a program's standard input, read from its beginning.
[[nodiscard]] Result<UniqueFd> input_of(std::string_view text);

}  // namespace pintle::os
