//! Baidu's side on its own: what it takes, what it refuses, what it tells and how it hears the answers.

mod calls;
mod orders;
mod refunds;
mod stage;
mod vectors;
