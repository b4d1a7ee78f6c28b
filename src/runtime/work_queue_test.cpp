#include "runtime/work_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

using namespace pintle::runtime;
using Outcome = WorkQueue::Outcome;

TEST_CASE("what is to be begun again is, however much else there is to do") {
    WorkQueue queue(1, std::chrono::milliseconds(1));
    std::atomic<bool> is_done{false};
    const std::function<void()> chatter = [&] {
        queue.add({}, [&] {
            if (!is_done) chatter();
            return Outcome{};
        });
    };
    queue.add({}, [&, tries = 0]() mutable {
        if (++tries < 3) return Outcome{.again = true};
        is_done = true;
        return Outcome{};
    });
    chatter();
    std::thread thread([&] { queue.run(); });
    while (!is_done) std::this_thread::yield();
    queue.close();
    thread.join();
}

TEST_CASE("a queue that is closed ends although something fails again and again") {
    WorkQueue queue(2, std::chrono::milliseconds(1));
    std::promise<void> tried;
    queue.add({}, [&, is_first = true]() mutable {
        if (std::exchange(is_first, false)) tried.set_value();
        return Outcome{.again = true};
    });
    std::atomic<bool> is_done{false};
    std::thread thread([&] { queue.run(); });
    tried.get_future().wait();
    queue.add({}, [&] {
        is_done = true;
        return Outcome{};
    });
    queue.close();
    thread.join();
    CHECK(is_done);
}

TEST_CASE("what needs servers and has not begun is dropped when the queue is closed") {
    WorkQueue queue(2);
    std::atomic<int> done{0};
    queue.add({"git"}, [&] {
        done += 100;
        return Outcome{};
    });
    queue.add({}, [&] {
        done += 1;
        return Outcome{};
    });
    queue.close();
    queue.add({}, [&] {
        done += 10;
        return Outcome{};
    });
    queue.run();
    CHECK(done == 1);
}
