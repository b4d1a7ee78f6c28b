#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "series/sample.hpp"

namespace pintle::series {

/// The one writer of a folder of samples; SampleReader reads it meanwhile.
///
/// Threading: one thread at a time. Ownership: holds the folder's lock until it is destroyed.
/// Failure: open() can fail; append() cannot. What is appended is with the kernel after flush(), and kept through a
/// kill at any instant; after one, open() goes on behind the last whole record. A full disk drops samples and counts them.
class SampleWriter {
public:
    struct Options {
        std::uint64_t total_limit_bytes = std::uint64_t{256} << 20;  ///< The oldest samples go first.
    };
    /// Makes the folder if needed. kConflict when another writer is at work.
    [[nodiscard]] static Result<SampleWriter> open(const std::string& folder, Options options = {});
    SampleWriter(SampleWriter&&) noexcept;
    SampleWriter& operator=(SampleWriter&&) noexcept;
    ~SampleWriter();

    /// Times of one series usually rise; where a clock jumped back, the sample is kept at the time it tells.
    void append(const SeriesKey& key, const Sample& sample);
    void flush();
    /// Removes what is older. Whole blocks only.
    void drop_before(Time time);
    [[nodiscard]] std::uint64_t dropped_samples() const;

private:
    struct Impl;
    explicit SampleWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::series
