#include <cstdio>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/state/open_state.hpp"
#include "daemon/state/state_owner.hpp"
#include "engine/record/event_kind.hpp"
#include "engine/recover/recovery.hpp"
#include "spool/state/state_lock.hpp"

namespace batchd {

namespace {

/// Nothing is thrown away that somebody may still want to look into.
Result<void> put_aside(const Path& database, TimePoint now) {
    const std::string ending = ".damaged-" + to_utc_text(now);
    for (const char* part : {"", "-wal", "-shm"}) {
        const Path from = database.string() + part;
        const auto there = file_exists(from);
        if (!there) return there.error();
        if (!*there) continue;
        const Path to = database.string() + ending + part;
        if (auto renamed = rename_file(from, to); !renamed) return renamed;
        std::printf("put aside: %s\n", to.c_str());
    }
    // Before the new database is made: a power cut must not bring back the damaged one in its place.
    return sync_directory(database.parent_path());
}

/// The database as it is; a new one where it is missing, empty or damaged.
Result<std::unique_ptr<store::Store>> open_or_make(const spool::Layout& layout, TimePoint now) {
    const Path database = layout.database();
    const auto there = has_database(layout);
    if (!there) return there.error();
    if (*there) {
        auto opened = store::open_store(database, store::OpenMode::read_write);
        // A database can be opened with damage in pages that the opening does not touch; whoever asks for a
        // recovery wants to know of these as well.
        const auto sound = opened ? store::Database::check(database) : Result<void>(opened.error());
        if (sound) return opened;
        // A disk that does not answer or a file that may not be read is no damage: replacing the database
        // would lose what is in it.
        if (!store::is_damage(sound.error())) return sound.error();
        std::printf("%s\n", to_string(sound.error()).c_str());
    }
    if (auto moved = put_aside(database, now); !moved) return moved.error();
    return store::open_store(database, store::OpenMode::read_write);
}

std::string summary(const engine::RecoveryReport& report) {
    if (report.open + report.ended == 0)
        return "nothing to recover: the database knows every job in work/, the outbox and rejected/";
    return count_of(report.open, "open job", "open jobs") + " and " + with_commas(report.ended) +
           " ended ones are on record again";
}

Result<engine::RecoveryReport> recover_state(const config::Settings& settings) {
    const spool::Layout layout{settings.state.directory};
    // Before anything is made: files of root would lock out the service, which runs as somebody else.
    if (auto owner = become_owner_of(settings.state.directory); !owner) return owner.error();
    const auto clock = make_system_clock();
    if (auto made = make_directory(layout.work_root()); !made) return made.error();
    // The daemon holds this lock while it runs, so it is not recovered under its feet.
    const auto lock = spool::StateLock::acquire(layout.lock());
    if (!lock) return lock.error();
    auto store = open_or_make(layout, clock->now());
    if (!store) return store.error();
    auto report = engine::recover(layout, settings, **store, clock->now());
    if (report && report->open + report->ended > 0)
        // The recovery itself is done and durable; that the event of it is missing takes nothing from it.
        (void)(*store)->events.add(clock->now(), std::nullopt, "",
                                   engine::info(engine::EventKind::recovered).name, summary(*report));
    return report;
}

}  // namespace

ExitCode recover(const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto report = recover_state(loaded->settings);
    if (!report) return fail(report.error());
    for (const std::string& what : report->left)
        std::fprintf(stderr, "batchd: left as it is: %s\n", printable(what).c_str());
    std::printf("%s\n", summary(*report).c_str());
    if (report->open > 0)
        std::printf(
            "Start batchd: before it sends anything of the open jobs, it looks whether the provider has it "
            "already.\n");
    // A script learns by the code that somebody has to look at what was left.
    return report->left.empty() ? kExitFine : kExitFailed;
}

}  // namespace batchd
