#pragma once

#include <map>
#include <string>
#include <vector>

#include "source/source_files.hpp"

namespace pintle::source {

/// The first names after a given one, of however many there are and in whatever order they come, without keeping the
/// others. What has one name, as an object and a folder of a bucket may, is not parted.
///
/// Threading: one thread.
class FilePage {
public:
    FilePage(std::string after, std::size_t limit);

    void add(FileEntry entry);
    /// How many were added.
    [[nodiscard]] std::size_t seen() const { return seen_; }
    /// Whether no name that sorts behind all that were added can be in it.
    [[nodiscard]] bool is_full() const { return found_.size() > most_; }
    [[nodiscard]] FileListing take();

private:
    const std::string after_;
    const std::size_t most_;
    std::size_t seen_ = 0;
    std::map<std::string, std::vector<FileEntry>> found_;
};

}  // namespace pintle::source
