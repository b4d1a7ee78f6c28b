#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pintle::source {

/// What a remote repository offers to choose from as a revision.
struct GitRevisions {
    struct Named {
        std::string name;
        std::string commit;  ///< In full.
        bool operator==(const Named&) const = default;
    };
    std::string head;             ///< The branch that its HEAD is; empty when that is no branch, or there is none.
    std::vector<Named> branches;  ///< That of HEAD first, then by name, numbers as such.
    std::vector<Named> tags;      ///< The newest version first, as far as their names tell.
    bool cut = false;             ///< There are more than were asked for.
};

/// Words for `git ls-remote` whose answer parse_revisions() understands.
[[nodiscard]] std::vector<std::string> revisions_question(const std::string& url);

/// Pure. Branches and tags whose names no source could have are left out, as are all beyond `most` of either.
[[nodiscard]] GitRevisions parse_revisions(std::string_view told, std::size_t most);

}  // namespace pintle::source
