#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/source.hpp"
#include "os/child.hpp"

namespace pintle::source {

/// What opens a bucket. Both empty: it is read as a public one.
struct S3Keys {
    std::string access_key;
    std::string secret_key;
};

/// How rclone is called for one bucket: everything that decides what it does is in its own environment, the keys too;
/// they never stand in an argument or in a file. Nothing of the user's or the server's environment is kept that could
/// change it.
struct Bucket {
    std::vector<std::pair<std::string, std::string>> environment;
    std::string remote;  ///< "s3:BUCKET/PREFIX", the argument that names it.
    std::string shown;   ///< "the bucket B on SERVER", for sentences.
    bool has_account = false;
};
[[nodiscard]] Result<Bucket> bucket_of(const domain::S3Source& origin, const std::string& prefix, const S3Keys& keys);

/// Settings that every call has: nothing waits for long.
[[nodiscard]] std::vector<std::string> rclone_words(std::vector<std::string> words);

/// What rclone said, as an error in the words of who wrote the source. Pure.
[[nodiscard]] Error explain_rclone(const Bucket& bucket, std::string_view output);

/// Runs rclone to its end. Blocks; `on_line` gets its lines as they come.
[[nodiscard]] Result<std::string> run_rclone(const Bucket& bucket, std::vector<std::string> words, Duration timeout,
                                             const std::function<void(std::string_view)>& on_line = {});

/// Starts rclone, whose output is to be taken while it runs; it gives up when the server says nothing for `silence`.
/// `program` stands for rclone in tests.
[[nodiscard]] Result<os::Child> start_rclone(const Bucket& bucket, std::vector<std::string> words, Duration silence,
                                             const std::string& program = "rclone");

/// Whether everything that programs wrote into the mount with this cache folder is at its server. It writes its notes
/// about files over and over, not at once as a whole: one that cannot be made out counts as one that says no.
[[nodiscard]] bool rclone_has_sent_all(const std::string& cache_folder);

}  // namespace pintle::source
