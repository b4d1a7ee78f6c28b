#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "series/sample.hpp"
#include "series/sample_record.hpp"

namespace pintle::series {

/// Samples as they arrive, before there are enough of them for blocks: about ten bytes each.
///
/// A name record tells which number stands for which series; a row record has the samples of some series of one
/// moment or more. Pure; failure: what is damaged is left out.

/// Samples of one series, in the order of their arrival.
struct SeriesSamples {
    SeriesKey key;
    std::vector<Sample> samples;
};

void put_name(std::uint64_t number, const SeriesKey& key, std::string& out);

/// Makes the payload of one row record.
class RowWriter {
public:
    void put(std::uint64_t series, const Sample& sample);
    [[nodiscard]] bool empty() const { return rows_ == 0; }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    /// Appends the record to `out` and begins anew.
    void finish(std::string& out);

private:
    std::string bytes_;
    std::size_t rows_ = 0;
    std::uint64_t next_ = 0;
    std::int64_t time_ms_ = 0;
    std::int64_t first_ms_ = 0;
    std::int64_t last_ms_ = 0;
};

/// What a tail has.
struct Tail {
    std::map<std::uint64_t, SeriesSamples> series;  ///< By number; those that are named.
    std::uint64_t next_number = 0;                  ///< Above every number that occurs.
    std::size_t rows = 0;                           ///< Of named series.
    RecordWalk walk;
};
/// `wanted` may leave records out by their times.
[[nodiscard]] Tail read_tail(std::string_view bytes, const std::function<bool(const RecordHead&)>& wanted = {});

}  // namespace pintle::series
