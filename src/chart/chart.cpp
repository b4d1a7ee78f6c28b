#include "chart/chart.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace pintle::chart {

namespace {

using series::Bucket;
using series::SeriesKey;
using Buckets = std::vector<Bucket>;

/// The series of one chart.
struct Group {
    std::string name;
    bool reported = false;
    std::vector<SeriesKey> keys;
};

int place_of(const std::string& name) {
    const auto known = known_metrics();
    const Metric* metric = find_metric(name);
    return metric == nullptr ? static_cast<int>(known.size()) : static_cast<int>(metric - known.data());
}

std::vector<Group> group(const std::set<SeriesKey>& keys) {
    std::map<std::tuple<bool, int, std::string>, Group> groups;
    for (const SeriesKey& key : keys) {
        Group& of_name = groups[{key.reported, key.reported ? 0 : place_of(key.metric), key.metric}];
        of_name.name = key.metric;
        of_name.reported = key.reported;
        of_name.keys.push_back(key);
    }
    std::vector<Group> list;
    for (auto& [place, of_name] : groups) list.push_back(std::move(of_name));
    return list;
}

// Which curve of its chart a series is a part of.
std::pair<std::string, std::string> curve_of(const SeriesKey& key, Detail detail) {
    if (key.reported || detail == Detail::kDevice) return {key.subject, key.device};
    return {detail == Detail::kReplica ? key.subject : "", ""};
}

// By the numbers in them too: worker-2 comes before worker-10.
bool reads_before(const std::string& a, const std::string& b) {
    const auto stem = [](const std::string& text) { return text.substr(0, text.find_last_not_of("0123456789") + 1); };
    const std::string stem_a = stem(a), stem_b = stem(b);
    if (stem_a != stem_b) return stem_a < stem_b;
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

Result<std::vector<Buckets>> read_all(const std::vector<series::SampleReader>& folders,
                                      const std::vector<SeriesKey>& keys, const Frame& frame) {
    std::vector<std::vector<Buckets>> parts(keys.size());
    for (const series::SampleReader& folder : folders) {
        auto lists = TRY(folder.read(keys, {frame.from, frame.to, frame.width}));
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!lists[i].empty()) parts[i].push_back(std::move(lists[i]));
        }
    }
    std::vector<Buckets> pooled;
    for (auto& part : parts) pooled.push_back(part.size() == 1 ? std::move(part.front()) : pool(part));
    return pooled;
}

/// Each value as a point of its own, also of several in one moment: quick steps of a program are all kept.
Result<std::vector<Buckets>> read_each(const std::vector<series::SampleReader>& folders,
                                       const std::vector<SeriesKey>& keys, const Frame& frame) {
    std::vector<Buckets> points(keys.size());
    for (const series::SampleReader& folder : folders) {
        const auto lists = TRY(folder.samples(keys, frame.from, frame.to));
        for (std::size_t i = 0; i < keys.size(); ++i) {
            for (const series::Sample& sample : lists[i]) {
                if (std::isfinite(sample.value))
                    points[i].push_back({sample.at, sample.value, sample.value, sample.value, 1, sample.step});
            }
        }
    }
    for (Buckets& list : points)
        std::stable_sort(list.begin(), list.end(), [](const Bucket& a, const Bucket& b) { return a.start < b.start; });
    return points;
}

Chart draw_one(const Group& of_name, const Frame& frame, Detail detail, std::map<SeriesKey, Buckets>& buckets) {
    Chart chart{of_name.name, of_name.reported, frame, {}};
    std::map<std::pair<std::string, std::string>, std::vector<Buckets>> curves;
    for (const SeriesKey& key : of_name.keys) {
        Buckets& points = buckets[key];
        if (!points.empty()) curves[curve_of(key, detail)].push_back(std::move(points));
    }
    const Metric* metric = of_name.reported ? nullptr : find_metric(of_name.name);
    for (auto& [what, lists] : curves) {
        chart.curves.push_back(
            {what.first, what.second, join(metric == nullptr ? JoinedBy::kMean : metric->joined_by, lists)});
    }
    std::stable_sort(chart.curves.begin(), chart.curves.end(),
                     [](const Curve& a, const Curve& b) { return reads_before(a.replica, b.replica); });
    return chart;
}

std::size_t count_curves(const std::vector<Group>& groups, Detail detail, bool reported) {
    std::set<std::tuple<std::string, std::string, std::string>> curves;
    for (const Group& of_name : groups) {
        if (of_name.reported != reported) continue;
        for (const SeriesKey& key : of_name.keys) {
            const auto [replica, device] = curve_of(key, detail);
            curves.insert({of_name.name, replica, device});
        }
    }
    return curves.size();
}

}  // namespace

std::vector<Bucket> pool(const std::vector<Buckets>& lists) {
    std::map<Time, Bucket> joined;
    for (const Buckets& list : lists) {
        for (const Bucket& bucket : list) {
            const auto [found, fresh] = joined.try_emplace(bucket.start, bucket);
            if (fresh) continue;
            Bucket& into = found->second;
            const auto before = static_cast<double>(into.count), more = static_cast<double>(bucket.count);
            into.mean = (into.mean * before + bucket.mean * more) / (before + more);
            into.min = std::min(into.min, bucket.min);
            into.max = std::max(into.max, bucket.max);
            into.count += bucket.count;
            if (bucket.step) into.step = bucket.step;
        }
    }
    Buckets all;
    for (auto& [start, bucket] : joined) all.push_back(bucket);
    return all;
}

std::vector<Bucket> join(JoinedBy joined_by, const std::vector<Buckets>& lists) {
    if (lists.size() == 1) return lists.front();
    struct Joined {
        Bucket bucket;
        double parts = 0;
    };
    std::map<Time, Joined> joined;
    for (const Buckets& list : lists) {
        for (const Bucket& bucket : list) {
            const auto [found, fresh] = joined.try_emplace(bucket.start, Joined{bucket, 1});
            if (fresh) continue;
            Bucket& into = found->second.bucket;
            ++found->second.parts;
            into.mean += bucket.mean;
            into.count += bucket.count;
            into.min = joined_by == JoinedBy::kSum ? into.min + bucket.min : std::min(into.min, bucket.min);
            into.max = joined_by == JoinedBy::kSum ? into.max + bucket.max : std::max(into.max, bucket.max);
            if (bucket.step) into.step = bucket.step;
        }
    }
    Buckets all;
    for (auto& [start, part] : joined) {
        if (joined_by == JoinedBy::kMean) part.bucket.mean /= part.parts;
        all.push_back(part.bucket);
    }
    return all;
}

Result<Charts> draw(const std::vector<series::SampleReader>& folders, const Frame& frame, const Wish& wish) {
    std::set<SeriesKey> keys;
    std::map<SeriesKey, std::uint64_t> samples;
    for (const series::SampleReader& folder : folders) {
        for (const auto& series : TRY(folder.list())) {
            if (series.first >= frame.to || series.last < frame.from) continue;
            keys.insert(series.key);
            samples[series.key] += series.samples;
        }
    }
    Charts charts;
    std::vector<Group> groups = group(keys);
    for (const Group& of_name : groups) charts.names.push_back(of_name.name);
    charts.names.erase(std::unique(charts.names.begin(), charts.names.end()), charts.names.end());
    if (!wish.metrics.empty()) {
        std::erase_if(groups, [&](const Group& of_name) {
            return std::find(wish.metrics.begin(), wish.metrics.end(), of_name.name) == wish.metrics.end();
        });
    } else if (groups.size() > kMostCharts) {
        groups.resize(kMostCharts);
        charts.has_more = true;
    }
    for (const bool reported : {false, true}) {
        const std::size_t curves = std::max<std::size_t>(1, count_curves(groups, wish.detail, reported));
        const std::size_t most = std::min(wish.most_points, kMostPointsOfAll / curves);
        Frame own = refined(frame, reported ? Duration(1) : frame.width, most);
        std::vector<SeriesKey> wanted;
        for (const Group& of_name : groups) {
            if (of_name.reported == reported) wanted.insert(wanted.end(), of_name.keys.begin(), of_name.keys.end());
        }
        if (wanted.empty()) continue;
        // Few values are shown as they are.
        const auto fits = [&](const SeriesKey& key) { return samples[key] <= most; };
        const bool each = reported && std::all_of(wanted.begin(), wanted.end(), fits);
        if (each) own.width = Duration(1);
        auto lists = TRY(each ? read_each(folders, wanted, own) : read_all(folders, wanted, own));
        std::map<SeriesKey, Buckets> buckets;
        for (std::size_t i = 0; i < wanted.size(); ++i) buckets[wanted[i]] = std::move(lists[i]);
        for (const Group& of_name : groups) {
            if (of_name.reported == reported) charts.charts.push_back(draw_one(of_name, own, wish.detail, buckets));
        }
    }
    return charts;
}

}  // namespace pintle::chart
