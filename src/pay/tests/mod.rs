//! The core against a real SQLite database, a scripted provider and a clock that stands still until told.

mod audits;
mod cases;
mod channels;
mod failing;
mod interleavings;
mod messages;
mod orders;
mod payments;
mod provider;
mod redeliver;
mod refunds;
mod reversals;
mod stage;
mod tasks;
mod till;
