#include "metrics/event_file.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::metrics;

namespace {

std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
    return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
std::string text(int field, const std::string& bytes) {
    return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) + bytes;
}
template <class T>
std::string raw(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string fixed(int field, float value) { return varint(static_cast<std::uint64_t>(field) << 3 | 5) + raw(value); }
std::string fixed(int field, double value) { return varint(static_cast<std::uint64_t>(field) << 3 | 1) + raw(value); }

std::string event(std::int64_t step, const std::string& summary_values) {
    return fixed(1, 1700000000.25) + (step != 0 ? number(2, static_cast<std::uint64_t>(step)) : "") +
           text(5, summary_values);
}
std::string simple(const std::string& tag, float value) { return text(1, text(1, tag) + fixed(2, value)); }
std::string tensor(const std::string& tag, const std::string& tensor) {
    return text(1, text(1, tag) + text(8, tensor));
}

std::string told(const std::string& data) {
    std::string out;
    for (const ReportedValue& each : read_event(data))
        out += fmt::format("{}={}@{} ", each.name, each.value, each.step.value_or(-99));
    return out;
}

// "brain.Event:2", the first record of a file that TensorBoard's writer made.
const std::string kFirstRecord("\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22", 12);

}  // namespace

TEST_CASE("a record is whole, cut off or damaged") {
    using Kind = EventRecord::Kind;
    const std::string record = make_event_record("some bytes");
    CHECK(record.size() == 26);
    const std::string longer = record + "more";
    const EventRecord whole = read_event_record(longer);
    CHECK(whole.kind == Kind::kWhole);
    CHECK(whole.data == "some bytes");
    CHECK(whole.size == 26);
    for (std::size_t size = 0; size < record.size(); ++size)
        CHECK(read_event_record(record.substr(0, size)).kind == Kind::kCutOff);
    for (std::size_t at = 0; at < record.size(); ++at) {
        std::string damaged = record;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        CHECK(read_event_record(damaged).kind == Kind::kDamaged);
    }
    CHECK(read_event_record(make_event_record(std::string(kEventRecordMax + 1, 'x')).substr(0, 100)).kind ==
          Kind::kTooLarge);
    // The check sum as others compute it.
    CHECK(read_event_record(kFirstRecord).kind == Kind::kCutOff);
}

TEST_CASE("an event's scalars are told with step and time, however they are kept") {
    CHECK(told(event(10, simple("loss", 0.5F) + simple("acc", 0.25F))) == "loss=0.5@10 acc=0.25@10 ");
    CHECK(read_event(event(1, simple("loss", 1)))[0].at == time_from_ms(1700000000250));
    CHECK(told(event(0, simple("loss", 2))) == "loss=2@0 ");
    CHECK(told(event(3, tensor("a", number(1, 1) + text(2, "") + text(4, raw(0.5F))))) == "a=0.5@3 ");
    CHECK(told(event(3, tensor("a", number(1, 1) + text(5, raw(0.75F))))) == "a=0.75@3 ");
    CHECK(told(event(3, tensor("a", number(1, 1) + fixed(5, 0.75F)))) == "a=0.75@3 ");
    CHECK(told(event(3, tensor("a", number(1, 2) + text(4, raw(1.5))))) == "a=1.5@3 ");
    CHECK(told(event(3, tensor("a", number(1, 9) + text(10, varint(300))))) == "a=300@3 ");
    CHECK(told(event(3, tensor("a", number(1, 3) + number(7, 5)))) == "a=5@3 ");
    CHECK(told(event(3, tensor("a", number(1, 3) + number(7, static_cast<std::uint64_t>(-5))))) == "a=-5@3 ");
    CHECK(told(event(3, tensor("a", number(1, 19) + number(13, 0x3c00)))) == "a=1@3 ");
    CHECK(told(event(3, tensor("a", number(1, 14) + text(4, raw(std::uint16_t{0x3f80}))))) == "a=1@3 ");
    CHECK(std::isnan(read_event(event(1, simple("loss", NAN)))[0].value));
}

TEST_CASE("what is no scalar is left out") {
    CHECK(told(event(1, tensor("histogram", number(1, 2) + text(4, raw(1.5) + raw(2.5))))) == "");
    CHECK(told(event(1, tensor("words", number(1, 7) + text(8, "hello")))) == "");
    CHECK(told(event(1, text(1, text(1, "image") + text(4, "png")))) == "");
    CHECK(told(event(1, simple("", 1) + simple("bad\n", 1) + simple("ok", 1))) == "ok=1@1 ");
    CHECK(told(fixed(1, 1.0) + text(3, "brain.Event:2")) == "");
    CHECK(told("") == "");
}

TEST_CASE("bytes that are no event do no harm") {
    const std::string good = event(10, simple("loss", 0.5F));
    for (std::size_t size = 0; size < good.size(); ++size) (void)read_event(good.substr(0, size));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int value : {0, 0x7f, 0x80, 0xff}) {
            std::string bad = good;
            bad[at] = static_cast<char>(value);
            (void)read_event(bad);
        }
    }
    CHECK(told(std::string(100, '\xff')) == "");
}
