//! JD's side alone: its vectors, what it refuses, and what it tells.

mod cashier;
mod services;
mod stage;
mod vectors;
