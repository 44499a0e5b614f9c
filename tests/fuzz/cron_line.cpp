#include "fuzz/target.hpp"
#include "schedule/next_moment.hpp"

namespace batchd::fuzz {

/// What is accepted comes, and goes on, also where clocks are changed.
void cron_line(std::string_view input) {
    const auto cron = schedule::Cron::parse(input);
    if (!cron) {
        expect(!cron.error().context.empty(), "a line that is refused is told why");
        return;
    }
    static const auto zone = schedule::TimeZone::load("Europe/Berlin").value();
    // An hour before the clocks are put back.
    const TimePoint begin{std::chrono::sys_days(std::chrono::year(2026) / 10 / 25)};
    TimePoint last = begin;
    for (int i = 0; i < 20; ++i) {
        const TimePoint next = schedule::next_moment(*cron, zone, last);
        expect(next > last, "the next moment is later");
        expect(next - last <= std::chrono::days(8 * 366), "no schedule pauses for more than eight years");
        expect(schedule::next_moment(*cron, zone, next - Millis(1)) == next,
               "the moment is the first of all later ones");
        last = next;
    }
}

}  // namespace batchd::fuzz
