#include "sim/selftest_command.hpp"

#include <unistd.h>

#include <cstdio>

#include "base/text.hpp"
#include "sim/simulator.hpp"

namespace pintle::sim {

std::string selftest_help() {
    return "Usage: pintle selftest [--seed N] [--steps M] [--runs K]\n"
           "\n"
           "Runs Pintle's own core, shell and database against a simulated engine, clock and users, with crashes, "
           "full\n"
           "disks and lost messages, and checks after every step that nothing promised is broken. The same seed gives "
           "the\n"
           "same run. Uses a temporary folder and touches nothing else.\n"
           "\n"
           "  --seed N    the first seed                 (default: 1)\n"
           "  --steps M   steps of each run              (default: 1000)\n"
           "  --runs K    runs, with seeds N, N+1, …     (default: 1)\n"
           "\n"
           "Example: pintle selftest --seed 7 --steps 5000\n";
}

int selftest_command(const std::vector<std::string>& arguments) {
    SimOptions options;
    std::int64_t runs = 1;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--help" || word == "-h") {
            std::fputs(selftest_help().c_str(), stdout);
            return 0;
        }
        const auto number = i + 1 < arguments.size() ? parse_int(arguments[i + 1]) : std::nullopt;
        const bool known = word == "--seed" || word == "--steps" || word == "--runs";
        if (!known || !number || *number < 0 || *number > 1'000'000'000) {
            std::fprintf(stderr,
                         known ? "pintle selftest: %s needs a whole number\n"
                               : "pintle selftest: unknown option %s; see pintle selftest --help\n",
                         word.c_str());
            return 2;
        }
        if (word == "--seed") options.seed = static_cast<std::uint64_t>(*number);
        if (word == "--steps") options.steps = static_cast<int>(*number);
        if (word == "--runs") runs = *number;
        ++i;
    }
    for (std::int64_t run = 0; run < runs; ++run, ++options.seed) {
        const auto report = simulate(options);
        if (!report) {
            std::fprintf(stderr, "%s\n", report.error().message.c_str());
            return 1;
        }
        std::printf(
            "seed %llu: %d steps, %d jobs (%d complete, %d error, %d stopped), %d crashes, %d full disks; every "
            "promise held  [%016llx]\n",
            static_cast<unsigned long long>(options.seed), options.steps, report->jobs, report->complete, report->error,
            report->stopped, report->crashes, report->failed_commits, static_cast<unsigned long long>(report->hash));
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace pintle::sim
