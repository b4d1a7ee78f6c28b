#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/deps.hpp"

namespace pintle::cli {

enum class Style { kPlain, kBold, kDim, kGood, kBad, kBusy, kNote };

/// Where a command writes: colours and control characters are decided here and nowhere else.
///
/// Threading: one thread. Ownership: borrows the deps. Failure: a write that fails is remembered in broken(), and
/// everything after it is dropped; run_cli() tells the user in the end.
class Terminal {
public:
    Terminal(const CliDeps& deps, bool color);

    /// As it is. For text of our own making and for data that is not shown on a terminal.
    void write(std::string_view text);
    void line(std::string_view text = "");
    void error_line(std::string_view text);

    /// Text from elsewhere: on a terminal harmless, else as it is.
    [[nodiscard]] std::string shown(std::string_view text) const;
    /// The same without colours of its own, on one line, whatever standard output is.
    [[nodiscard]] std::string plain(std::string_view text) const;
    /// The same for standard error.
    [[nodiscard]] std::string shown_as_error(std::string_view text) const;
    [[nodiscard]] std::string styled(Style style, std::string_view text) const;
    /// The nth of a few colours that tell replicas apart.
    [[nodiscard]] std::string tinted(std::size_t n, std::string_view text) const;

    /// A line on standard error that the next one overwrites; nothing when that is not a terminal.
    void progress(std::string_view text);
    void end_progress();

    [[nodiscard]] bool is_terminal() const { return deps_.out_is_terminal; }
    [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(deps_.width); }
    /// The errno of the first failed write to standard output; 0 when there was none.
    [[nodiscard]] int broken() const { return broken_; }

private:
    const CliDeps& deps_;
    const bool color_;
    bool progress_shown_ = false;
    int broken_ = 0;
};

}  // namespace pintle::cli
