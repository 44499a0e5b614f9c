#pragma once

#include <memory>

#include "base/disk/file.hpp"
#include "store/money/budgets.hpp"
#include "store/shared/bundles.hpp"
#include "store/shared/parts.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/batches.hpp"
#include "store/tables/commands.hpp"
#include "store/tables/jobs.hpp"
#include "store/tables/provider_calls.hpp"
#include "store/tables/repeats.hpp"
#include "store/tables/unused_files.hpp"
#include "store/tables/waiting_jobs.hpp"
#include "store/told/conditions.hpp"
#include "store/told/events.hpp"
#include "store/told/notices.hpp"
#include "store/told/targets.hpp"

namespace batchd::store {

/// The state: one connection and the tables on it, so that a change of several of them is one transaction.
/// Made by open_store; does not move, for the tables refer to the connection. I/O thread only.
struct Store {
    explicit Store(Database opened)
        : database(std::move(opened)),
          jobs(database),
          batches(database),
          parts(database),
          bundles(database),
          provider_calls(database),
          repeats(database),
          unused_files(database),
          events(database),
          commands(database),
          conditions(database),
          waiting_jobs(database),
          budgets(database),
          notices(database),
          targets(database) {}
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    Database database;  // before the tables, which are made of it and go first
    Jobs jobs;
    Batches batches;
    Parts parts;
    Bundles bundles;
    ProviderCallTable provider_calls;
    Repeats repeats;
    UnusedFiles unused_files;
    Events events;
    Commands commands;
    Conditions conditions;
    WaitingJobs waiting_jobs;
    Budgets budgets;
    Notices notices;
    Targets targets;
};

/// Opens the database at `path`, and makes it where `mode` says so. Errors: as Database::open().
Result<std::unique_ptr<Store>> open_store(const Path& path, OpenMode mode);

}  // namespace batchd::store
