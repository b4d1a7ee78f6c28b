#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/synchronized.hpp"
#include "source/source_files.hpp"

namespace pintle::source {

/// Folders of servers that tell only all of a folder, as they were listed a moment ago: so the pages after the first
/// need not list it again. Who begins with the first page always sees what is there now.
///
/// Thread safe. Holds so many entries at most; the listings that were made first go first.
class ListedFolders {
public:
    using Moment = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kEntriesMost = 200'000;
    static constexpr std::chrono::seconds kAgeMost{60};

    /// Of the folder that `key` stands for. Nothing where it was not listed, or too long ago.
    [[nodiscard]] std::optional<FileListing> page(const std::string& key, const std::string& after, std::size_t limit,
                                                  Moment now) const;
    /// Takes the place of what was kept of the folder. Entries may come in any order; more than kEntriesMost are not
    /// kept.
    void keep(const std::string& key, std::vector<FileEntry> entries, Moment now);
    /// Something was put or removed in folders whose keys begin so.
    void forget(const std::string& key_begin);

private:
    struct Listing {
        std::string key;
        std::vector<FileEntry> entries;  ///< By name.
        Moment listed_at;
    };
    Synchronized<std::list<Listing>> listings_;  ///< The oldest first.
};

}  // namespace pintle::source
