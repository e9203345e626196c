//! What pages show: finished texts and numbers, no rows.
