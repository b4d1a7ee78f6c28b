#include "cli/terminal.hpp"

#include <array>

#include "base/text.hpp"
#include "cli/visible_text.hpp"

namespace pintle::cli {
namespace {

std::string_view code_of(Style style) {
    switch (style) {
        case Style::kPlain: return "";
        case Style::kBold: return "1";
        case Style::kDim: return "2";
        case Style::kGood: return "32";
        case Style::kBad: return "31";
        case Style::kBusy: return "36";
        case Style::kNote: return "33";
    }
    return "";
}

std::string painted(std::string_view code, std::string_view text) {
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace

Terminal::Terminal(const CliDeps& deps, bool color) : deps_(deps), color_(color) {}

void Terminal::write(std::string_view text) {
    if (progress_shown_) end_progress();
    if (broken_ == 0 && !text.empty()) broken_ = deps_.out(text);
}

void Terminal::line(std::string_view text) { write(std::string(text) + "\n"); }

void Terminal::error_line(std::string_view text) {
    if (progress_shown_) end_progress();
    (void)deps_.err(std::string(text) + "\n");
}

std::string Terminal::shown(std::string_view text) const {
    if (!deps_.out_is_terminal) return std::string(text);
    return make_visible(text, color_ ? Colors::kKeep : Colors::kDrop);
}

std::string Terminal::plain(std::string_view text) const {
    return make_visible(replace_all(std::string(text), "\t", " "), Colors::kDrop);
}

std::string Terminal::shown_as_error(std::string_view text) const {
    if (!deps_.err_is_terminal) return std::string(text);
    std::vector<std::string> lines = split(text, '\n');
    for (std::string& each : lines) each = make_visible(each, Colors::kDrop);
    return join(lines, "\n");
}

std::string Terminal::styled(Style style, std::string_view text) const {
    if (!color_ || style == Style::kPlain || text.empty()) return std::string(text);
    return painted(code_of(style), text);
}

std::string Terminal::tinted(std::size_t n, std::string_view text) const {
    constexpr std::array kTints{"36", "35", "34", "33", "32", "96", "95", "94"};
    return color_ ? painted(kTints[n % kTints.size()], text) : std::string(text);
}

void Terminal::progress(std::string_view text) {
    if (!deps_.err_is_terminal) return;
    (void)deps_.err("\r\x1b[K" + cut_to_width(make_visible(text, Colors::kDrop), width()));
    progress_shown_ = true;
}

void Terminal::end_progress() {
    if (progress_shown_) (void)deps_.err("\r\x1b[K");
    progress_shown_ = false;
}

}  // namespace pintle::cli
