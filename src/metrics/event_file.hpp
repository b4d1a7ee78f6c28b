#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/reported_value.hpp"

namespace pintle::metrics {

/// TensorBoard's event files, as its writers in TensorFlow and PyTorch make them. Pure.
///
/// A file is a row of TFRecords (tensorflow/core/lib/io/record_writer.h): the length as 8 bytes, little-endian; its
/// check sum, 4 bytes; the data; its check sum, 4 bytes. A check sum is the CRC-32C of the bytes, turned right by 15
/// bits and with 0xa282ead8 added. The data is a message Event (tensorflow/core/util/event.proto), of which the fields
/// wall_time (1), step (2) and summary (5) are read, and of a summary's values (1) the tag (1), simple_value (2), and a
/// tensor (8) of one element, in which newer writers keep a scalar.

/// What is at the beginning of the bytes of a file.
struct EventRecord {
    enum class Kind {
        kWhole,      ///< `data` is there.
        kTooLarge,   ///< An image or a graph; its `size` bytes are to be passed over.
        kCutOff,     ///< The rest is not written yet.
        kDamaged,    ///< A check sum is wrong: nothing behind it can be read.
    };
    Kind kind = Kind::kCutOff;
    std::string_view data;
    std::uint64_t size = 0;  ///< Of the whole record in the file.
};
inline constexpr std::uint64_t kEventRecordMax = 1 << 20;
[[nodiscard]] EventRecord read_event_record(std::string_view bytes);

/// The scalars of an Event; none when it holds none or cannot be read.
[[nodiscard]] std::vector<ReportedValue> read_event(std::string_view data);

/// A record around the data, for tests and for whoever writes such files.
[[nodiscard]] std::string make_event_record(std::string_view data);

}  // namespace pintle::metrics
