#include "source/listed_folders.hpp"

#include <algorithm>
#include <iterator>

#include "source/file_page.hpp"

namespace pintle::source {

std::optional<FileListing> ListedFolders::page(const std::string& key, const std::string& after, std::size_t limit,
                                               Moment now) const {
    return listings_.with([&](const std::list<Listing>& listings) -> std::optional<FileListing> {
        const auto found =
            std::find_if(listings.begin(), listings.end(), [&](const Listing& each) { return each.key == key; });
        if (found == listings.end() || now - found->listed_at > kAgeMost) return std::nullopt;
        const auto is_before = [](const std::string& name, const FileEntry& entry) { return name < entry.name; };
        const auto begin = std::upper_bound(found->entries.begin(), found->entries.end(), after, is_before);
        FilePage page(after, limit);
        for (auto entry = begin; entry != found->entries.end() && !page.is_full(); ++entry) page.add(*entry);
        return page.take();
    });
}

void ListedFolders::forget(const std::string& key_begin) {
    listings_.with([&](std::list<Listing>& listings) {
        listings.remove_if([&](const Listing& each) { return each.key.starts_with(key_begin); });
    });
}

void ListedFolders::keep(const std::string& key, std::vector<FileEntry> entries, Moment now) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const FileEntry& a, const FileEntry& b) { return a.name < b.name; });
    // What goes is given back without the lock.
    std::list<Listing> gone;
    listings_.with([&](std::list<Listing>& listings) {
        std::size_t kept = entries.size();
        for (auto each = listings.begin(); each != listings.end();) {
            const auto next = std::next(each);
            if (each->key == key || now - each->listed_at > kAgeMost) gone.splice(gone.end(), listings, each);
            else kept += each->entries.size();
            each = next;
        }
        if (entries.size() > kEntriesMost) return;
        while (kept > kEntriesMost) {
            kept -= listings.front().entries.size();
            gone.splice(gone.end(), listings, listings.begin());
        }
        listings.push_back({key, std::move(entries), now});
    });
}

}  // namespace pintle::source
