#include "engine/usage.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::engine {
namespace {

using Number = std::optional<std::int64_t>;

constexpr std::size_t kFileMax = 4 << 20;
constexpr std::int64_t kSectorBytes = 512;  // Of /proc/diskstats, whatever the disk's own.

std::string read(const std::string& path) { return os::read_file(path, kFileMax).value_or(std::string()); }

Number read_number(const std::string& path) { return parse_int(trim(read(path))); }

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::string& word : split(line, ' ')) {
        if (!word.empty()) words.push_back(std::move(word));
    }
    return words;
}

// "name 123" lines.
std::map<std::string, std::int64_t> read_table(const std::string& path) {
    std::map<std::string, std::int64_t> table;
    for (const std::string& line : split(read(path), '\n')) {
        const std::size_t space = line.find(' ');
        if (space == std::string::npos) continue;
        if (const auto value = parse_int(trim(line.substr(space + 1)))) table.emplace(line.substr(0, space), *value);
    }
    return table;
}

Number entry(const std::map<std::string, std::int64_t>& table, const std::string& name) {
    const auto found = table.find(name);
    return found == table.end() ? Number() : Number(found->second);
}

void add(Number& sum, std::int64_t value) { sum = sum.value_or(0) + value; }

// Of shared memory, which programs hold although the kernel counts it as a file's.
Number v2_memory(const std::string& folder) {
    const auto table = read_table(folder + "/memory.stat");
    const Number anonymous = entry(table, "anon");
    return anonymous ? Number(*anonymous + entry(table, "shmem").value_or(0)) : anonymous;
}

Number v1_memory(const std::string& folder) {
    const auto table = read_table(folder + "/memory.stat");
    const Number anonymous = entry(table, "total_rss");
    return anonymous ? Number(*anonymous + entry(table, "total_shmem").value_or(0)) : anonymous;
}

// "8:0 rbytes=1 wbytes=2 …"
void read_v2_disk(const std::string& folder, Usage& usage) {
    for (const std::string& line : split(read(folder + "/io.stat"), '\n')) {
        for (const std::string& word : split(line, ' ')) {
            const std::size_t equals = word.find('=');
            if (equals == std::string::npos) continue;
            const auto value = parse_int(std::string_view(word).substr(equals + 1));
            if (value && word.starts_with("rbytes=")) add(usage.disk_read_bytes, *value);
            if (value && word.starts_with("wbytes=")) add(usage.disk_written_bytes, *value);
        }
    }
}

// "8:0 Read 1", and sums without a device, which are not read.
void read_v1_disk(const std::string& folder, Usage& usage) {
    std::string text = read(folder + "/blkio.throttle.io_service_bytes_recursive");
    if (text.empty()) text = read(folder + "/blkio.throttle.io_service_bytes");
    for (const std::string& line : split(text, '\n')) {
        const std::vector<std::string> words = words_of(line);
        if (words.size() != 3) continue;
        const auto value = parse_int(words[2]);
        if (value && words[1] == "Read") add(usage.disk_read_bytes, *value);
        if (value && words[1] == "Write") add(usage.disk_written_bytes, *value);
    }
}

bool is_counted_card(const std::string& root, const std::string& name, bool any_real) {
    if (name == "lo") return false;
    // What passes through a bridge or a tunnel passes through a card as well.
    return !any_real || os::exists(fmt::format("{}/sys/class/net/{}/device", root, name));
}

struct Card {
    std::string name;
    std::int64_t received = 0;
    std::int64_t sent = 0;
};

std::vector<Card> cards_of(std::string_view net_dev) {
    std::vector<Card> cards;
    for (const std::string& line : split(net_dev, '\n')) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::vector<std::string> words = words_of(std::string_view(line).substr(colon + 1));
        if (words.size() < 9) continue;
        const auto received = parse_int(words[0]), sent = parse_int(words[8]);
        if (received && sent) cards.push_back({std::string(trim(line.substr(0, colon))), *received, *sent});
    }
    return cards;
}

void read_machine_network(const std::string& root, Usage& usage) {
    const std::vector<Card> cards = cards_of(read(root + "/proc/net/dev"));
    const bool any_real = std::any_of(cards.begin(), cards.end(), [&](const Card& card) {
        return card.name != "lo" && is_counted_card(root, card.name, true);
    });
    for (const Card& card : cards) {
        if (!is_counted_card(root, card.name, any_real)) continue;
        add(usage.network_received_bytes, card.received);
        add(usage.network_sent_bytes, card.sent);
    }
}

// Disks that are there, and not their parts or what is made of them, which would be counted twice.
void read_machine_disks(const std::string& root, Usage& usage) {
    for (const std::string& line : split(read(root + "/proc/diskstats"), '\n')) {
        const std::vector<std::string> words = words_of(line);
        if (words.size() < 10 || !os::exists(fmt::format("{}/sys/block/{}/device", root, words[2]))) continue;
        const auto read_sectors = parse_int(words[5]), written_sectors = parse_int(words[9]);
        if (!read_sectors || !written_sectors) continue;
        add(usage.disk_read_bytes, *read_sectors * kSectorBytes);
        add(usage.disk_written_bytes, *written_sectors * kSectorBytes);
    }
}

std::int64_t kilobytes(std::string_view meminfo, std::string_view name) {
    for (const std::string& line : split(meminfo, '\n')) {
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
        const std::vector<std::string> words = words_of(std::string_view(line).substr(name.size() + 1));
        return words.empty() ? -1 : parse_int(words[0]).value_or(-1);
    }
    return -1;
}

void read_machine_processors(const std::string& root, Usage& usage) {
    const std::string stat = read(root + "/proc/stat");
    const std::vector<std::string> words = words_of(stat.substr(0, stat.find('\n')));
    // cpu user nice system idle iowait irq softirq steal; a guest's time is in user and nice already.
    if (words.size() < 9 || words[0] != "cpu") return;
    std::int64_t busy = 0;
    for (const std::size_t field : {1U, 2U, 3U, 6U, 7U}) busy += parse_int(words[field]).value_or(0);
    usage.cpu_us = busy * (1'000'000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace

Usage cgroup_usage(const std::vector<std::string>& folders) {
    Usage usage;
    for (const std::string& folder : folders) {
        if (!usage.cpu_us) usage.cpu_us = entry(read_table(folder + "/cpu.stat"), "usage_usec");
        if (!usage.cpu_us) {
            const Number ns = read_number(folder + "/cpuacct.usage");
            if (ns) usage.cpu_us = *ns / 1000;
        }
        if (!usage.memory_bytes) usage.memory_bytes = v2_memory(folder);
        if (!usage.memory_bytes) usage.memory_bytes = v1_memory(folder);
        if (!usage.disk_read_bytes) read_v2_disk(folder, usage);
        if (!usage.disk_read_bytes) read_v1_disk(folder, usage);
    }
    return usage;
}

std::vector<std::string> cgroup_folders(std::string_view mountinfo, std::string_view process_cgroup) {
    std::vector<std::string> found;
    for (const std::string& line : split(mountinfo, '\n')) {
        // id parent major:minor root mount_point options [optional…] - type source super_options
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        const std::vector<std::string> before = split(line.substr(0, dash), ' ');
        const std::vector<std::string> after = split(line.substr(dash + 3), ' ');
        if (before.size() < 6 || after.size() < 3 || (after[0] != "cgroup" && after[0] != "cgroup2")) continue;
        const std::vector<std::string> controllers =
            after[0] == "cgroup" ? split(after[2], ',') : std::vector<std::string>();
        for (const std::string& own : split(process_cgroup, '\n')) {
            const std::size_t first = own.find(':');
            const std::size_t second = first == std::string::npos ? first : own.find(':', first + 1);
            if (second == std::string::npos) continue;
            const std::vector<std::string> names = split(own.substr(first + 1, second - first - 1), ',');
            const bool is_v2 = after[0] == "cgroup2" && own.starts_with("0::");
            const bool is_v1 = after[0] == "cgroup" && !names.front().empty() &&
                               std::find(controllers.begin(), controllers.end(), names.front()) != controllers.end();
            if (!is_v2 && !is_v1) continue;
            std::string path = own.substr(second + 1);
            if (before[3] != "/" && path.starts_with(before[3])) path.erase(0, before[3].size());
            // The top one is the whole machine.
            if (path.empty() || path == "/") continue;
            const std::string folder = replace_all(before[4], "\\040", " ") + path;
            if (os::exists(folder)) found.push_back(folder);
        }
    }
    return found;
}

void add_network(std::string_view net_dev, Usage& usage) {
    for (const Card& card : cards_of(net_dev)) {
        if (card.name == "lo") continue;
        add(usage.network_received_bytes, card.received);
        add(usage.network_sent_bytes, card.sent);
    }
}

Usage machine_usage(const std::string& root) {
    Usage usage;
    read_machine_processors(root, usage);
    const std::string meminfo = read(root + "/proc/meminfo");
    const std::int64_t total = kilobytes(meminfo, "MemTotal"), available = kilobytes(meminfo, "MemAvailable");
    if (total >= 0 && available >= 0) usage.memory_bytes = (total - available) * 1024;
    read_machine_network(root, usage);
    read_machine_disks(root, usage);
    return usage;
}

void complete(Usage& usage, const Usage& more) {
    const auto take = [](auto& mine, const auto& other) {
        if (!mine) mine = other;
    };
    take(usage.cpu_us, more.cpu_us);
    take(usage.memory_bytes, more.memory_bytes);
    take(usage.network_received_bytes, more.network_received_bytes);
    take(usage.network_sent_bytes, more.network_sent_bytes);
    take(usage.disk_read_bytes, more.disk_read_bytes);
    take(usage.disk_written_bytes, more.disk_written_bytes);
    take(usage.ended_at, more.ended_at);
}

}  // namespace pintle::engine
