#include "fuzzing.hpp"
#include "metrics/event_file.hpp"
#include "metrics/json_values.hpp"
#include "metrics/printed_values.hpp"

using namespace pintle;
using namespace pintle::fuzzing;
using namespace pintle::metrics;

namespace {

void check_values(const std::vector<ReportedValue>& values) {
    for (const ReportedValue& value : values) require(is_value_name(value.name), "a value has a name that can be one", value.name);
}

void check_lines(std::string_view bytes) {
    const Lines whole = divide_lines(bytes, false, true);
    require(whole.used == bytes.size(), "of what has ended all is used");
    for (const std::string_view line : whole.whole) {
        require(line.find('\n') == std::string_view::npos, "a line is one line");
        check_values(read_json_line(line));
    }
    // However the file grows, the same lines come out.
    const std::size_t half = bytes.size() / 2;
    const Lines first = divide_lines(bytes.substr(0, half), false, false);
    const Lines second = divide_lines(bytes.substr(first.used), first.within, true);
    require(first.whole.size() + second.whole.size() == whole.whole.size(), "no line is lost or told twice");
}

void check_events(std::string_view bytes) {
    EventRecord record;
    while ((record = read_event_record(bytes)).kind == EventRecord::Kind::kWhole) {
        require(record.size <= bytes.size() && record.size >= 16, "a record lies within the bytes");
        check_values(read_event(record.data));
        bytes.remove_prefix(record.size);
    }
}

}  // namespace

// Bytes that a program may lay where its values are looked for, as a file of each kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const PrintedValues kPlain = PrintedValues::make("").value();
    static const PrintedValues kPattern = PrintedValues::make("([\\w|-]+)\\s*[=:]\\s*([^\\s]*)").value();
    const std::string_view bytes = as_text(data, size);
    check_lines(bytes);
    check_values(kPlain.read(bytes));
    check_values(kPattern.read(bytes));
    check_events(bytes);
    check_values(read_event(bytes));
    // Check sums keep nearly every input out.
    check_events(make_event_record(bytes));
    return 0;
}
