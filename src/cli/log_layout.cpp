#include "cli/log_layout.hpp"

#include <algorithm>

#include "cli/visible_text.hpp"

namespace pintle::cli {

std::string LogLayout::add(const LogPiece& piece) {
    std::string out;
    const bool goes_on = open_ && !piece.starts && piece.replica == open_replica_;
    if (!goes_on) out = finish() + head_of(piece);
    out += options_.raw || options_.to_file ? piece.text : terminal_.shown(piece.text);
    if (piece.ends) out += "\n";
    open_ = !piece.ends;
    open_replica_ = piece.replica;
    return out;
}

std::string LogLayout::finish() {
    const bool owed = open_;
    open_ = false;
    return owed ? "\n" : "";
}

std::string LogLayout::head_of(const LogPiece& piece) {
    std::string head = options_.times ? terminal_.plain(piece.at) + "  " : "";
    if (!options_.named) return head;
    const std::size_t index = index_of(piece.replica);
    const std::string name = terminal_.plain(piece.replica);
    const std::string gap(width_ - display_width(name) + 2, ' ');
    return head + (options_.to_file ? name : terminal_.tinted(index, name)) + gap;
}

std::size_t LogLayout::index_of(const std::string& replica) {
    const auto found = std::find(replicas_.begin(), replicas_.end(), replica);
    if (found != replicas_.end()) return static_cast<std::size_t>(found - replicas_.begin());
    replicas_.push_back(replica);
    width_ = std::max(width_, display_width(terminal_.plain(replica)));
    return replicas_.size() - 1;
}

}  // namespace pintle::cli
