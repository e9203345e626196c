//! The demo's merchant: a small shop at `/demo` that sells teapots through the real API and receives real webhooks.
//!
//! It is what a merchant would write, so it knows the merchant API's documents and nothing of ours: not `pay`, `storage`,
//! `channels` or `rpc`. `cli::demo` gives it an app's keys and mounts it.

mod merchant;
mod pages;
mod shop;

pub use merchant::Merchant;
pub use shop::{Shop, router};
