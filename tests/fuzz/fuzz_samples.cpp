#include <cstring>

#include "scratch_folder.hpp"
#include "series/sample_block.hpp"
#include "series/sample_codec.hpp"
#include "series/sample_reader.hpp"
#include "series/sample_record.hpp"
#include "series/sample_tail.hpp"
#include "series/sample_writer.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

// A record whose check sums fit, whatever is in it.
void put_any(series::RecordKind kind, std::uint32_t tail, std::string_view payload, std::size_t checked, std::int64_t first_ms, std::int64_t last_ms,
             std::string& out) {
    series::RecordHead head;
    head.kind = kind;
    head.tail = tail;
    head.first_ms = first_ms;
    head.last_ms = last_ms;
    series::put_record(head, payload, std::min(checked, payload.size()), out);
}

std::string any_file(Input& input) {
    std::string bytes;
    for (int records = input.byte() % 4; records > 0; --records) {
        const auto kind = static_cast<series::RecordKind>(1 + input.byte() % 3);
        if (input.byte() % 8 == 0) bytes += input.text(20);
        const std::int64_t first = static_cast<std::int64_t>(input.number());
        const std::string_view payload = input.text(input.word() % 400);
        put_any(kind, input.byte() % 4, payload, input.word() % 400, first, first >> (input.byte() % 64), bytes);
    }
    return bytes;
}

void check_columns(Input& input) {
    const std::size_t count = input.byte();
    const std::string_view bytes = input.text(input.word() % 600);
    std::vector<double> values;
    std::vector<std::int64_t> numbers;
    if (series::decode_values(bytes, count, values)) {
        require(values.size() == count, "a column has as many values as it should");
        std::string again;
        series::encode_values(values, again);
        std::vector<double> back;
        (void)must(series::decode_values(again, count, back).map([] { return true; }), "what is encoded can be decoded");
        require(back.size() == count && (count == 0 || std::memcmp(back.data(), values.data(), count * sizeof(double)) == 0), "every bit of a value comes back");
    }
    if (series::decode_integers(bytes, count, numbers)) {
        require(numbers.size() == count, "a column has as many numbers as it should");
        std::string again;
        series::encode_integers(numbers, again);
        std::vector<std::int64_t> back;
        require(series::decode_integers(again, count, back).has_value() && back == numbers, "numbers come back");
    }
}

// A block whose directory is the input's, with check sums that need not fit.
void check_block(Input& input) {
    const std::string payload(input.text(input.word() % 600));
    series::RecordHead head;
    head.checked = static_cast<std::uint32_t>(input.word() % (payload.size() + 2));
    const auto blocks = series::SampleBlocks::open(head, payload);
    if (!blocks) return;
    std::vector<std::int64_t> times;
    std::vector<double> values;
    std::vector<std::optional<std::int64_t>> steps;
    for (const auto& group : blocks->groups()) {
        if (blocks->times(group, times)) require(times.size() == group.count, "a group has as many times as it says");
        for (const auto& block : group.blocks) {
            if (blocks->values(group, block, values)) require(values.size() == group.count, "a block has as many values as its group");
            if (blocks->steps(group, block, steps)) require(steps.empty() || steps.size() == group.count, "steps are of all or of none");
        }
    }
}

}  // namespace

// Garbage on disk: readers answer or refuse in bounded time, and a writer goes on with it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScratchFolder folder;
    folder.clear();
    Input input(data, size);
    check_columns(input);
    check_block(input);
    write_file(series::segment_file(folder.path(), 1 + input.byte() % 3), any_file(input));
    write_file(series::tail_file(folder.path(), 1 + input.byte() % 3), any_file(input));
    const series::SampleReader reader(folder.path());
    std::vector<series::SeriesKey> keys;
    if (const auto list = reader.list()) {
        for (const auto& each : *list) keys.push_back(each.key);
    }
    const Time from = time_from_ms(static_cast<std::int64_t>(input.number()));
    (void)reader.read(keys, {from, Time::max(), Duration(1 + input.word())});
    (void)reader.latest(3);
    (void)reader.damaged();
    const series::SeriesKey key{"worker-0", "loss", "", true};
    if (auto writer = series::SampleWriter::open(folder.path())) {
        writer->append(key, {time_from_ms(5), 1.5, 7});
        writer->flush();
    }
    const auto samples = reader.samples({key}, time_from_ms(5), time_from_ms(6));
    require(samples && !samples->front().empty() && samples->front().back() == series::Sample{time_from_ms(5), 1.5, 7}, "a writer goes on with any folder");
    return 0;
}
