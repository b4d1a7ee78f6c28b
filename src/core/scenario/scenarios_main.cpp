#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// scenarios [--steps] [PATH…]: runs the scenarios of the files or folders, by default of tests/scenarios, and prints
// those that fail. --only WORD runs those whose name has the word. tests/scenarios/README.md tells how to write one.

namespace {

using namespace pintle;
using namespace pintle::core::scenario;

std::string g_where;  ///< For a core that aborts: which step it was at.

void tell_where(int) {
    std::fprintf(stderr, "aborted at %s\n", g_where.c_str());
    std::_Exit(1);
}

struct Tally {
    int run = 0;
    int failed = 0;
};

void tell(const ScenarioFile& file, const Scenario& scenario, const Step& step, const std::string& message) {
    fmt::print("{}:{}: in \"{}\"\n  {} {}\n  {}\n", file.path, step.line, scenario.name, step.keyword, step.text,
        replace_all(message, "\n", "\n  "));
}

// What was refused must be said to be in the next step.
Result<void> run_one(World& world, const Scenario& scenario, std::size_t at) {
    const Step& step = scenario.steps[at];
    if (!expects_refusal(step)) world.set_refusal(std::nullopt);
    TRY(run_step(world, step));
    TRY(world.check_laws());
    const bool is_expected = expects_refusal(step) ||
        (at + 1 < scenario.steps.size() && expects_refusal(scenario.steps[at + 1]));
    if (world.refusal() && !is_expected) {
        return fail(ErrorCode::kConflict, "this was refused: {}", world.refusal()->message);
    }
    return {};
}

bool run(const ScenarioFile& file, const Scenario& scenario) {
    World world;
    for (std::size_t at = 0; at < scenario.steps.size(); ++at) {
        g_where = fmt::format("{}:{}: in \"{}\"", file.path, scenario.steps[at].line, scenario.name);
        if (const auto done = run_one(world, scenario, at); !done) {
            tell(file, scenario, scenario.steps[at], done.error().message);
            return false;
        }
    }
    // Whatever has happened, a restart changes nothing.
    if (const auto done = world.restart(); !done) {
        tell(file, scenario, {"And", "the server restarts (after every scenario)", scenario.line},
            done.error().message);
        return false;
    }
    return true;
}

bool run_file(const std::string& path, const std::string& only, Tally& tally) {
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto file = parse_scenarios(path, text);
    if (!in || !file) {
        fmt::print("{}\n", file ? fmt::format("{}: cannot be read", path) : file.error().message);
        return false;
    }
    for (const Scenario& scenario : file->scenarios) {
        if (scenario.name.find(only) == std::string::npos) continue;
        tally.run += 1;
        tally.failed += run(*file, scenario) ? 0 : 1;
    }
    return true;
}

std::vector<std::string> files_of(const std::string& path) {
    if (!std::filesystem::is_directory(path)) return {path};
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        if (entry.path().extension() == ".scenario") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> paths;
    std::string only;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--steps") {
            for (const StepDefinition& step : all_steps()) fmt::print("{}\n", step.pattern.text());
            return 0;
        }
        if (argument == "--only" && i + 1 < argc) {
            only = argv[++i];
        } else {
            paths.push_back(argument);
        }
    }
    if (paths.empty()) paths.push_back(PINTLE_SOURCE_DIR "/tests/scenarios");
    std::signal(SIGABRT, tell_where);
    Tally tally;
    bool readable = true;
    for (const std::string& path : paths) {
        for (const std::string& file : files_of(path)) readable = run_file(file, only, tally) && readable;
    }
    fmt::print("{}, {} failed\n", count_of(tally.run, "scenario"), tally.failed);
    return tally.failed == 0 && tally.run > 0 && readable ? 0 : 1;
}
