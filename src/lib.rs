//! Cashier: a hosted cashier. This page is the map.
//!
//! | module | what it is | must not know |
//! |---|---|---|
//! | [`model`] | plain data both sides agree on | everything else |
//! | `pay` | the payment core: orders, payments, refunds, cases, webhooks, and its ports | HTTP, SQL, pages |
//! | `channels` | one folder per provider behind `pay::Channel` | storage, pages |
//! | `storage` | the only SQL; implements `pay::Store` | channels, HTTP, pages |
//! | `outbound` | the guarded client for addresses that merchants give; implements `pay::Notifier` | storage, channels, pages |
//! | `web` | HTTP for machines: merchant API, notices, status, operations | SQL, providers' formats |
//! | [`rpc`] | server functions, the pages' only door to `pay` | SQL, providers |
//! | [`ui`] | pages, components, islands | everything but `model` and `rpc` |
//! | `simulator` | the providers' side, for demo and tests | `pay`, `channels`, `storage` |
//! | `demo` | the demo's merchant, a shop that uses the API | everything but `model` |
//! | `cli`, `config`, `worker` | wiring | logic |
//!
//! One payment is a straight walk: `web` or `rpc` → `pay` → `channels` / `storage`.

#![recursion_limit = "256"]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test says by panicking that it failed"))]

#[cfg(feature = "ssr")]
pub mod channels;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod demo;
pub mod model;
#[cfg(feature = "ssr")]
pub mod outbound;
#[cfg(feature = "ssr")]
pub mod pay;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod simulator;
#[cfg(feature = "ssr")]
pub mod storage;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod web;
#[cfg(feature = "ssr")]
pub mod worker;

/// Wakes the islands of a page. A page is complete without it.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    ui::islands::mark_awake();
}
