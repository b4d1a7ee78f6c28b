#include "cli/table.hpp"

#include <algorithm>
#include <numeric>

#include "base/check.hpp"
#include "cli/visible_text.hpp"

namespace pintle::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;

std::size_t total(const std::vector<std::size_t>& widths) {
    std::size_t sum = 0;
    for (const std::size_t width : widths) sum += width == 0 ? 0 : width + kGap;
    return sum < kGap ? 0 : sum - kGap;
}

std::string aligned(const std::string& text, std::size_t shown, std::size_t width, bool right) {
    const std::string space(width > shown ? width - shown : 0, ' ');
    return right ? space + text : text + space;
}

}  // namespace

void Table::add(std::vector<Cell> row) {
    check(row.size() == columns_.size(), "a row has as many cells as the table has columns");
    rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths(const Terminal& terminal, std::size_t indent) const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        for (const auto& row : rows_) widths[c] = std::max(widths[c], display_width(terminal.plain(row[c].text)));
        if (widths[c] > 0 || columns_[c].stays) widths[c] = std::max(widths[c], display_width(columns_[c].title));
    }
    if (!terminal.is_terminal()) return widths;
    // The widest of those that may shrink gives way first.
    while (total(widths) + indent > terminal.width()) {
        std::size_t widest = columns_.size();
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            if (!columns_[c].shrinks || widths[c] <= kNarrowest) continue;
            if (widest == columns_.size() || widths[c] > widths[widest]) widest = c;
        }
        if (widest == columns_.size()) break;
        --widths[widest];
    }
    return widths;
}

void Table::print(Terminal& terminal, std::size_t indent) const {
    const std::vector<std::size_t> width = widths(terminal, indent);
    std::size_t last = 0;
    for (std::size_t c = 0; c < width.size(); ++c) {
        if (width[c] > 0) last = c;
    }
    std::string out;
    const auto put = [&](std::size_t c, const std::string& text, Style style) {
        if (width[c] == 0) return;
        const std::string cut = terminal.is_terminal() ? cut_to_width(text, width[c]) : text;
        const std::size_t padded = c == last && !columns_[c].right ? 0 : width[c];
        out += aligned(terminal.styled(style, cut), display_width(cut), padded, columns_[c].right);
        out += c == last ? "" : std::string(kGap, ' ');
    };
    const auto end_row = [&] {
        out.erase(out.find_last_not_of(' ') + 1);
        out += "\n";
    };
    out += std::string(indent, ' ');
    for (std::size_t c = 0; c < columns_.size(); ++c) put(c, columns_[c].title, Style::kDim);
    end_row();
    for (const auto& row : rows_) {
        out += std::string(indent, ' ');
        for (std::size_t c = 0; c < columns_.size(); ++c) put(c, terminal.plain(row[c].text), row[c].style);
        end_row();
    }
    terminal.write(out);
}

}  // namespace pintle::cli
