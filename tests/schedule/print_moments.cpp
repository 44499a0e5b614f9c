// print_moments: reads lines "FROM UNTIL ZONE CRON", the first two in seconds since 1970, and prints for each
// the moments later than FROM and not later than UNTIL, in seconds, on a line of their own.
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "schedule/next_moment.hpp"

namespace {

using namespace batchd::schedule;

std::string moments_of(const std::string& question) {
    std::istringstream words(question);
    long from = 0, until = 0;
    std::string zone_name, line;
    words >> from >> until >> zone_name;
    std::getline(words, line);
    const auto zone = TimeZone::load(zone_name).value();
    const auto cron = Cron::parse(line).value();
    const batchd::TimePoint last{std::chrono::seconds(until)};
    std::string moments;
    for (auto moment = next_moment(cron, zone, batchd::TimePoint(std::chrono::seconds(from))); moment <= last;
         moment = next_moment(cron, zone, moment))
        moments +=
            std::to_string(std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count()) + ' ';
    return moments;
}

}  // namespace

int main() {
    for (std::string question; std::getline(std::cin, question);)
        std::cout << moments_of(question) << std::endl;
}
