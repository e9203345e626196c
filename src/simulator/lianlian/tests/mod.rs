//! LianLian's side alone: its vectors, what it refuses, and what it tells.

mod calls;
mod pages;
mod stage;
mod vectors;
