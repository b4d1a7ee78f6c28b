#include "series/log_view.hpp"

#include <algorithm>

namespace pintle::series {

Result<LogView> LogView::take(const std::string& folder, SegmentBases& bases, std::atomic<std::uint64_t>& bytes_read) {
    LogView view(bytes_read);
    view.folder_ = folder;
    view.segments_ = TRY(list_segments(folder, &bases));
    return view;
}

const LogSegment& LogView::segment_at(std::uint64_t offset) const {
    const auto after =
        std::upper_bound(segments_.begin(), segments_.end(), offset,
                         [](std::uint64_t at, const LogSegment& segment) { return at < segment.begin(); });
    return after == segments_.begin() ? segments_.front() : *std::prev(after);
}

Result<std::string_view> LogView::bytes(std::uint64_t offset) {
    constexpr std::uint64_t kBufferBytes = 64 * 1024;
    if (offset >= end_offset()) return std::string_view();
    if (offset < buffer_offset_ || offset >= buffer_offset_ + buffer_.size()) {
        const LogSegment& segment = segment_at(offset);
        if (!fd_ || file_number_ != segment.number) {
            fd_ = TRY(open_segment(folder_, segment.number));
            file_number_ = segment.number;
        }
        buffer_.resize(std::min(kBufferBytes, segment.end() - offset));
        buffer_offset_ = offset;
        const auto got = read_at(fd_.get(), buffer_.data(), buffer_.size(), offset - segment.begin());
        buffer_.resize(got.value_or(0));
        if (!got) return fail(got.error());
        if (*got == 0)
            return fail(ErrorCode::kUnavailable, "the log segment {} became shorter while it was read",
                        log_path(folder_, segment.number));
        bytes_read_->fetch_add(*got, std::memory_order_relaxed);
    }
    return std::string_view(buffer_).substr(offset - buffer_offset_);
}

SegmentIndex& LogView::index_of(const LogSegment& segment) {
    if (!index_ || index_->segment() != segment.number) {
        index_ = SegmentIndex::open(folder_, segment);
        time_record_ = 0;
    }
    return *index_;
}

Result<LogPlace> LogView::walk(LogPlace from, std::uint64_t offset) {
    while (from.offset < offset) {
        const std::string_view window = TRY(bytes(from.offset));
        if (window.empty()) break;
        from = advance(from, window.substr(0, std::min<std::uint64_t>(window.size(), offset - from.offset)));
    }
    return from;
}

Result<LogPlace> LogView::walk_to_line(LogPlace from, std::uint64_t line) {
    while (from.line < line) {
        const std::string_view window = TRY(bytes(from.offset));
        if (window.empty()) break;
        const LogPlace after = advance(from, window);
        if (after.line < line) {
            from = after;
            continue;
        }
        std::size_t at = 0;
        for (; from.line < line; ++from.line) at = window.find('\n', at) + 1;
        from.offset += at;
        from.line_start = from.offset;
    }
    return from;
}

Result<LogPlace> LogView::place_at(std::uint64_t offset) {
    if (segments_.empty()) return LogPlace{};
    offset = std::clamp(offset, first_offset(), end_offset());
    SegmentIndex& index = index_of(segment_at(offset));
    return walk(index.at(index.find_offset(offset))->place, offset);
}

Result<LogPlace> LogView::line_place(std::uint64_t line) {
    const LogPlace first = first_place();
    if (segments_.empty() || line <= first.line) return first;
    const auto after = std::upper_bound(
        segments_.begin(), segments_.end(), line,
        [](std::uint64_t wanted, const LogSegment& segment) { return wanted < segment.base.place.line; });
    SegmentIndex& index = index_of(*std::prev(after));
    const LogPlace near = index.at(index.find_line(line))->place;
    if (near.line < line) return walk_to_line(near, line);
    const std::uint64_t start = std::max(near.line_start, first.offset);
    return LogPlace{start, line, near.line_start};
}

// Where a long line is cut instead of at `nominal`, so that no character is cut in two.
Result<std::uint64_t> LogView::cut_before(std::uint64_t nominal, std::uint64_t line_start) {
    std::string tail;
    for (std::uint64_t at = std::max({nominal - 3, line_start, first_offset()}); at < nominal; ++at)
        tail += TRY(bytes(at)).front();
    return nominal - unfinished_utf8(tail);
}

Result<LogPlace> LogView::piece_place(std::uint64_t offset) {
    LogPlace place = TRY(place_at(offset));
    const std::uint64_t cuts = (place.offset - place.line_start) / kPieceBytes;
    const std::uint64_t nominal = place.line_start + cuts * kPieceBytes;
    if (cuts == 0 || nominal <= first_offset()) {
        place.offset = std::max(nominal, first_offset());
    } else {
        place.offset = std::max(TRY(cut_before(nominal, place.line_start)), first_offset());
    }
    return place;
}

Result<std::optional<LogPiece>> LogView::next_piece(const LogPlace& from, std::uint64_t until, bool hold_back,
                                                    std::string& text) {
    text.clear();
    std::uint64_t nominal = from.line_start + ((from.offset - from.line_start) / kPieceBytes + 1) * kPieceBytes;
    if (nominal - from.offset <= 3) nominal += kPieceBytes;  // It begins where a cut was moved back to.
    const std::uint64_t limit = std::min(nominal, until);
    LogPiece piece{from, from.offset, false};
    const auto end_line = [&](std::uint64_t newline) {
        if (text.ends_with('\r')) text.pop_back();
        piece.next_offset = newline + 1;
        piece.ends = true;
        return piece;
    };
    while (piece.next_offset < limit) {
        std::string_view window = TRY(bytes(piece.next_offset));
        if (window.empty()) break;
        window = window.substr(0, std::min<std::uint64_t>(window.size(), limit - piece.next_offset));
        const std::size_t newline = window.find('\n');
        text.append(window.substr(0, newline));
        if (newline != std::string_view::npos) return end_line(piece.next_offset + newline);
        piece.next_offset += window.size();
    }
    std::size_t held = 0;
    if (nominal < until) {
        const std::string_view window = TRY(bytes(nominal));
        if (!window.empty() && window.front() == '\n') return end_line(nominal);
        held = unfinished_utf8(text);
    } else if (hold_back) {
        held = text.ends_with('\r') ? 1 : unfinished_utf8(text);
    }
    text.resize(text.size() - held);
    piece.next_offset -= held;
    if (piece.next_offset == from.offset) return std::nullopt;
    return piece;
}

Time LogView::time_at(std::uint64_t offset) {
    if (segments_.empty()) return Time{};
    SegmentIndex& index = index_of(segment_at(offset));
    auto now = index.at(time_record_);
    if (!now || now->place.offset > offset) {
        time_record_ = index.find_offset(offset);
        now = index.at(time_record_);
    }
    constexpr std::uint64_t kFewSteps = 64;  // Offsets mostly come in order, and near to one another.
    const std::uint64_t begun = time_record_;
    for (std::uint64_t i = begun + 1; i < index.count(); ++i) {
        if (i == begun + kFewSteps) {
            time_record_ = std::max(time_record_, index.find_offset(offset));
            break;
        }
        const auto record = index.at(i);
        if (record && record->place.offset > offset) break;
        if (record) time_record_ = i;
    }
    return index.at(time_record_)->time;
}

}  // namespace pintle::series
