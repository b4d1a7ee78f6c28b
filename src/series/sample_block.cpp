#include "series/sample_block.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "series/sample_codec.hpp"
#include "series/varint.hpp"

namespace pintle::series {

namespace {

Error damaged(std::string_view what) {
    return Error{ErrorCode::kCorrupt, fmt::format("a block of samples is damaged: {}", what), {}, {}};
}

using Piece = std::pair<const SeriesKey*, std::span<const Sample>>;

// Texts that occur again and again, once.
class TextTable {
public:
    std::uint64_t number(const std::string& text) {
        const auto [found, fresh] = numbers_.try_emplace(text, texts_.size());
        if (fresh) texts_.push_back(&found->first);
        return found->second;
    }
    void put(std::string& out) const {
        put_varint(texts_.size(), out);
        for (const std::string* text : texts_) {
            put_varint(text->size(), out);
            out += *text;
        }
    }

private:
    std::map<std::string, std::uint64_t> numbers_;
    std::vector<const std::string*> texts_;
};

void put_column(std::string_view bytes, std::string& directory, std::string& columns) {
    put_varint(bytes.size(), directory);
    put_raw(check_sum(bytes), directory);
    columns += bytes;
}

std::string encode_steps(std::span<const Sample> samples) {
    const auto has_step = [](const Sample& sample) { return sample.step.has_value(); };
    std::string out;
    if (std::none_of(samples.begin(), samples.end(), has_step)) return out;
    const bool all = std::all_of(samples.begin(), samples.end(), has_step);
    out.push_back(all ? 1 : 0);
    std::vector<std::int64_t> steps;
    std::string present(all ? 0 : (samples.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (!samples[i].step) continue;
        steps.push_back(*samples[i].step);
        if (!all) present[i / 8] = static_cast<char>(static_cast<unsigned char>(present[i / 8]) | (1U << (i % 8)));
    }
    out += present;
    encode_integers(steps, out);
    return out;
}

void put_block(const Piece& piece, TextTable& texts, std::string& directory, std::string& columns) {
    const auto& [key, samples] = piece;
    put_varint(texts.number(key->subject), directory);
    put_varint(texts.number(key->metric) << 1 | (key->reported ? 1 : 0), directory);
    put_varint(texts.number(key->device), directory);
    std::string column = encode_steps(samples);
    put_varint(column.size(), directory);
    std::vector<double> values;
    values.reserve(samples.size());
    for (const Sample& sample : samples) values.push_back(sample.value);
    encode_values(values, column);
    put_column(column, directory, columns);
}

}  // namespace

void put_blocks(std::vector<SeriesSamples> series, std::uint32_t tail, std::string& out) {
    std::map<std::vector<std::int64_t>, std::vector<Piece>> groups;
    for (auto& [key, samples] : series) {
        std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.at < b.at; });
        for (std::size_t at = 0; at < samples.size(); at += kBlockSamples) {
            const std::span<const Sample> piece(samples.data() + at, std::min(kBlockSamples, samples.size() - at));
            std::vector<std::int64_t> times;
            times.reserve(piece.size());
            for (const Sample& sample : piece) times.push_back(to_ms(sample.at));
            groups[std::move(times)].emplace_back(&key, piece);
        }
    }
    RecordHead head;
    head.kind = RecordKind::kBlocks;
    head.tail = tail;
    TextTable texts;
    std::string directory, columns;
    put_varint(groups.size(), directory);
    bool first = true;
    for (const auto& [times, pieces] : groups) {
        put_varint(times.size(), directory);
        put_zigzag(times.front(), directory);
        put_zigzag(times.back(), directory);
        std::string column;
        encode_integers(times, column);
        put_column(column, directory, columns);
        put_varint(pieces.size(), directory);
        for (const Piece& piece : pieces) put_block(piece, texts, directory, columns);
        head.first_ms = first ? times.front() : std::min(head.first_ms, times.front());
        head.last_ms = first ? times.back() : std::max(head.last_ms, times.back());
        first = false;
    }
    std::string payload;
    texts.put(payload);
    payload += directory;
    const std::size_t checked = payload.size();
    put_record(head, payload + columns, checked, out);
}

Result<SampleBlocks> SampleBlocks::open(const RecordHead& head, std::string_view payload) {
    if (payload.size() < head.checked) return fail(damaged("it ends early"));
    SampleBlocks blocks;
    blocks.columns_ = payload.substr(head.checked);
    Bytes in(payload.substr(0, head.checked));
    std::vector<std::string_view> texts;
    for (std::uint64_t left = in.varint(); left > 0 && in.good(); --left) texts.push_back(in.text(in.varint()));
    const auto text = [&](std::uint64_t number) {
        if (number >= texts.size()) in.spoil();
        return in.good() ? std::string(texts[number]) : std::string();
    };
    std::uint64_t begin = 0;
    const auto column = [&] {
        const std::uint64_t size = in.varint();
        const auto sum = in.raw<std::uint32_t>();
        if (size > blocks.columns_.size() - begin) in.spoil();
        if (!in.good()) return Column{};
        const Column taken{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(size), sum};
        begin += size;
        return taken;
    };
    for (std::uint64_t left = in.varint(); left > 0 && in.good(); --left) {
        Group group;
        group.count = in.varint();
        group.first_ms = in.signed_varint();
        group.last_ms = in.signed_varint();
        group.times = column();
        if (group.count == 0 || group.count > kBlockSamples) in.spoil();
        for (std::uint64_t series = in.varint(); series > 0 && in.good(); --series) {
            Block block;
            block.key.subject = text(in.varint());
            const std::uint64_t metric = in.varint();
            block.key.metric = text(metric >> 1);
            block.key.reported = (metric & 1) != 0;
            block.key.device = text(in.varint());
            const std::uint64_t step_bytes = in.varint();
            block.column = column();
            if (step_bytes > block.column.size) in.spoil();
            block.step_bytes = static_cast<std::uint32_t>(step_bytes);
            if (in.good()) group.blocks.push_back(std::move(block));
        }
        if (in.good()) blocks.groups_.push_back(std::move(group));
    }
    if (!in.good()) return fail(damaged("its directory"));
    return blocks;
}

Result<std::string_view> SampleBlocks::bytes_of(const Column& column) const {
    const std::string_view bytes = columns_.substr(column.begin, column.size);
    if (check_sum(bytes) != column.check_sum) return fail(damaged("its check sum differs"));
    return bytes;
}

Result<void> SampleBlocks::times(const Group& group, std::vector<std::int64_t>& out) const {
    TRY(decode_integers(TRY(bytes_of(group.times)), group.count, out));
    if (!std::is_sorted(out.begin(), out.end())) return fail(damaged("its times fall"));
    return {};
}

Result<void> SampleBlocks::values(const Group& group, const Block& block, std::vector<double>& out) const {
    return decode_values(TRY(bytes_of(block.column)).substr(block.step_bytes), group.count, out);
}

Result<void> SampleBlocks::steps(const Group& group, const Block& block,
                                 std::vector<std::optional<std::int64_t>>& out) const {
    out.clear();
    if (block.step_bytes == 0) return {};
    Bytes in(TRY(bytes_of(block.column)).substr(0, block.step_bytes));
    const bool all = in.raw<std::uint8_t>() == 1;
    const std::string_view present = all ? std::string_view() : in.text((group.count + 7) / 8);
    if (!in.good()) return fail(damaged("its steps"));
    const auto has_step = [&](std::size_t i) {
        return all || ((static_cast<unsigned char>(present[i / 8]) >> (i % 8)) & 1) != 0;
    };
    std::size_t count = 0;
    for (std::size_t i = 0; i < group.count; ++i) count += has_step(i) ? 1 : 0;
    std::vector<std::int64_t> numbers;
    TRY(decode_integers(in.rest(), count, numbers));
    out.resize(group.count);
    for (std::size_t i = 0, next = 0; i < group.count; ++i) {
        if (has_step(i)) out[i] = numbers[next++];
    }
    return {};
}

}  // namespace pintle::series
