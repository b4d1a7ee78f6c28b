#include "source/rclone.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"

namespace pintle::source {
namespace {

bool says(std::string_view output, std::initializer_list<std::string_view> phrases) {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return output.find(phrase) != std::string_view::npos; });
}

// The last complaint, without rclone's date and level.
std::string telling_line(std::string_view output) {
    std::string found;
    for (const std::string& line : split(output, '\n')) {
        for (const std::string_view level : {"ERROR : ", "CRITICAL: ", "NOTICE: ", "Failed to "}) {
            const std::size_t at = line.find(level);
            if (at == std::string::npos || line.find("Config file") != std::string::npos) continue;
            found = trim(std::string_view(line).substr(level == "Failed to " ? at : at + level.size()));
            break;
        }
    }
    // "caused by: Get …: dial tcp …: connect: connection refused": the end of it says why.
    if (const std::size_t cause = output.rfind("caused by: "); cause != std::string_view::npos && !found.empty()) {
        const std::string_view line = output.substr(cause, output.substr(cause).find('\n'));
        const std::size_t last = line.rfind(": ");
        found = std::string(line.substr(last + 2));
    }
    if (found.empty()) found = trim(output.substr(0, 300));
    return found.empty() ? "rclone gave no reason" : to_valid_utf8(found.substr(0, 500));
}

Error no_rclone() {
    return {
        ErrorCode::kUnavailable,
        "rclone is not installed on the server, which S3 sources need; the administrator installs the package rclone",
        {},
        {}};
}

}  // namespace

Result<Bucket> bucket_of(const domain::S3Source& origin, const std::string& prefix, const S3Keys& keys) {
    Bucket bucket;
    const auto set = [&](const char* name, std::string value) {
        bucket.environment.emplace_back(std::string("RCLONE_CONFIG_S3_") + name, std::move(value));
    };
    bucket.environment.emplace_back("RCLONE_CONFIG", "/dev/null");
    bucket.environment.emplace_back("TZ", "UTC");  // Lists tell times without saying where.
    set("TYPE", "s3");
    set("PROVIDER", origin.server.empty() ? "AWS" : "Other");
    set("ENV_AUTH", "false");
    set("ACCESS_KEY_ID", keys.access_key);
    set("SECRET_ACCESS_KEY", keys.secret_key);
    set("REGION", origin.region.empty() ? "us-east-1" : origin.region);
    set("NO_CHECK_BUCKET", "true");
    set("FORCE_PATH_STYLE", origin.server.empty() ? "false" : "true");
    if (!origin.server.empty()) {
        const domain::S3Endpoint server = TRY(domain::parse_s3_server(origin.server));
        std::string url = (server.is_secure ? "https://" : "http://") + domain::host_in_url(server.address);
        if (server.address.port != 0) url += fmt::format(":{}", server.address.port);
        set("ENDPOINT", std::move(url));
    }
    bucket.remote = "s3:" + origin.bucket + (prefix.empty() ? "" : "/" + prefix);
    bucket.shown =
        fmt::format("the bucket {} on {}", origin.bucket, origin.server.empty() ? "Amazon S3" : origin.server);
    bucket.has_account = !keys.access_key.empty();
    return bucket;
}

std::vector<std::string> rclone_words(std::vector<std::string> words) {
    words.insert(words.begin(), "rclone");
    for (const char* setting : {"--contimeout=10s", "--timeout=30s", "--low-level-retries=3", "--retries=1",
                                "--use-server-modtime", "--log-level=NOTICE"})
        words.emplace_back(setting);
    return words;
}

Error explain_rclone(const Bucket& bucket, std::string_view output) {
    const std::string line = telling_line(output);
    if (says(output, {"NoSuchBucket", "directory not found", "The specified bucket does not exist"})) {
        return {ErrorCode::kNotFound, fmt::format("{} does not exist ({})", bucket.shown, line), {}, {}};
    }
    if (says(output, {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "Access Denied", "Forbidden",
                      "status code: 403", "status code: 401", "InvalidToken", "UnauthorizedAccess"})) {
        const char* advice = bucket.has_account
                                 ? "the account's key or secret is wrong, or it has no right to this bucket"
                                 : "it is not public; name an account that may use it";
        return {ErrorCode::kDenied, fmt::format("{} is denied to us: {} ({})", bucket.shown, advice, line), {}, {}};
    }
    if (says(output, {"server gave HTTP response to HTTPS client"})) {
        return {ErrorCode::kUnavailable,
                fmt::format("the server of {} speaks no TLS; write its address with http:// if that is meant",
                            bucket.shown),
                {},
                {}};
    }
    if (says(output, {"no space left on device"})) {
        return {ErrorCode::kExhausted, fmt::format("no disk space is left for {} ({})", bucket.shown, line), {}, {}};
    }
    if (says(output,
             {"no such host", "connection refused", "i/o timeout", "deadline exceeded", "no route to host",
              "network is unreachable", "handshake timeout", "timeout awaiting", "connection reset", "x509:"})) {
        return {ErrorCode::kUnavailable, fmt::format("{} cannot be reached: {}", bucket.shown, line), {}, {}};
    }
    return {ErrorCode::kUnavailable, fmt::format("{} cannot be used: {}", bucket.shown, line), {}, {}};
}

Result<std::string> run_rclone(const Bucket& bucket, std::vector<std::string> words, Duration timeout,
                               const std::function<void(std::string_view)>& on_line) {
    os::Command command;
    command.argv = rclone_words(std::move(words));
    command.environment = bucket.environment;
    command.timeout = timeout;
    command.on_line = on_line;
    const auto output = os::run(command);
    if (!output && output.error().code == ErrorCode::kTimeout)
        return fail(ErrorCode::kTimeout, "{} did not answer within {}", bucket.shown, to_words(timeout));
    if (!output && output.error().code == ErrorCode::kNotFound) return fail(no_rclone());
    if (!output) return fail(output.error());
    if (output->exit_code == 0) return output->output;
    return fail(explain_rclone(bucket, output->output));
}

Result<os::Child> start_rclone(const Bucket& bucket, std::vector<std::string> words, Duration silence,
                               const std::string& program) {
    os::Child::Options options;
    options.argv = rclone_words(std::move(words));
    options.argv[0] = program;
    // The last of two settings holds.
    options.argv.push_back(fmt::format("--timeout={}ms", silence.count()));
    options.argv.emplace_back("--low-level-retries=1");
    options.environment = bucket.environment;
    auto child = os::Child::start(options);
    if (!child && child.error().code == ErrorCode::kNotFound) return fail(no_rclone());
    return child;
}

bool rclone_has_sent_all(const std::string& cache_folder) {
    constexpr std::size_t kNoteMost = 64 << 20;
    const std::string notes = cache_folder + "/vfsMeta";
    if (!os::exists(notes)) return true;
    std::error_code error;
    std::filesystem::recursive_directory_iterator it(notes, error), end;
    for (; !error && it != end; it.increment(error)) {
        std::error_code vanished;
        if (!it->is_regular_file(vanished)) continue;
        const auto note = os::read_file(it->path().string(), kNoteMost);
        if (!note && note.error().code == ErrorCode::kNotFound) continue;
        if (!note || !trim(*note).ends_with('}')) return false;
        const bool is_clean = note->find("\"Dirty\": false") != std::string::npos ||
                              note->find("\"Dirty\":false") != std::string::npos;
        if (!is_clean) return false;
    }
    // A folder that went meanwhile: what else there is was not looked at.
    return !error;
}

}  // namespace pintle::source
