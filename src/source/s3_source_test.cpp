#include "source/s3_source.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::source {
namespace {

Bucket bucket(const std::string& server, const S3Keys& keys = {}) {
    return bucket_of({server, "data", "", keys.access_key.empty() ? "" : "ours"}, "a/b", keys).value();
}

std::string variable(const Bucket& of, const std::string& name) {
    for (const auto& [key, value] : of.environment) {
        if (key == "RCLONE_CONFIG_S3_" + name) return value;
    }
    return "absent";
}

}  // namespace

TEST_CASE("a bucket is named to rclone by its environment, keys and all") {
    const Bucket amazon = bucket("", {"key", "secret"});
    CHECK(amazon.remote == "s3:data/a/b");
    CHECK(variable(amazon, "PROVIDER") == "AWS");
    CHECK(variable(amazon, "ENDPOINT") == "absent");
    CHECK(variable(amazon, "REGION") == "us-east-1");
    CHECK(variable(amazon, "ACCESS_KEY_ID") == "key");
    CHECK(variable(amazon, "SECRET_ACCESS_KEY") == "secret");
    CHECK(variable(amazon, "ENV_AUTH") == "false");
    CHECK(variable(bucket("http://[::1]:9000"), "ENDPOINT") == "http://[::1]:9000");
    CHECK(variable(bucket("minio.example:9000"), "ENDPOINT") == "https://minio.example:9000");
    CHECK(variable(bucket("minio.example"), "ACCESS_KEY_ID").empty());
    for (const std::string& word : rclone_words({"lsf", amazon.remote}))
        CHECK(word.find("secret") == std::string::npos);
}

TEST_CASE("what rclone says is told in the words of who wrote the source") {
    const Bucket with = bucket("h:9", {"key", "secret"}), without = bucket("h:9");
    struct Case {
        const Bucket& of;
        const char* output;
        ErrorCode code;
        const char* words;
    };
    const std::vector<Case> cases{
        {with, "2026/01/01 ERROR : error listing: directory not found\n", ErrorCode::kNotFound, "does not exist"},
        {with, "AccessDenied: Access Denied status code: 403", ErrorCode::kDenied, "key or secret is wrong"},
        {with, "SignatureDoesNotMatch", ErrorCode::kDenied, "key or secret is wrong"},
        {without, "Forbidden: Forbidden status code: 403", ErrorCode::kDenied, "name an account"},
        {with, "dial tcp: lookup h: no such host", ErrorCode::kUnavailable, "cannot be reached"},
        {with, "connect: connection refused", ErrorCode::kUnavailable, "cannot be reached"},
        {with, "http: server gave HTTP response to HTTPS client", ErrorCode::kUnavailable, "http://"},
        {with, "write: no space left on device", ErrorCode::kExhausted, "no disk space"},
        {with, "", ErrorCode::kUnavailable, "rclone gave no reason"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.output);
        const Error error = explain_rclone(each.of, each.output);
        CHECK(error.code == each.code);
        CHECK(error.message.find("the bucket data on h:9") != std::string::npos);
        CHECK(error.message.find(each.words) != std::string::npos);
        CHECK(error.message.find("secret\"") == std::string::npos);
    }
}

TEST_CASE("what rclone has noted is believed to be sent only where a whole note says so") {
    const testing::TempFolder cache;
    CHECK(rclone_has_sent_all(cache.path()));
    const std::string folder = cache.path() + "/vfsMeta/s3/data/a b";
    REQUIRE(os::make_folders(folder).has_value());
    CHECK(rclone_has_sent_all(cache.path()));
    const auto with = [&](const std::string& note) {
        REQUIRE(os::write_file_atomic(folder + "/file", note, 0600, false).has_value());
        return rclone_has_sent_all(cache.path());
    };
    CHECK(with("{\n\t\"Size\": 13,\n\t\"Dirty\": false\n}\n"));
    CHECK_FALSE(with("{\n\t\"Size\": 13,\n\t\"Dirty\": true\n}\n"));
    CHECK_FALSE(with(""));
    CHECK_FALSE(with("{\n\t\"Size\": 13,\n"));
    CHECK_FALSE(with("{\"Size\": 13}"));
    REQUIRE(with("{\"Dirty\":false}"));
    REQUIRE(os::write_file_atomic(folder + "/other", "", 0600, false).has_value());
    CHECK_FALSE(rclone_has_sent_all(cache.path()));
}

}  // namespace pintle::source
