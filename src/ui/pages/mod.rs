//! Pages, a folder per area.

pub mod missing;
