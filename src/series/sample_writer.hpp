#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <sys/types.h>

#include "base/result.hpp"
#include "series/sample.hpp"

namespace pintle::series {

/// The one writer of a folder of samples; SampleReader reads it meanwhile. What lies in the folder: sample_record.hpp.
///
/// Threading: one thread at a time. Ownership: holds the folder's lock, its only open file, until it is destroyed.
/// Failure: open() can fail; append() cannot. What is appended is with the kernel after flush(), and kept through a
/// kill at any instant; after one, open() goes on behind the last whole record. A full disk drops samples and counts
/// them. A folder that is removed meanwhile stays removed.
class SampleWriter {
public:
    struct Options {
        std::uint64_t total_limit_bytes = std::uint64_t{256} << 20;  ///< The oldest samples go first.
        std::size_t max_series = 50'000;                             ///< Samples of further series are dropped.
        /// In place of pwrite(), for tests of disks that fail.
        std::function<ssize_t(int fd, const void* bytes, std::size_t size, off_t offset)> write;
    };
    /// Makes the folder if needed. kConflict when another writer is at work.
    [[nodiscard]] static Result<SampleWriter> open(const std::string& folder, Options options);
    [[nodiscard]] static Result<SampleWriter> open(const std::string& folder) { return open(folder, Options()); }
    SampleWriter(SampleWriter&&) noexcept;
    SampleWriter& operator=(SampleWriter&&) noexcept;
    ~SampleWriter();

    /// Times of one series usually rise; where a clock jumped back, the sample is kept at the time it tells.
    /// Measured values are kept as exactly as anybody reads them, see measured(); reported ones to the last bit.
    void append(const SeriesKey& key, const Sample& sample);
    void flush();
    /// Removes what is older. Whole segments only: some hours, at most a day, may stay.
    void drop_before(Time time);
    [[nodiscard]] std::uint64_t dropped_samples() const;

private:
    struct Impl;
    explicit SampleWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A measured value without the digits that are noise: to 0.1, below ten to 0.01; rates ("…_per_s") to three digits.
/// They would be most of what is stored.
[[nodiscard]] double measured(std::string_view metric, double value);

}  // namespace pintle::series
