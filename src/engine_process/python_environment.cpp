#include "engine_process/python_environment.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/check.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"

extern char** environ;

namespace pintle::engine_process {
namespace {

constexpr std::size_t kRequirementsMax = 1 << 20;
constexpr std::size_t kErrorLines = 8;
constexpr Duration kInstallTimeout = std::chrono::minutes(60);
constexpr Duration kProbeTimeout = std::chrono::seconds(30);

/// How pip reaches its package index is the operator's to say, in the server's environment.
bool is_for_pip(std::string_view name) {
    constexpr std::array kPrefixes{"PIP_", "SSL_CERT_"};
    constexpr std::array kNames{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY",     "HTTPS_PROXY",
                                "ALL_PROXY",          "NO_PROXY",       "http_proxy",     "https_proxy",
                                "all_proxy",          "no_proxy",       "XDG_CACHE_HOME", "XDG_CONFIG_HOME"};
    for (const std::string_view prefix : kPrefixes) {
        if (name.substr(0, prefix.size()) == prefix) return true;
    }
    for (const std::string_view known : kNames) {
        if (name == known) return true;
    }
    return false;
}

std::vector<std::pair<std::string, std::string>> pip_environment() {
    std::vector<std::pair<std::string, std::string>> environment;
    for (char** line = environ; *line != nullptr; ++line) {
        const std::string_view text = *line;
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && is_for_pip(text.substr(0, equals))) {
            environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return environment;
}

Result<os::UniqueFd> lock(const std::string& path) {
    os::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd) return fail(os::errno_error("create", path, errno));
    while (::flock(fd.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return fail(os::errno_error("lock", path, errno));
    }
    return fd;
}

/// Whole, and its Python still there: that is a link to the system's, which may have been replaced.
bool is_usable(const std::string& path) {
    return os::exists(path + "/complete") && ::access((path + "/bin/python").c_str(), X_OK) == 0;
}

Result<void> run_step(std::vector<std::string> argv, std::string_view doing) {
    const auto result =
        os::run({.argv = std::move(argv), .environment = pip_environment(), .timeout = kInstallTimeout});
    if (!result) return fail(result.error().context(doing));
    if (result->exit_code == 0) return {};
    return fail(ErrorCode::kInvalid, "{} failed: {}", doing, last_lines(to_valid_utf8(result->output), kErrorLines));
}

/// Lines that name a package, for a sentence.
std::int64_t count_requirements(const std::string& text) {
    std::int64_t count = 0;
    for (const std::string& line : split(text, '\n')) {
        const std::string_view word = trim(line);
        if (!word.empty() && word[0] != '#' && word[0] != '-') ++count;
    }
    return count;
}

}  // namespace

std::string last_lines(std::string_view output, std::size_t lines) {
    std::vector<std::string> kept;
    for (const std::string& line : split(output, '\n')) {
        if (!trim(line).empty()) kept.emplace_back(trim(line));
    }
    if (kept.size() > lines) kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(lines));
    return join(kept, "\n");
}

std::string environment_key(const Python& python, std::string_view requirements) {
    const std::string text =
        fmt::format("{}\n{}\n{}", python.program, python.version, replace_all(std::string(requirements), "\r\n", "\n"));
    check(::sodium_init() >= 0, "libsodium can be used");
    std::array<unsigned char, 20> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       nullptr, 0);
    std::string key;
    for (const unsigned char byte : hash) key += fmt::format("{:02x}", byte);
    return key;
}

Result<Python> find_python() {
    constexpr const char* kProbe = "import ensurepip, platform, venv; print(platform.python_version())";
    for (const char* program : {"/usr/bin/python3", "python3"}) {
        const auto result = os::run({.argv = {program, "-c", kProbe}, .timeout = kProbeTimeout});
        if (result && result->exit_code == 0) return Python{program, std::string(trim(result->output))};
    }
    return fail(ErrorCode::kUnavailable,
                "there is no Python 3 on this machine that can make environments; install it, on Debian and Ubuntu "
                "with: apt install python3 python3-venv");
}

Result<std::string> PythonEnvironments::prepare(const std::string& requirements, const Progress& progress) const {
    if (requirements.size() > kRequirementsMax) {
        return fail(ErrorCode::kExhausted, "the requirements are larger than {}", bytes_in_words(kRequirementsMax));
    }
    const Python python = TRY(find_python());
    // Programs of an environment contain its path, and the folder may be a link that another data folder shares.
    TRY(os::make_folders(folder_));
    std::error_code error;
    const std::string folder = std::filesystem::canonical(folder_, error).string();
    std::string path = (error ? folder_ : folder) + "/" + environment_key(python, requirements);
    if (is_usable(path)) return path;
    const os::UniqueFd held = TRY(lock(path + ".lock"));
    if (is_usable(path)) return path;
    // Made in its final place, because its programs contain that path; only the mark makes it count.
    TRY(os::remove_tree(path));
    if (auto made = make(path, python.program, requirements, progress); !made) {
        (void)os::remove_tree(path);
        return fail(made.error());
    }
    TRY(os::write_file_atomic(path + "/complete", python.version + "\n"));
    return path;
}

Result<void> PythonEnvironments::make(const std::string& path, const std::string& python,
                                      const std::string& requirements, const Progress& progress) const {
    const auto say = [&](std::string sentence) {
        if (progress) progress(std::move(sentence));
    };
    say("making a Python environment");
    TRY(run_step({python, "-m", "venv", path}, "making a Python environment"));
    const std::int64_t count = count_requirements(requirements);
    if (trim(requirements).empty()) return {};
    TRY(os::write_file_atomic(path + "/requirements.txt", requirements));
    say(fmt::format("installing {} with pip", count_of(count, "Python package", "Python packages")));
    TRY(run_step({path + "/bin/python", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-r",
                  path + "/requirements.txt"},
                 "installing the Python packages of the requirements"));
    say("the Python environment is ready");
    return {};
}

}  // namespace pintle::engine_process
