#include "source/file_page.hpp"

#include <algorithm>

namespace pintle::source {

FilePage::FilePage(std::string after, std::size_t limit)
    : after_(std::move(after)), most_(std::clamp<std::size_t>(limit, 1, SourceFiles::kPageMost)) {}

void FilePage::add(FileEntry entry) {
    ++seen_;
    if (entry.name.empty() || entry.name <= after_) return;
    std::string name = entry.name;
    found_[std::move(name)].push_back(std::move(entry));
    if (found_.size() > most_ + 1) found_.erase(std::prev(found_.end()));
}

FileListing FilePage::take() {
    FileListing listing;
    if (found_.size() > most_) {
        found_.erase(std::prev(found_.end()));
        listing.next = found_.rbegin()->first;
    }
    for (auto& [name, entries] : found_) {
        for (FileEntry& entry : entries) listing.entries.push_back(std::move(entry));
    }
    return listing;
}

}  // namespace pintle::source
