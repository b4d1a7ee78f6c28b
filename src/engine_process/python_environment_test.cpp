#include "engine_process/python_environment.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

bool has_python() {
    const auto python = find_python();
    if (!python) MESSAGE("left out: " << python.error().message);
    return python.has_value();
}

/// A package file as pip takes it, with one module that has an answer.
std::string a_wheel(const std::string& folder) {
    const std::string path = folder + "/answer-1.0-py3-none-any.whl";
    const std::string program =
        "import sys, zipfile\n"
        "with zipfile.ZipFile(sys.argv[1], 'w') as z:\n"
        "    z.writestr('answer.py', 'value = 42\\n')\n"
        "    z.writestr('answer-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: answer\\nVersion: 1.0\\n')\n"
        "    z.writestr('answer-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: "
        "true\\nTag: py3-none-any\\n')\n"
        "    z.writestr('answer-1.0.dist-info/RECORD', '')\n";
    REQUIRE(os::run({.argv = {find_python().value().program, "-c", program, path}}).value().exit_code == 0);
    return path;
}

}  // namespace

TEST_CASE("an environment is named by its requirements and its Python") {
    const Python python{"/usr/bin/python3", "3.11.2"};
    CHECK(environment_key(python, "a==1\n") == environment_key(python, "a==1\r\n"));
    CHECK(environment_key(python, "a==1\n") != environment_key(python, "a==2\n"));
    CHECK(environment_key(python, "a") != environment_key({"/usr/bin/python3", "3.12.0"}, "a"));
    CHECK(environment_key(python, "a").size() == 40);
}

TEST_CASE("an error shows the last lines that say something") {
    CHECK(last_lines("a\n\nb\n  c  \n\n", 2) == "b\nc");
    CHECK(last_lines("", 3).empty());
}

TEST_CASE("packages are installed once, for all who ask at the same time, and can be imported") {
    if (!has_python()) return;
    const testing::TempFolder folder;
    const std::string requirements = "--no-index\n# a comment\n" + a_wheel(folder.path()) + "\n";
    const PythonEnvironments environments(folder.path() + "/cache");
    std::atomic<int> installed{0};
    const auto prepare = [&] {
        return environments.prepare(requirements, [&](const std::string& sentence) {
            installed += sentence == "installing 1 Python package with pip" ? 1 : 0;
        });
    };
    std::string other;
    std::thread second([&] { other = prepare().value_or(std::string()); });
    const auto path = prepare();
    second.join();
    REQUIRE_MESSAGE(path.has_value(), path.error().message);
    CHECK(other == *path);
    CHECK(installed == 1);
    CHECK(prepare().value() == *path);
    CHECK(installed == 1);
    CHECK(os::run({.argv = {*path + "/bin/python", "-c", "import answer; print(answer.value)"}}).value().output ==
          "42\n");
}

TEST_CASE("an environment that was left unfinished is made anew") {
    if (!has_python()) return;
    const testing::TempFolder folder;
    const PythonEnvironments environments(folder.path());
    const std::string path = folder.path() + "/" + environment_key(find_python().value(), "");
    REQUIRE(os::make_folders(path + "/bin").has_value());
    REQUIRE(os::write_file_atomic(path + "/stray", "").has_value());
    CHECK(environments.prepare("", {}).value() == path);
    CHECK(os::exists(path + "/bin/python"));
    CHECK_FALSE(os::exists(path + "/stray"));
}

TEST_CASE("what pip could not install is said in its words, and nothing half done stays") {
    if (!has_python()) return;
    const testing::TempFolder folder;
    const PythonEnvironments environments(folder.path());
    const auto failed = environments.prepare("--no-index\nno-such-package-anywhere==1\n", {});
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == ErrorCode::kInvalid);
    CHECK(failed.error().message.find("no-such-package-anywhere") != std::string::npos);
    const auto names = os::list_folder(folder.path()).value();
    REQUIRE(names.size() == 1);
    CHECK(names[0].find(".lock") != std::string::npos);
    CHECK(environments.prepare(std::string(2 << 20, 'x'), {}).error().code == ErrorCode::kExhausted);
}
