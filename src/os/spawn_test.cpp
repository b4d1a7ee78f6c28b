#include "os/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "os/unique_fd.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using os::SpawnPlan;

namespace {

/// Runs a shell and gives back what it printed.
std::string said_by(SpawnPlan plan, const std::string& script) {
    const testing::TempFolder folder;
    const std::string path = folder.path() + "/out";
    const os::UniqueFd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    plan.argv = {"sh", "-c", script};
    plan.output = plan.complaints = out.get();
    const pid_t process = os::spawn(plan).value();
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
    }
    CHECK(status == 0);
    return os::read_file(path).value();
}

}  // namespace

TEST_CASE("a program has the descriptors, the folder and the variables that it is given") {
    const testing::TempFolder folder;
    REQUIRE(os::write_file_atomic(folder.path() + "/in", "hello").has_value());
    const os::UniqueFd in(::open((folder.path() + "/in").c_str(), O_RDONLY | O_CLOEXEC));
    const os::UniqueFd lock(::open((folder.path() + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ::setenv("PINTLE_TEST_SECRET", "ours", 1);
    SpawnPlan plan;
    plan.folder = folder.path();
    plan.input = in.get();
    plan.kept_open = lock.get();
    plan.environment = {{"GIVEN", "a b"}};
    CHECK(said_by(plan, "cat; echo; pwd; echo \"$GIVEN\" \"$PINTLE_TEST_SECRET\"; readlink /proc/$$/fd/3") ==
          "hello\n" + folder.path() + "\na b \n" + folder.path() + "/lock\n");
    ::unsetenv("PINTLE_TEST_SECRET");
    CHECK(said_by({}, "cat; readlink /proc/$$/fd/0; test \"$PATH\" && echo has a path") == "/dev/null\nhas a path\n");
}

TEST_CASE("a program leads its group or its session, and dies of signals that we leave alone") {
    const std::string ids = "set -- $(cut -d ' ' -f 5,6 /proc/$$/stat); "
                            "[ $1 = $$ ] && echo group; [ $2 = $$ ] && echo session; true";
    CHECK(said_by({}, ids) == "group\n");
    SpawnPlan plan;
    plan.leads = SpawnPlan::Leads::kSession;
    CHECK(said_by(plan, ids) == "group\nsession\n");

    const auto usual = ::signal(SIGPIPE, SIG_IGN);
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    for (const char* name : {"PIPE", "TERM"}) {
        CHECK(said_by({}, fmt::format("sh -c 'kill -{} $$; echo still there'; true", name)).find("still there") ==
              std::string::npos);
    }
    ::sigprocmask(SIG_UNBLOCK, &term, nullptr);
    ::signal(SIGPIPE, usual);
}

TEST_CASE("a program that is not there is told apart") {
    SpawnPlan plan;
    plan.argv = {"no-such-program-anywhere"};
    CHECK(os::spawn(plan).error().code == ErrorCode::kNotFound);
}
