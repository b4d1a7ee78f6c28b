// pintle: one program that is the server, the command line, and the helper processes of its engines.
#include <cstdio>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/cli.hpp"
#include "engine_container/log_keeper.hpp"
#include "engine_process/launcher.hpp"
#include "engine_process/supervisor.hpp"
#include "nfs_mount/nfs_files_program.hpp"
#include "nfs_mount/nfs_mount.hpp"
#include "server/serve_command.hpp"
#include "server/version.hpp"
#include "sim/selftest_command.hpp"

namespace {

using namespace pintle;

// Hidden: `supervise --launcher SOCKET` is what the process engine starts, `supervise RUN_FOLDER ATTEMPT` runs one
// attempt by hand.
int supervise_command(const std::vector<std::string>& arguments) {
    if (arguments.size() == 2 && arguments[0] == "--launcher") {
        if (const auto socket = parse_int(arguments[1]); socket && *socket > 2 && *socket < 1 << 20)
            return engine_process::run_launcher(static_cast<int>(*socket));
    }
    if (arguments.size() == 2 && !arguments[0].starts_with('-')) {
        engine_process::block_supervisor_signals();
        return engine_process::run_supervisor(arguments[0], arguments[1]);
    }
    std::fputs("pintle supervise is started by the server: supervise RUN_FOLDER ATTEMPT\n", stderr);
    return 2;
}

cli::ExtraCommand extra(std::string word, std::string summary, std::string help,
                        int (*run)(const std::vector<std::string>&)) {
    cli::ExtraCommand command;
    command.spec.words = {word};
    command.spec.summary = std::move(summary);
    command.spec.details = std::move(help);
    command.spec.examples = {"pintle " + word};
    command.spec.takes_rest = true;
    command.run = [run](const cli::Arguments& arguments) { return run(arguments.all("REST")); };
    return command;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::vector<std::string> rest(words.empty() ? words.end() : words.begin() + 1, words.end());
    // The helper processes go past everything the command line sets up.
    if (!words.empty() && words[0] == "keep-log") return engine_container::run_log_keeper(rest);
    if (!words.empty() && words[0] == "supervise") return supervise_command(rest);
    if (!words.empty() && words[0] == "nfs-files") return nfs_mount::run_nfs_files(rest);
    if (!words.empty() && words[0] == "mount-nfs") return nfs_mount::run_nfs_mount(rest);
    if (!words.empty() && words[0] == "serve") return server::serve_command(rest);
    if (!words.empty() && words[0] == "selftest") return sim::selftest_command(rest);
    cli::CliDeps deps = cli::system_deps();
    deps.version = server::kVersion;
    deps.extra.push_back(extra("serve", "Run the server", server::serve_help(), server::serve_command));
    deps.extra.push_back(extra("selftest", "Prove on this machine that nothing promised breaks under faults",
                               sim::selftest_help(), sim::selftest_command));
    return cli::run_cli(words, deps);
}
