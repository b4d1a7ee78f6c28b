#include "source/listed_folders.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::source;
using std::chrono::seconds;

namespace {

std::vector<FileEntry> entries_of(const std::vector<std::string>& names) {
    std::vector<FileEntry> entries;
    for (const std::string& name : names) entries.push_back({name, FileEntry::Kind::kFile, 1, {}});
    return entries;
}

std::string names_in(const std::optional<FileListing>& page) {
    if (!page) return "unknown";
    std::string names;
    for (const FileEntry& entry : page->entries) names += entry.name + " ";
    return names + "| " + page->next;
}

constexpr ListedFolders::Moment kStart{};

}  // namespace

TEST_CASE("pages of a listed folder come in order, and what has one name stays together") {
    ListedFolders listed;
    listed.keep("f", entries_of({"d", "b", "a", "c", "b"}), kStart);
    CHECK(names_in(listed.page("f", "", 2, kStart)) == "a b b | b");
    CHECK(names_in(listed.page("f", "b", 2, kStart)) == "c d | ");
    CHECK(names_in(listed.page("f", "bb", 1, kStart)) == "c | c");
    CHECK(names_in(listed.page("f", "d", 1, kStart)) == "| ");
    CHECK(names_in(listed.page("g", "", 2, kStart)) == "unknown");
}

TEST_CASE("a listing is known for a minute, until a newer one or a change takes its place") {
    ListedFolders listed;
    listed.keep("f", entries_of({"a", "b"}), kStart);
    CHECK(names_in(listed.page("f", "a", 2, kStart + seconds(60))) == "b | ");
    CHECK(names_in(listed.page("f", "a", 2, kStart + seconds(61))) == "unknown");
    listed.keep("f", entries_of({"c"}), kStart + seconds(30));
    CHECK(names_in(listed.page("f", "a", 2, kStart + seconds(61))) == "c | ");
    listed.keep("g", entries_of({"x"}), kStart + seconds(30));
    listed.forget("f");
    CHECK(names_in(listed.page("f", "a", 2, kStart + seconds(61))) == "unknown");
    CHECK(names_in(listed.page("g", "a", 2, kStart + seconds(61))) == "x | ");
}

TEST_CASE("of very large folders the oldest go first, and one that is too large is not kept") {
    const std::vector<FileEntry> half(ListedFolders::kEntriesMost / 2, FileEntry{"n", FileEntry::Kind::kFile, 1, {}});
    ListedFolders listed;
    listed.keep("one", half, kStart);
    listed.keep("two", half, kStart + seconds(1));
    CHECK(listed.page("one", "a", 1, kStart).has_value());
    listed.keep("three", half, kStart + seconds(2));
    CHECK_FALSE(listed.page("one", "a", 1, kStart).has_value());
    CHECK(listed.page("two", "a", 1, kStart).has_value());
    CHECK(listed.page("three", "a", 1, kStart).has_value());
    const std::vector<FileEntry> too_many(ListedFolders::kEntriesMost + 1, half.front());
    listed.keep("three", too_many, kStart + seconds(3));
    CHECK_FALSE(listed.page("three", "a", 1, kStart).has_value());
    CHECK(listed.page("two", "a", 1, kStart).has_value());
}
