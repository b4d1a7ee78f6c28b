#include "runtime/report_collector.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include <doctest/doctest.h>

#include "metrics/event_file.hpp"
#include "os/file.hpp"
#include "runtime/report_reader.hpp"
#include "series/log_writer.hpp"
#include "series/sample_reader.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;

namespace {

const domain::ProjectId kProject("P");
const domain::JobId kJob("01HZZZZZZZZZZZZZZZZZZZZZZZ");
const Time kBegun = time_from_ms(1'700'000'000'000);

class FixedClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return kBegun + std::chrono::seconds(5); }
};

std::string little_endian(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

/// A record with `tag` = 0.5 at the step, of the moment when the job began.
std::string an_event(const std::string& tag, char step, double seconds = 1'700'000'001) {
    const std::string value =
        "\x0a" + std::string(1, static_cast<char>(tag.size())) + tag + "\x15" + std::string("\0\0\0\x3f", 4);
    const std::string summary = "\x0a" + std::string(1, static_cast<char>(value.size())) + value;
    std::uint64_t bits = 0;
    std::memcpy(&bits, &seconds, sizeof bits);
    return metrics::make_event_record("\x09" + little_endian(bits, 8) + "\x10" + step + "\x2a" +
                                      std::string(1, static_cast<char>(summary.size())) + summary);
}

struct Bench {
    Bench() {
        plan.project = kProject;
        plan.job = kJob;
        plan.replica = "worker-0";
        plan.begun = kBegun;
        plan.log_folder = data.log_folder(kProject, kJob, "worker-0");
        REQUIRE(box.prepare(plan).has_value());
    }
    ~Bench() {
        if (collector) collector->stop();
    }

    ReportCollector& live() {
        if (!collector) collector = std::make_unique<ReportCollector>(ReportCollector::Deps{clock, store, data});
        return *collector;
    }
    [[nodiscard]] std::string file() const { return box.box() + "/values.jsonl"; }
    void write(const std::string& text) const { std::ofstream(file(), std::ios::app) << text; }
    void say(const std::string& text) const {
        auto log = series::LogWriter::open(plan.log_folder).value();
        log.append(text, kBegun);
    }
    /// Reads all that is left of the job.
    void finish() {
        std::promise<void> done;
        live().follow(box, kJob, Duration(10'000), !plan.events_root.empty());
        live().finish(kJob, [&] { done.set_value(); });
        done.get_future().wait();
    }
    /// "loss=0.3@10 …" of every series, in order.
    [[nodiscard]] std::string samples() const {
        std::string text;
        const auto all = series::SampleReader(data.sample_folder(kProject, kJob)).latest(10'000).value();
        for (const auto& [key, samples] : all) {
            for (const series::Sample& sample : samples) {
                CHECK(key.reported);
                CHECK(key.subject == "worker-0");
                text += fmt::format("{}{}={}", text.empty() ? "" : " ", key.metric, sample.value);
                if (sample.step) text += fmt::format("@{}", *sample.step);
            }
        }
        return text;
    }

    testing::TempFolder folder;
    DataFolder data = DataFolder::open(folder.path()).value();
    FixedClock clock;
    SampleStore store;
    ReportPlan plan;
    ReportBox box = ReportBox::of(data, kProject, kJob, "worker-0");
    std::unique_ptr<ReportCollector> collector;
};

}  // namespace

TEST_CASE("what a job reported is in its samples when it has ended, whatever way it took, and its box is gone") {
    Bench bench;
    const std::string source = bench.folder.path() + "/source";
    std::filesystem::create_directories(source + "/logs/validation");
    bench.plan.events_root = source;
    bench.plan.events_path = "logs";
    REQUIRE(os::remove_tree(bench.box.folder()).has_value());
    REQUIRE(bench.box.prepare(bench.plan).has_value());
    bench.write("{\"loss\": 0.5, \"step\": 1}\n{\"loss\": 0.25, \"step\": 2}");
    bench.say("hello\nstep=3 accuracy=0.75\nprinted=7");
    std::ofstream(source + "/logs/events.out.tfevents.1") << an_event("early", 1, 1'600'000'000) << an_event("tag", 4);
    std::ofstream(source + "/logs/validation/events.out.tfevents.1") << an_event("tag", 5) << "cut off";
    bench.finish();
    CHECK(bench.samples() == "accuracy=0.75@3 loss=0.5@1 loss=0.25@2 printed=7 tag=0.5@4 validation/tag=0.5@5");
    CHECK_FALSE(os::exists(bench.box.folder()));
    CHECK_FALSE(os::exists(bench.data.file("reported/P")));
}

TEST_CASE("while a job runs, a line that has no end yet is waited for") {
    Bench bench;
    bench.write("{\"a\": 1}\n{\"b\": ");
    bench.say("c=3\nd=");
    const ReportPage first = read_reports(bench.box, bench.plan, {}, false, kBegun);
    CHECK(first.values.size() == 2);
    CHECK(first.to.values == 9);
    CHECK(first.to.log == 4);
    bench.write("2}\n");
    bench.say("4\n");
    const ReportPage second = read_reports(bench.box, bench.plan, first.to, false, kBegun);
    REQUIRE(second.values.size() == 2);
    CHECK(second.values[0].name == "b");
    CHECK(second.values[1].value == 4);
    CHECK(read_reports(bench.box, bench.plan, second.to, true, kBegun).values.empty());
}

TEST_CASE("a kill at any moment neither loses a value nor counts one twice") {
    // How many samples of the page were with the disk when it came; -1: not even the note was.
    for (int written = -1; written <= 3; ++written) {
        Bench bench;
        bench.write("{\"a\": 1}\n{\"a\": 2}\n");
        bench.say("b=3\n");
        const ReportPage page = read_reports(bench.box, bench.plan, {}, false, kBegun);
        if (written >= 0) {
            ReportState state;
            state.to = page.to;
            state.before = {{"a", 0}, {"b", 0}};
            REQUIRE(bench.box.write_state(state).has_value());
            SampleStore::Batch batch;
            for (int i = 0; i < written; ++i) {
                const auto& value = page.values[static_cast<std::size_t>(i)];
                batch.push_back({{"worker-0", value.name, "", true}, {*value.at, value.value, value.step}});
            }
            REQUIRE(bench.store.add(bench.data.sample_folder(kProject, kJob), batch).has_value());
            bench.store.close(bench.data.sample_folder(kProject, kJob));
        }
        // More has come meanwhile.
        bench.write("{\"a\": 4}\n");
        bench.say("b=5\n");
        bench.live().begin({});
        bench.finish();
        CHECK_MESSAGE(bench.samples() == "a=1 a=2 a=4 b=3 b=5", written);
    }
}

TEST_CASE("a file that is cut or made anew is read from its beginning") {
    Bench bench;
    bench.write("{\"a\": 1}\n{\"a\": 2}\n");
    const ReportPlaces first = read_reports(bench.box, bench.plan, {}, false, kBegun).to;
    std::filesystem::resize_file(bench.file(), 0);
    bench.write("{\"a\": 3}\n");
    const ReportPage cut = read_reports(bench.box, bench.plan, first, false, kBegun);
    REQUIRE(cut.values.size() == 1);
    CHECK(cut.values[0].value == 3);
    std::filesystem::rename(bench.file(), bench.file() + ".1");
    bench.write("{\"a\": 4}\n{\"a\": 5}\n");
    const ReportPage fresh = read_reports(bench.box, bench.plan, cut.to, false, kBegun);
    REQUIRE(fresh.values.size() == 2);
    CHECK(fresh.values[1].value == 5);
}

TEST_CASE("links, pipes and folders in place of the file lead nowhere and keep nobody waiting") {
    Bench bench;
    const std::string secret = bench.folder.path() + "/secret";
    std::ofstream(secret) << "{\"secret\": 1}\n";
    REQUIRE(::symlink(secret.c_str(), bench.file().c_str()) == 0);
    CHECK(read_reports(bench.box, bench.plan, {}, true, kBegun).values.empty());
    std::filesystem::remove(bench.file());
    REQUIRE(::mkfifo(bench.file().c_str(), 0666) == 0);
    CHECK(read_reports(bench.box, bench.plan, {}, true, kBegun).values.empty());
    std::filesystem::remove(bench.file());
    std::filesystem::create_directory(bench.file());
    CHECK(read_reports(bench.box, bench.plan, {}, true, kBegun).values.empty());
}

TEST_CASE("event files outside of the source are not read, however a link leads there") {
    Bench bench;
    const std::string source = bench.folder.path() + "/source", other = bench.folder.path() + "/other";
    std::filesystem::create_directories(source + "/logs");
    std::filesystem::create_directories(other);
    std::ofstream(other + "/events.out.tfevents.1") << an_event("secret", 1);
    std::filesystem::create_symlink(other, source + "/logs/within");
    std::filesystem::create_symlink(other + "/events.out.tfevents.1", source + "/logs/events.out.tfevents.2");
    std::filesystem::create_symlink(other, source + "/away");
    bench.plan.events_root = source;
    for (const char* path : {"logs", "away", "logs/within", "../other", ""}) {
        bench.plan.events_path = path;
        CHECK_MESSAGE(read_reports(bench.box, bench.plan, {}, true, kBegun).values.empty(), path);
    }
}

TEST_CASE("a program that invents names without end is given a thousand") {
    Bench bench;
    std::string lines;
    for (int i = 0; i < 1200; ++i) lines += fmt::format("{{\"name{:04}\": 1}}\n", i);
    bench.write(lines + "{\"name0003\": 2}\n");
    bench.finish();
    const auto series = series::SampleReader(bench.data.sample_folder(kProject, kJob)).list().value();
    CHECK(series.size() == ReportCollector::kNamesMost);
    CHECK(series[3].samples == 2);
}

TEST_CASE("a value's own time counts where it is near to the job's") {
    Bench bench;
    bench.write(fmt::format("{{\"a\": 1, \"time\": {}}}\n{{\"b\": 1, \"time\": 12345}}\n", to_ms(kBegun) + 500));
    const ReportPage page = read_reports(bench.box, bench.plan, {}, false, kBegun + Duration(900));
    REQUIRE(page.values.size() == 2);
    CHECK(page.values[0].at == kBegun + Duration(500));
    CHECK(page.values[1].at == kBegun + Duration(900));
}

TEST_CASE("what is reported through the API is there at once, in bounds") {
    Bench bench;
    REQUIRE(bench.live().report(kProject, kJob, "worker-0", {{"loss", 0.5, 3, std::nullopt}}).has_value());
    CHECK(bench.samples() == "loss=0.5@3");
    std::vector<metrics::ReportedValue> many;
    for (int i = 0; i < 1000; ++i) many.push_back({fmt::format("n{}", i), 1, std::nullopt, std::nullopt});
    CHECK(bench.live().report(kProject, kJob, "worker-0", many).error().code == ErrorCode::kExhausted);
}
