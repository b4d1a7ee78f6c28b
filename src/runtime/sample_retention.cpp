#include "runtime/sample_retention.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "os/file.hpp"

namespace pintle::runtime {
namespace {

constexpr const char* kNodes = "nodes";

std::vector<std::string> names_in(const std::string& folder) {
    return os::list_folder(folder).value_or(std::vector<std::string>());
}

Time newest_file(const std::string& folder) {
    Time newest{};
    for (const std::string& name : names_in(folder)) {
        struct stat info {};
        if (::stat((folder + "/" + name).c_str(), &info) != 0) continue;
        newest = std::max(newest, time_from_ms(std::int64_t{info.st_mtime} * 1000));
    }
    return newest;
}

}  // namespace

void drop_old_samples(const DataFolder& data, SampleStore& store, Time before, const std::set<std::string>& live) {
    const std::string root = data.file("metrics");
    for (const std::string& node : names_in(root + "/" + kNodes))
        store.drop_before(data.node_sample_folder(node), before);
    for (const std::string& project : names_in(root)) {
        if (project == kNodes) continue;
        for (const std::string& job : names_in(root + "/" + project)) {
            const std::string folder = root + "/" + project + "/" + job;
            if (live.count(folder) > 0) {
                store.drop_before(folder, before);
            } else if (newest_file(folder) < before) {
                store.close(folder);
                (void)os::remove_tree(folder);
            }
        }
    }
}

}  // namespace pintle::runtime
