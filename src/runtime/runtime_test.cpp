#include "runtime/runtime.hpp"

#include <optional>

#include <doctest/doctest.h>

#include "runtime/shell.hpp"
#include "testing/builders.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;
using namespace pintle::testing;

namespace {

/// Keeps what a shell hands on.
struct RecordingSink final : TurnSink {
    void reply(core::Reply reply) override { replies.push_back(std::move(reply)); }
    void carry_out(core::Effect effect) override { effects.push_back(std::move(effect)); }
    void committed(std::int64_t sequence) override { last_sequence = sequence; }

    std::vector<core::Reply> replies;
    std::vector<core::Effect> effects;
    std::int64_t last_sequence = 0;
};

core::Input create(std::uint64_t ticket) {
    return {core::input::CreateProject{domain::ProjectId("P"), a_project("digits", {a_task("train", {a_resource("worker")})}), "", ""}, ticket};
}

core::Input submit(std::string id, std::uint64_t ticket) {
    core::input::SubmitJob command;
    command.id = domain::JobId(std::move(id));
    command.project = domain::ProjectId("P");
    command.task = "train";
    command.by = "tester";
    return {std::move(command), ticket};
}

const Time kNow = time_from_ms(1'000'000);

}  // namespace

TEST_CASE("a commit that fails answers every command with the reason, acts on nothing, and the next turn goes on from the disk") {
    bool full = false;
    store::Store::Options options;
    options.fault = [&](store::Store::FaultPoint point) -> Result<void> {
        if (full && point == store::Store::FaultPoint::kBeforeCommit) return fail(ErrorCode::kExhausted, "the disk is full");
        return {};
    };
    const auto store = store::Store::open(std::move(options)).value();
    RecordingSink sink;
    const auto shell = Shell::recover({}, {a_node("local", 4, 8)}, *store, sink, kNow).value();
    shell->turn({create(1)}, kNow);
    REQUIRE(sink.replies.at(0).result.has_value());

    full = true;
    shell->turn({submit("A", 2), submit("B", 3)}, kNow);
    REQUIRE(sink.replies.size() == 3);
    CHECK(sink.replies[1].result.error().code == ErrorCode::kExhausted);
    CHECK(sink.replies[2].result.error().message.find("nothing was changed") != std::string::npos);
    CHECK(sink.effects.empty());

    full = false;
    shell->turn({submit("C", 4)}, kNow);
    CHECK(sink.replies.back().result.value() == "C");
    CHECK(sink.effects.size() == 1);
    CHECK(shell->wants_listing());
    CHECK(shell->core().find_job(domain::JobId("A")) == nullptr);
    CHECK(shell->core().find_job(domain::JobId("C"))->build == 1);
}

TEST_CASE("listeners of the change hub hear every publication until they leave") {
    ChangeHub hub;
    std::vector<std::int64_t> heard;
    const std::uint64_t id = hub.listen([&](std::int64_t sequence) { heard.push_back(sequence); });
    hub.publish(1);
    hub.publish(5);
    hub.forget(id);
    hub.publish(6);
    CHECK(heard == std::vector<std::int64_t>{1, 5});
    CHECK(hub.newest() == 6);
}
